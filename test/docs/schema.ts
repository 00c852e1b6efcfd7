import { z } from 'zod';
import { configSchema } from '../../src/config/file.ts';
import { routes } from '../../src/normalize/routes.ts';
import { setSchemas } from '../../src/policy/schema.ts';
import { groupKinds, nameKinds } from '../../src/policy/subjects.ts';
import { policyTestSchema } from '../../src/tools/policyTest/schema.ts';

/** What each kind of document says, for an editor that shows it. */
const kinds: Readonly<Record<string, readonly [schema: z.ZodType, means: string]>> = {
  Policy: [setSchemas.Policy, 'What a request may contain.'],
  Access: [setSchemas.Access, 'Who may call which actions.'],
  Subjects: [setSchemas.Subjects, 'Groups of those who ask.'],
  Exception: [setSchemas.Exception, 'Lets named rules pass for some, until a day.'],
  Quota: [setSchemas.Quota, 'What a subject may hold at a time. Not enforced yet.'],
  PolicyTest: [policyTestSchema, 'Cases for `bulwark test`, in a file that ends in .test.yaml.'],
  Config: [configSchema, 'The configuration of `bulwark serve`, outside the policy folders.'],
};

interface Node {
  [key: string]: unknown;
}

/** What an editor offers where a text of this kind is wanted, beside any other of its form. */
const offers: Readonly<Record<string, readonly string[]>> = {
  action: actions(),
  subject: [
    '*',
    'group:system:authenticated',
    'group:system:unauthenticated',
    'user:system:anonymous',
    ...prefixes(),
  ],
};

function actions(): string[] {
  const all = [...new Set(routes.map(({ action }) => action))].sort();
  const families = [
    ...new Set(all.filter((name) => name.includes('.')).map((name) => `${name.split('.', 1)[0]}.*`)),
  ];
  return ['*', ...families, ...all];
}

function prefixes(): string[] {
  return [...nameKinds, ...groupKinds].map((kind) => `${kind}:`);
}

/** `schema/v1.json`: JSON Schema (draft 7, which editors know best) of all documents of `bulwark/v1`. */
export function policySchemaFile(): string {
  const definitions = Object.fromEntries(
    Object.entries(kinds).map(([kind, [schema]]) => [kind, definitionOf(schema)]),
  );
  const offered = Object.fromEntries(
    Object.entries(offers).map(([title, values]) => [title, { enum: values }]),
  );
  const names = Object.keys(kinds);
  const file = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'bulwark/v1',
    description: 'Documents of Bulwark, admission control for Docker hosts.',
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: { const: 'bulwark/v1', description: 'The version of the format.' },
      kind: {
        description: 'What the document is.',
        enum: names,
        enumDescriptions: names.map((kind) => kinds[kind]?.[1]),
      },
    },
    allOf: names.map((kind) => ({
      if: { required: ['kind'], properties: { kind: { const: kind } } },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: { $ref: `#/definitions/${kind}` },
    })),
    definitions: { ...definitions, ...offered },
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

function definitionOf(schema: z.ZodType): unknown {
  const { $schema, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-7',
  }) as Node;
  return offering(json);
}

/** With what editors offer. */
function offering(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(offering);
  if (typeof node !== 'object' || node === null) return node;
  const shown = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, offering(value)]));
  const { title, type } = shown;
  if (typeof title !== 'string' || type !== 'string' || offers[title] === undefined) return shown;
  return { anyOf: [{ $ref: `#/definitions/${title}` }, shown] };
}
