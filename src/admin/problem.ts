import { z } from 'zod';
import type { Code } from '../model/codes.ts';
import { codes } from '../model/codes.ts';
import { Refusal } from '../model/error.ts';
import { remark, remarkSchema } from './remark.ts';

/** An error as the admin API answers it: problem details of RFC 9457, with Bulwark's stable code and the way out. */
export const problemSchema = z.strictObject({
  type: z.string().describe('The place in the documentation that has the code.'),
  title: z.string().describe('What the code means.'),
  status: z.int().describe('The HTTP status once more.'),
  detail: z.string().describe('What is wrong this time.'),
  code: z.string().describe('Stays the same from release to release, see `docs/errors.md`.'),
  fix: z.string().describe('What to do.'),
  problems: z.array(remarkSchema).optional().describe('Each of several, where there are several.'),
});

export type Problem = z.infer<typeof problemSchema>;

export const problemType = 'application/problem+json';

/** The HTTP status of each code that the API answers; of any other 500. */
const statuses: { readonly [code in Code]?: number } = {
  'api-query': 400,
  'api-body': 400,
  'ledger-cursor': 400,
  'owner-ambiguous': 400,
  'api-token': 401,
  'api-route': 404,
  'decision-unknown': 404,
  'subject-unknown': 404,
  'owner-unknown': 404,
  'api-method': 405,
  'api-body-too-large': 413,
  'api-body-type': 415,
  'api-host': 421,
  'command-untried': 422,
  'api-rate': 429,
  'api-busy': 503,
  'api-slow': 503,
  'account-absent': 503,
  'ledger-unreadable': 503,
  'ledger-locked': 503,
  'ledger-corrupt': 503,
  'ledger-newer': 503,
  'ledger-foreign': 503,
  'policies-broken': 503,
  'not-ready': 503,
};

/** The HTTP status of an answer with this code. */
export function statusOf(code: Code): number {
  return statuses[code] ?? 500;
}

interface More {
  readonly fix?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Each of several, where the answer is about several. */
  readonly problems?: readonly Refusal[];
}

/** An answer of the API that is no success. */
export class ApiError extends Refusal {
  readonly headers: Readonly<Record<string, string>>;
  readonly #problems: readonly Refusal[];

  constructor(code: Code, detail: string, { fix, headers = {}, problems = [] }: More = {}) {
    super(code, detail, fix);
    this.headers = headers;
    this.#problems = problems;
  }

  problem(): Problem {
    const problems = this.#problems.map(remark);
    return { ...problemOf(this), ...(problems.length > 0 && { problems }) };
  }
}

/** The problem that a refusal is. */
export function problemOf(refusal: Refusal): Problem {
  const { code } = refusal;
  const { detail, fix } = remark(refusal);
  return {
    type: `docs/errors.md#${code}`,
    title: codes[code].means,
    status: statusOf(code),
    detail,
    code,
    fix,
  };
}

/** The answer where no more of something is taken. */
export function busy(what: string): ApiError {
  return new ApiError('api-busy', `there are too many ${what} at a time.`, {
    headers: { 'Retry-After': '1' },
  });
}
