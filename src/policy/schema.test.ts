import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { controls } from './controls/index.ts';
import { policySchema } from './schema.ts';

const document = (spec: unknown) => ({
  apiVersion: 'bulwark/v1',
  kind: 'Policy',
  metadata: { name: 'house' },
  spec,
});

it('has each control once, under a name that rule ids can carry', () => {
  const names = controls.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z][A-Za-z]*$/.test(name))).toEqual([]);
});

describe.each(controls.map((control) => [control.name, control] as const))('control %s', (name, control) => {
  const schema = z.toJSONSchema(control.parameters, { io: 'input', unrepresentable: 'any' });
  const properties = Object.entries(schema.properties ?? {});

  it('refuses a parameter that it does not know', () => {
    expect(policySchema.safeParse(document({ controls: { [name]: { unknown: true } } })).success).toBe(false);
  });

  it('has a mode of its own, and no parameter of that name', () => {
    expect(policySchema.safeParse(document({ controls: { [name]: { mode: 'audit' } } })).success).toBe(true);
    expect(policySchema.safeParse(document({ controls: { [name]: { mode: 'off' } } })).success).toBe(false);
    expect(properties.map(([key]) => key)).not.toContain('mode');
  });

  it('describes every parameter', () => {
    expect(
      properties.filter(([, property]) => typeof property !== 'object' || !property.description),
    ).toEqual([]);
  });

  it('can be asked for without parameters', () => {
    expect(policySchema.safeParse(document({ controls: { [name]: {} } })).error).toBeUndefined();
  });
});

it.each([
  [{}, true],
  [{ profile: 'baseline' }, true],
  [{ profile: 'restricted' }, true],
  [{ profile: 'hardened' }, false],
  [{ controls: { nothing: {} } }, false],
  [{ controls: { privileged: null } }, false],
])('takes the spec %j: %s', (spec, taken) => {
  expect(policySchema.safeParse(document(spec)).success).toBe(taken);
});
