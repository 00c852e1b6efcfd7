import type { ServerResponse } from 'node:http';
import type { Log } from '../logging/log.ts';
import { Refusal } from '../model/error.ts';
import { safeJson } from '../model/inert.ts';
import { ApiError, problemOf, problemType } from './problem.ts';

/** Answers with the problem that an error is; what is no refusal is a bug, and only the log learns of it. */
export function refuse(error: unknown, response: ServerResponse, log: Log): void {
  const refusal = refusalOf(error);
  if (refusal === undefined) log.error({ error }, 'the admin API failed');
  const told = refusal ?? new Refusal('internal-error', 'Bulwark could not answer this request.', seeLog);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = told instanceof ApiError ? told.problem() : problemOf(told);
  const text = safeJson(problem);
  for (const [name, value] of Object.entries(told instanceof ApiError ? told.headers : {}))
    response.setHeader(name, value);
  response.writeHead(problem.status, {
    'Content-Type': problemType,
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

const seeLog = 'Look at the log of Bulwark, which has the error, and report it as a bug.';

/** What express and its body parser refuse, by the `type` of body-parser's errors. */
const bodyErrors: ReadonlyMap<unknown, () => ApiError> = new Map([
  ['entity.too.large', () => new ApiError('api-body-too-large', 'the body is too large.')],
  ['encoding.unsupported', () => new ApiError('api-body-type', 'the body is compressed.')],
  ['charset.unsupported', () => new ApiError('api-body-type', 'the body is not in UTF-8.')],
  ['entity.parse.failed', () => new ApiError('api-body', 'the body is not valid JSON.')],
  ['request.size.invalid', () => new ApiError('api-body', 'the body is shorter or longer than it says.')],
  ['request.aborted', () => new ApiError('api-body', 'the body did not arrive whole.')],
]);

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof URIError) return new ApiError('api-route', 'the path is not well encoded.');
  return error instanceof Error && 'type' in error ? bodyErrors.get(error.type)?.() : undefined;
}
