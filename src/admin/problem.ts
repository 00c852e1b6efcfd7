import { z } from 'zod';
import type { Code } from '../model/codes.ts';
import { codes } from '../model/codes.ts';
import { Refusal } from '../model/error.ts';
import { printable } from '../model/printable.ts';

/** An error as the admin API answers it: problem details of RFC 9457, with Bulwark's stable code and the way out. */
export const problemSchema = z.strictObject({
  type: z.string().describe('The place in the documentation that has the code.'),
  title: z.string().describe('What the code means.'),
  status: z.int().describe('The HTTP status once more.'),
  detail: z.string().describe('What is wrong this time.'),
  code: z.string().describe('Stays the same from release to release, see `docs/errors.md`.'),
  fix: z.string().describe('What to do.'),
  problems: z
    .array(z.strictObject({ code: z.string(), detail: z.string(), fix: z.string() }))
    .optional()
    .describe('Each of several, where there are several.'),
});

export type Problem = z.infer<typeof problemSchema>;

export const problemType = 'application/problem+json';

/** The HTTP status of each code that the API answers; of any other 500. */
const statuses: { readonly [code in Code]?: number } = {
  'api-query': 400,
  'api-body': 400,
  'ledger-cursor': 400,
  'api-token': 401,
  'api-route': 404,
  'decision-unknown': 404,
  'api-method': 405,
  'api-body-too-large': 413,
  'api-body-type': 415,
  'api-host': 421,
  'command-untried': 422,
  'api-rate': 429,
  'api-busy': 503,
  'api-slow': 503,
  'ledger-unreadable': 503,
  'ledger-locked': 503,
  'ledger-corrupt': 503,
  'ledger-newer': 503,
  'ledger-foreign': 503,
  'policies-broken': 503,
};

/** What the API answers with each of these statuses, by its codes: for its description. */
export function statusOf(code: Code): number {
  return statuses[code] ?? 500;
}

/** An answer of the API that is no success, with the headers that belong to it. */
export class ApiError extends Refusal {
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: Code, detail: string, more: { fix?: string; headers?: Readonly<Record<string, string>> } = {}) {
    super(code, detail, more.fix);
    this.headers = more.headers ?? {};
  }
}

/** The problem that a refusal is. Nothing of it is the client's own text but what was made printable. */
export function problemOf({ code, message, fix }: Pick<Refusal, 'code' | 'message' | 'fix'>): Problem {
  return {
    type: `docs/errors.md#${code}`,
    title: codes[code].means,
    status: statusOf(code),
    detail: printable(message, 2000),
    code,
    fix: printable(fix, 2000),
  };
}

/** One answer for several refusals: it is named after the first. */
export function problemOfAll(first: Refusal, others: readonly Refusal[]): Problem {
  const problems = [first, ...others].map(({ code, message, fix }) => ({
    code,
    detail: printable(message, 2000),
    fix: printable(fix, 2000),
  }));
  return { ...problemOf(first), status: 503, problems };
}
