import type { z } from 'zod';
import { explain, listed, noMessage } from '../policyfiles/explain.ts';
import { knownKeys } from '../policyfiles/knownkeys.ts';
import { suggest } from '../policyfiles/suggest.ts';
import { didYouMean, word } from '../policyfiles/word.ts';
import { ApiError } from './problem.ts';

/** More mistakes than these say no more. */
const most = 5;

/**
 * What a schema gives back for what a client sent; without a schema nothing is taken.
 *
 * @throws ApiError with every mistake, and for an unknown key the known one that it may mean
 */
export function validate<T>(
  schema: z.ZodType<T> | undefined,
  value: unknown,
  code: 'api-query' | 'api-body',
): T {
  // A definition without a schema has the type `undefined` for what it takes (see `route()`).
  if (schema === undefined) return nothing(value, code) as T;
  const result = schema.safeParse(value, { error: () => noMessage, reportInput: true });
  if (result.success) return result.data;
  const mistakes = result.error.issues.flatMap((issue) => words(issue, schema));
  throw new ApiError(code, mistakes.slice(0, most).map(sentence).join(' '));
}

function sentence(mistake: string): string {
  return mistake.endsWith('?') ? mistake : `${mistake}.`;
}

function nothing(value: unknown, code: 'api-query' | 'api-body'): undefined {
  const [key] = code === 'api-query' && typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (key !== undefined) throw new ApiError(code, `unknown key ${word(key)}: nothing can be chosen here.`);
  return undefined;
}

function words(issue: z.core.$ZodIssue, schema: z.ZodType): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => {
      const near = suggest(key, known);
      return hinted(`unknown key ${word(key)}`, near === undefined ? listed(known).hint : didYouMean(near));
    });
  }
  if (issue.input === undefined && issue.code === 'invalid_type')
    return [`missing key ${word(String(issue.path.at(-1) ?? 'body'))}`];
  const { message, hint } = explain(issue, undefined, schema);
  const key = issue.path.findLast((step) => typeof step === 'string');
  // A schema's own words do not name the key.
  const named = key === undefined || issue.message === noMessage ? message : `${word(key)}: ${message}`;
  return [hinted(named, hint)];
}

function hinted(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}
