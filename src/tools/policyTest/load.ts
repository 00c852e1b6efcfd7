import { dirname } from 'node:path';
import type { z } from 'zod';
import type { FileError } from '../../policyfiles/fileerror.ts';
import { fileError, findTestFiles, identityOf, isTestFile, shownName } from '../../policyfiles/find.ts';
import { type LoadResult, loadPolicySet } from '../../policyfiles/load.ts';
import { policyFormat } from '../../policyfiles/policyformat.ts';
import { readText } from '../../policyfiles/readtext.ts';
import { type Format, type ParsedDocument, parseDocuments } from '../../policyfiles/yaml.ts';
import { type PolicyTest, policyTestSchema } from './schema.ts';

/** A case with what its document says of all of them. */
export interface Case extends Omit<PolicyTest['spec']['cases'][number], 'as' | 'now'> {
  /** As shown to people. */
  readonly file: string;
  readonly line: number;
  /** The folder of the file, from which a command's paths go. */
  readonly folder: string;
  readonly as: PolicyTest['spec']['as'];
  /** Milliseconds since 1970; absent: the clock's. */
  readonly now: number | undefined;
}

/** Policies, and the cases that are held against them. */
export interface Suite {
  readonly policies: Extract<LoadResult, { ok: true }>;
  readonly cases: readonly Case[];
  /** Rules for which coverage does not ask. */
  readonly neverBroken: readonly string[];
}

/** Where the policies and the tests of a suite are. */
export interface SuitePaths {
  readonly policies: readonly string[];
  readonly tests: readonly string[];
}

/** Each folder is a suite of its own, and a test file is held against the policies of its folder. */
export function suitesOf(paths: readonly string[]): readonly SuitePaths[] {
  const suites = new Map<string, string[]>();
  for (const path of paths) {
    const policies = isTestFile(path) ? dirname(path) : path;
    suites.set(policies, [...(suites.get(policies) ?? []), path]);
  }
  return [...suites].map(([policies, tests]) => ({ policies: [policies], tests }));
}

export type SuiteResult =
  | { readonly ok: true; readonly suite: Suite }
  | { readonly ok: false; readonly errors: readonly FileError[] };

/** Reads policies and their tests: all of them whole, or every error. Tests that are not there are one. Never throws. */
export async function loadSuite({ policies, tests }: SuitePaths): Promise<SuiteResult> {
  const [set, read] = await Promise.all([loadPolicySet(policies), readTests(tests)]);
  const errors = distinct([...(set.ok ? [] : set.errors), ...read.errors]);
  if (!set.ok || errors.length > 0) return { ok: false, errors };
  if (read.documents.length === 0) return { ok: false, errors: tests.map(noTests) };
  return {
    ok: true,
    suite: {
      policies: set,
      cases: read.documents.flatMap(casesIn),
      neverBroken: read.documents.flatMap(({ value }) => value.spec.neverBroken),
    },
  };
}

const policiesElsewhere = {
  code: 'file-invalid',
  message: 'policies belong in a file that does not end in .test.yaml, for here nothing would read them',
} as const;

const testFormat: Format<PolicyTest> = {
  kinds: new Map<string, z.ZodType<PolicyTest>>([['PolicyTest', policyTestSchema]]),
  refusedKinds: new Map([...policyFormat.kinds.keys()].map((kind) => [kind, policiesElsewhere] as const)),
};

interface TestDocument extends ParsedDocument<PolicyTest> {
  readonly folder: string;
}

async function readTests(paths: readonly string[]) {
  const found = await Promise.all(paths.map(findTestFiles));
  const errors = found.flatMap((one) => one.errors);
  const documents: TestDocument[] = [];
  const seen = new Set<string>();
  for (const file of found.flatMap(({ files }) => files)) {
    const identity = await identityOf(file);
    if (seen.has(identity)) continue;
    seen.add(identity);
    const read = await readText(file);
    if ('error' in read) {
      errors.push(read.error);
      continue;
    }
    const parsed = parseDocuments(read.text, shownName(file), testFormat);
    errors.push(...parsed.errors);
    documents.push(...parsed.documents.map((document) => ({ ...document, folder: dirname(file) })));
  }
  return { errors, documents };
}

function casesIn({ value: { spec }, file, folder, keyAt }: TestDocument): readonly Case[] {
  return spec.cases.map(({ as = spec.as, now = spec.now, ...given }, index) => {
    const { line } = keyAt(['spec', 'cases', index]);
    return { ...given, file, line, folder, as, now };
  });
}

function noTests(path: string): FileError {
  const message = isTestFile(path) ? 'no document in it' : 'no test: it has no *.test.yaml directly in it';
  return fileError('test-none', path, message, 'docs/testing.md shows one');
}

/** A name that is wrong is found with the policies and with the tests. */
function distinct(errors: readonly FileError[]): readonly FileError[] {
  return [...new Map(errors.map((error) => [JSON.stringify(error), error])).values()];
}
