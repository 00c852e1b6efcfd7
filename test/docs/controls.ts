import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { AnyControl, Example, Profile } from '../../src/policy/control.ts';
import { controls } from '../../src/policy/controls/index.ts';
import { block, code, generatedFrom, table } from './markdown.ts';
import { type Schema, typeInWords } from './types.ts';

/** The page `docs/controls.md`: the reference of all controls. */
export function controlsPage(): string {
  return [generatedFrom('src/policy/controls'), intro, overview(), ...controls.map(section)]
    .join('\n\n')
    .concat('\n');
}

const intro = `# Controls

A control is a check that a Policy asks for by name, with parameters:

${block(
  'yaml',
  `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  profile: baseline
  controls:
    capabilities: { allowAdd: [NET_BIND_SERVICE], requireDrop: [ALL] }`,
)}

A control named under \`controls\` replaces the profile's control of that name in that document, with all its
parameters. A request must pass every Policy, so that one more only tightens. [profiles.md](profiles.md) says what the
profiles are for and holds them against the Pod Security Standards and the CIS Docker Benchmark.

Patterns are globs: \`*\` stands for any characters but \`/\`, \`**\` for any at all. Sizes are bytes or have a unit
as docker takes it, \`512m\` or \`2GiB\`; CPUs are decimal, \`1.5\`. The examples are run by the
tests; what one control lets pass another may deny.`;

function overview(): string {
  const rows = controls.map(({ name, flags, profiles }) => [
    `[${name}](#${name.toLowerCase()})`,
    profiles.baseline === undefined ? '' : 'yes',
    profiles.restricted === undefined ? '' : 'yes',
    flags.map(code).join(', '),
  ]);
  return table(['control', 'in baseline', 'in restricted', 'speaks of'], rows);
}

function section(control: AnyControl): string {
  const schema = z.toJSONSchema(control.parameters, { io: 'input', unrepresentable: 'any' }) as Schema;
  const { name, about, fields } = control;
  const judged = fields.length === 0 ? [] : [`Fields that it judges: ${fields.map(code).join(', ')}.`];
  const parts = [
    `## ${name}`,
    about,
    parametersTable(schema),
    inProfiles(control),
    examplesOf(control, schema),
    ...judged,
  ];
  return parts.join('\n\n');
}

/** Its values in the profiles; one that both have is written once. */
function inProfiles({ name, profiles }: AnyControl): string {
  const { baseline, restricted } = profiles;
  const value = (parameters: unknown) =>
    block('yaml', stringify({ [name]: parameters }, { lineWidth: 100, aliasDuplicateObjects: false }));
  if (baseline !== undefined && isDeepStrictEqual(baseline, restricted)) {
    return `In the profiles \`baseline\` and \`restricted\`:\n\n${value(baseline)}`;
  }
  const one = (profile: Profile, parameters: unknown) =>
    parameters === undefined
      ? `The profile \`${profile}\` does not have it.`
      : `In the profile \`${profile}\`:\n\n${value(parameters)}`;
  if (baseline === undefined && restricted === undefined) return 'No profile has it.';
  return `${one('baseline', baseline)}\n\n${one('restricted', restricted)}`;
}

function parametersTable({ properties = {} }: Schema): string {
  const rows = Object.entries(properties).map(([name, property]) => [
    code(name),
    typeInWords(property),
    property.default === undefined ? '' : code(flow(property.default)),
    property.description ?? '',
  ]);
  return table(['parameter', 'type', 'default', 'says'], rows);
}

/** The examples, those under the same parameters together and the denied ones first. */
function examplesOf({ examples, profiles }: AnyControl, schema: Schema): string {
  const groups = new Map<string, Example<unknown>[]>();
  for (const example of examples) {
    const given = givenIn(example, profiles.restricted, schema);
    groups.set(given, [...(groups.get(given) ?? []), example]);
  }
  const written = [...groups].flatMap(([given, group]) => [
    ...lines(
      `It denies, under ${given}:`,
      group.filter(({ breaks }) => breaks !== undefined),
    ),
    ...lines(
      `It lets pass, under ${given}:`,
      group.filter(({ breaks }) => breaks === undefined),
    ),
  ]);
  return written.join('\n\n');
}

/** What an example is told under: a profile, or parameters. */
function givenIn(example: Example<unknown>, restricted: unknown, schema: Schema): string {
  if (!('with' in example)) return '`baseline`';
  if (restricted !== undefined && example.with === restricted) return '`restricted`';
  return code(flow(withoutDefaults(example.with, schema)));
}

function lines(title: string, examples: readonly Example<unknown>[]): readonly string[] {
  if (examples.length === 0) return [];
  return [title, block('sh', examples.map(asTyped).join('\n'))];
}

function asTyped({ docker, request }: Example<unknown>): string {
  if (docker !== undefined) return docker;
  const body = request?.body === undefined ? '' : ` ${JSON.stringify(request.body)}`;
  return `# the request ${request?.method} ${request?.uri}${body}`;
}

/** What an administrator need not write. */
function withoutDefaults(parameters: unknown, { properties = {} }: Schema): unknown {
  const entries = Object.entries(parameters ?? {});
  return Object.fromEntries(
    entries.filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(properties[key]?.default)),
  );
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}
