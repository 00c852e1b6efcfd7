/** Random bodies of container.create, made along the description that `normalize` reads them by. */
import fc from 'fast-check';
import type { GoType, StructType } from '../../src/gojson/types.ts';
import { createRequest } from '../../src/normalize/describe/container.ts';
import type { Case } from './cases.ts';
import { bytesOf, type Document, type Keyed, raw, type Tree, treeOf } from './tree.ts';
import { dangerous, harmless, type Pick, type Trick } from './tricks.ts';
import { anything, keys, likely, numbers, strings } from './words.ts';

/** A random request, ready to be sent and to be read. */
export interface Body {
  readonly request: Case['request'];
  /** The tricks that were played, by name. */
  readonly tricks: readonly string[];
  /** No trick but harmless ones: Bulwark must be able to read it. */
  readonly honest: boolean;
}

/** How often a field is there that `likely` does not speak of: a struct of many fields has few of them. */
function frequency(place: string, count: number): number {
  return likely[place] ?? Math.min(0.4, 4 / count);
}

function treeFor(type: GoType, place: string): fc.Arbitrary<Tree> {
  switch (type.kind) {
    case 'string':
      return fc.constantFrom(...orElse(strings[place], ['x', ''])).map(raw);
    case 'bool':
      return fc.boolean().map(raw);
    case 'int':
    case 'float':
      return fc
        .constantFrom<number | string>(...orElse(numbers[place], [0, 1]))
        .map((number) => ({ kind: 'raw', text: String(number) }));
    case 'any':
      return fc.constantFrom(...orElse(anything[place], [null, '', 0])).map(treeOf);
    case 'list':
      return fc
        .array(treeFor(type.of, place), { minLength: place === 'Config.Cmd' ? 1 : 0, maxLength: 3 })
        .map((items) => ({ kind: 'list', items }));
    case 'map':
      return fc
        .uniqueArray(fc.tuple(fc.constantFrom(...orElse(keys[place], ['k'])), treeFor(type.of, place)), {
          maxLength: keys[place]?.length === 0 ? 0 : 2,
          selector: ([key]) => key,
        })
        .map((entries) => ({
          kind: 'map',
          members: entries.map(([key, value]) => ({ key: JSON.stringify(key), value })),
        }));
    case 'struct':
      return structOf(type);
  }
}

/** A pool that says nothing is one of nothing but the empty string, zero or null. */
function orElse<T>(pool: readonly T[] | undefined, others: readonly T[]): readonly T[] {
  return pool === undefined || pool.length === 0 ? others : pool;
}

/** The struct that a field came from, for its words: `Resources.Memory` stands in HostConfig. */
function placeOf(struct: StructType, field: string): string {
  const from = struct.embeds.find((embedded) => field in embedded.fields) ?? struct;
  return `${from.name}.${field}`;
}

function structOf(struct: StructType): fc.Arbitrary<Keyed> {
  const fields = Object.entries(struct.fields);
  const members = fields.map(([field, type]) => {
    const place = placeOf(struct, field);
    const often = Math.round(1000 * frequency(place, fields.length));
    return fc.oneof(
      { withCrossShrink: true },
      { weight: 1000 - often, arbitrary: fc.constant(undefined) },
      {
        weight: often,
        arbitrary: treeFor(type, place).map((value) => ({ key: JSON.stringify(field), value })),
      },
    );
  });
  return fc.tuple(...members).map((all) => ({
    kind: 'struct',
    members: all.filter((member) => member !== undefined),
  }));
}

const all: Readonly<Record<string, Trick>> = { ...harmless, ...dangerous };

/** Choices from a row of numbers, the same for the same numbers. */
function picker(numbers: readonly number[]): Pick {
  let at = 0;
  return (from) => {
    const number = numbers[at++ % numbers.length] ?? 0;
    return from[number % Math.max(1, from.length)];
  };
}

/** A trick by its name, and the numbers that it makes its choices from. */
interface Step {
  readonly name: string;
  readonly numbers: readonly number[];
}

function stepsOf(names: readonly string[], maxLength: number): fc.Arbitrary<readonly Step[]> {
  const step: fc.Arbitrary<Step> = fc.record({
    name: fc.constantFrom(...names),
    numbers: fc.array(fc.nat(10_000), { minLength: 6, maxLength: 6 }),
  });
  return fc.array(step, { minLength: 1, maxLength });
}

const steps = fc.oneof(
  { withCrossShrink: true },
  { weight: 3, arbitrary: fc.constant<readonly Step[]>([]) },
  { weight: 3, arbitrary: stepsOf(Object.keys(harmless), 4) },
  { weight: 4, arbitrary: stepsOf(Object.keys(dangerous), 1) },
  { weight: 2, arbitrary: stepsOf(Object.keys(all), 3) },
);

const prefixes = fc.constantFrom('/v1.41', '/v1.41', '/v1.41', '', '/v1.40', '/v1.35', '/v1.24');
const types = fc.constantFrom(
  'application/json',
  'application/json',
  'application/json; charset=utf-8',
  'Application/JSON',
);

export const bodies: fc.Arbitrary<Body> = fc
  .record({ tree: structOf(createRequest), steps, prefix: prefixes, type: types, chunked: fc.nat(20) })
  .map(({ tree, steps, prefix, type, chunked }) => {
    const body: Document = { before: '', root: structuredClone(tree), behind: '' };
    for (const { name, numbers } of steps) all[name]?.(body, picker(numbers));
    return {
      request: {
        method: 'POST',
        uri: `${prefix}/containers/create`,
        headers: { 'Content-Type': type, ...(chunked === 20 ? { 'Transfer-Encoding': 'chunked' } : {}) },
        bodyBase64: bytesOf(body).toString('base64'),
      },
      tricks: steps.map(({ name }) => name),
      honest: steps.every(({ name }) => name in harmless),
    };
  });
