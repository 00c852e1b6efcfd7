import type { z } from 'zod';
import { problemSchema } from '../admin/problem.ts';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';
import { ask } from './http.ts';

/** How long a `serve` may take to answer, in milliseconds. */
const patience = 10_000;

/**
 * What a running `serve` answers to a GET on its admin socket.
 *
 * @throws Refusal `serve-unreachable` where nobody answers, or not in the form of this version
 */
export async function askServe<A>(socket: string, path: string, schema: z.ZodType<A>): Promise<A> {
  const { status, text } = await ask(socket, { path, patience }).catch((error: Error) => {
    throw unreachable(socket, error);
  });
  const body = jsonOf(text);
  const answer = schema.safeParse(body);
  if (status === 200 && answer.success) return answer.data;
  const problem = problemSchema.safeParse(body);
  const detail = problem.success ? problem.data.detail : `its answer (${status}) is of another kind.`;
  throw new Refusal(
    'serve-unreachable',
    `the server at ${quote(socket, 4096)} does not say it: ${printable(detail)}`,
    'Use the `bulwark` of the version that runs, or restart `serve` with this one.',
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(socket: string, error: Error): Refusal {
  const code = 'code' in error ? String(error.code) : error.message;
  const at = quote(socket, 4096);
  if (code === 'EACCES' || code === 'EPERM') {
    const fix = 'Run the command as the user of `serve`, or as root.';
    return new Refusal('serve-unreachable', `the system does not let you ask the server at ${at}.`, fix);
  }
  if (code === 'ABORT_ERR') {
    const fix = 'Look at the log of Bulwark and at the load of the host; if it stays, restart `serve`.';
    return new Refusal(
      'serve-unreachable',
      `the server at ${at} does not answer within ${patience / 1000} s.`,
      fix,
    );
  }
  return new Refusal('serve-unreachable', `no server answers at ${at} (${printable(code)}).`);
}
