import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type CompletionItem,
  getLanguageService,
  type LanguageService,
  TextDocument,
} from 'vscode-json-languageservice';
import { parseAllDocuments } from 'yaml';
import { controls } from '../src/policy/controls/index.ts';
import { policySchemaFile } from './docs/schema.ts';

const root = join(import.meta.dirname, '..');
const uri = 'file:///x.json';
let service: LanguageService;

/** Editors of YAML ask the same library as those of JSON: the schema is put to it as they do. */
beforeAll(() => {
  service = getLanguageService({});
  const schema = JSON.parse(policySchemaFile());
  service.configure({ validate: true, schemas: [{ uri: 'schema://v1', fileMatch: ['*.json'], schema }] });
});

function parsed(text: string) {
  const document = TextDocument.create(uri, 'json', 1, text);
  return { document, json: service.parseJSONDocument(document) };
}

async function mistakes(value: unknown): Promise<readonly unknown[]> {
  const { document, json } = parsed(JSON.stringify(value));
  return (await service.doValidation(document, json)).map(({ message }) => message);
}

/** What is offered at the `|` of a text. */
async function offered(text: string): Promise<readonly CompletionItem[]> {
  const at = text.indexOf('|');
  const { document, json } = parsed(text.replace('|', ''));
  return (await service.doComplete(document, document.positionAt(at), json))?.items ?? [];
}

const labels = (items: readonly CompletionItem[]) => items.map(({ label }) => label);
const head = '{"apiVersion":"bulwark/v1","metadata":{"name":"x"},';

describe('an editor with schema/v1.json', () => {
  test('offers the kinds', async () => {
    expect(labels(await offered('{"kind": |}'))).toEqual(
      expect.arrayContaining(['"Policy"', '"Access"', '"PolicyTest"', '"Config"']),
    );
  });

  test('offers every control, with what it is about', async () => {
    const items = await offered(`${head}"kind":"Policy","spec":{"controls":{|}}}`);
    expect(labels(items).sort()).toEqual(controls.map(({ name }) => name).sort());
    for (const { documentation } of items) expect(documentation).toMatch(/\w{3,} /);
  });

  test.each(controls.map(({ name, parameters }) => [name, Object.keys(parameters.shape)] as const))(
    'offers the parameters of %s, with what they mean',
    async (name, known) => {
      const items = await offered(`${head}"kind":"Policy","spec":{"controls":{"${name}":{|}}}}`);
      expect(labels(items).sort()).toEqual([...known, 'mode'].sort());
      for (const { documentation } of items) expect(documentation).toMatch(/\w{3,} /);
    },
  );

  test.each([
    [
      'the keys of a Policy',
      '"kind":"Policy","spec":{|}}',
      ['match', 'exclude', 'mode', 'profile', 'controls'],
    ],
    ['profiles', '"kind":"Policy","spec":{"profile":|}}', ['"baseline"', '"restricted"', '"privileged"']],
    ['modes', '"kind":"Policy","spec":{"controls":{"memory":{"mode":|}}}}', ['"deny"', '"audit"', '"warn"']],
    [
      'the keys of a match',
      '"kind":"Policy","spec":{"match":{|}}}',
      ['subjects', 'actions', 'images', 'labels', 'hosts', 'containers'],
    ],
    [
      'actions',
      '"kind":"Policy","spec":{"match":{"actions":[|]}}}',
      ['"container.create"', '"container.*"', '"*"'],
    ],
    [
      'actions to grant',
      '"kind":"Access","spec":{"allow":[{"actions":[|]}]}}',
      ['"exec.start"', '"image.*"'],
    ],
    [
      'subjects',
      '"kind":"Access","spec":{"subjects":[|]}}',
      ['"*"', '"user:"', '"group:system:authenticated"'],
    ],
    ['the keys of an Exception', '"kind":"Exception","spec":{|}}', ['rules', 'match', 'reason', 'expires']],
    [
      'the keys of a case',
      '"kind":"PolicyTest","spec":{"cases":[{|}]}}',
      ['name', 'docker', 'request', 'facts', 'expect'],
    ],
    ['settings', '"kind":"Config","spec":{|}}', ['policies', 'shadow', 'hostName', 'deadline']],
  ])('offers %s', async (_, text, wanted) => {
    expect(labels(await offered(head + text))).toEqual(expect.arrayContaining(wanted));
  });

  test.each([
    ['a control that there is not', { kind: 'Policy', spec: { controls: { privilegd: {} } } }],
    ['a parameter that there is not', { kind: 'Policy', spec: { controls: { memory: { maximum: 1 } } } }],
    ['a kind that there is not', { kind: 'Polcy', spec: {} }],
    [
      'an exception without an end',
      { kind: 'Exception', spec: { rules: ['a/b'], match: { subjects: ['*'] }, reason: 'x' } },
    ],
    [
      'an action of no such form',
      { kind: 'Access', spec: { subjects: ['*'], allow: [{ actions: ['Container'] }] } },
    ],
    [
      'a subject of no such form',
      { kind: 'Access', spec: { subjects: ['alice'], allow: [{ actions: ['*'] }] } },
    ],
  ])('marks %s', async (_, document) => {
    expect(await mistakes({ apiVersion: 'bulwark/v1', metadata: { name: 'x' }, ...document })).not.toEqual(
      [],
    );
  });
});

test.each(['512m', '2GiB', '1.5g', 1024])('the unit of a size is in either case: %s', async (max) => {
  const spec = { controls: { memory: { max } } };
  const document = { apiVersion: 'bulwark/v1', kind: 'Policy', metadata: { name: 'x' }, spec };
  expect(await mistakes(document)).toEqual([]);
});

describe('shipped files', () => {
  const files = ['policies', 'docs/cookbook'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => join(folder, file)),
  );

  test.each(files)('%s is what the schema says, and names it', async (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const up = '../'.repeat(file.split('/').length - 1);
    expect(text.startsWith(`# yaml-language-server: $schema=${up}schema/v1.json\n`)).toBe(true);
    for (const document of parseAllDocuments(text)) expect(await mistakes(document.toJS())).toEqual([]);
  });
});
