import { z } from 'zod';
import type { Message } from '../../model/message.ts';
import { asSubject } from '../../tools/asSubject.ts';
import { shownMessage } from '../../tools/shownMessage.ts';
import { ApiError } from '../problem.ts';
import { json, route } from '../route.ts';

const words = z
  .array(
    z
      .string()
      .max(8192, 'a word has at most 8192 characters')
      .refine((word) => !word.includes('\0'), 'a word has no zero byte'),
  )
  .min(1, 'the command has no word')
  .max(500, 'a command has at most 500 words');

const request = z.strictObject({
  method: z
    .string()
    .regex(/^[A-Z]{1,20}$/, 'a method has capital letters')
    .describe('As in `POST`.'),
  uri: z
    .string()
    .min(1, 'it must not be empty')
    .max(16_384, 'it has at most 16384 characters')
    .describe('As in `/v1.41/containers/create?name=web`.'),
  headers: z.record(z.string(), z.string()).optional().describe('Absent: those that the body needs.'),
  // It has come as JSON, so it is.
  body: z
    .unknown()
    .optional()
    .describe('A text is base64 of the bytes; anything else is the JSON of the body itself.'),
});

const asked = z
  .strictObject({
    command: words
      .optional()
      .describe('A docker command, a word each: `["docker", "run", "alpine"]`. Paths are absolute.'),
    request: request.optional().describe('A request of the Docker API, as a client sends it.'),
    as: z.string().max(2000).optional().describe('Who asks: `user:alice,group:web`. Absent: nobody known.'),
  })
  .refine(({ command, request }) => (command === undefined) !== (request === undefined), {
    error: 'give either `command` or `request`',
  });

const violation = z.strictObject({
  rule: z.string(),
  message: z.string(),
  fix: z.string(),
  value: z.string().optional(),
  source: z.strictObject({ file: z.string(), line: z.int() }).optional(),
});

const observed = violation.extend({
  mode: z.enum(['audit', 'warn', 'shadow']).optional().describe('How it watches.'),
});

const answer = z.strictObject({
  verdict: z
    .enum(['allow', 'deny', 'unknown'])
    .describe('`unknown`: the docker CLI ended before all requests were known; `ending` says how.'),
  command: z.array(z.string()).readonly().optional(),
  subject: z.strictObject({
    name: z.string(),
    groups: z.array(z.string()).readonly(),
    method: z.enum(['tls', 'token', 'none']),
  }),
  policySet: z.string().describe('Digest of the policies in force.'),
  ending: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.enum(['whole', 'buildkit', 'late', 'interrupted']) }),
      z.strictObject({ kind: z.literal('stopped'), code: z.int().nullable(), said: z.string() }),
    ])
    .optional()
    .describe('How far a command got.'),
  requests: z
    .array(
      z.strictObject({
        allow: z.boolean(),
        action: z.string(),
        operation: z.string().optional(),
        resource: z.strictObject({ kind: z.string(), ref: z.string().optional() }).optional(),
        method: z.string(),
        uri: z.string(),
        violations: z.array(violation).readonly().describe('Why it is denied; empty where it is not.'),
        observed: z
          .array(observed)
          .readonly()
          .optional()
          .describe('What it breaks of rules that only watch, which deny nothing. Absent: nothing.'),
        exceptions: z
          .array(z.string())
          .readonly()
          .optional()
          .describe('Names of the exceptions that let it off rules. Absent: none.'),
      }),
    )
    .readonly(),
});

/** What the policies in force would say to a command or a request. */
export const simulate = route({
  method: 'POST',
  path: '/v1/simulate',
  summary: 'What the policies in force would say to a docker command, or to a request.',
  description:
    'Nothing is executed, looked up or recorded. Of commands, those are refused that read or write files of the host, since the docker CLI runs on it; send their requests instead.',
  body: asked,
  answer: json('Simulation', answer),
  errors: ['command-untried', 'api-busy', 'api-slow'],
  async handle({ body, signal }, { simulations }) {
    const as = asSubject(body.as);
    if ('error' in as) throw new ApiError('api-body', `"as": ${as.error}.`);
    if (body.command !== undefined) return simulations.command(body.command, as.subject, signal);
    if (body.request !== undefined) return simulations.request(messageOf(body.request), as.subject);
    throw new ApiError('api-body', 'give either `command` or `request`.');
  },
});

/** What dockerd would tell Bulwark of this request. */
function messageOf({ method, uri, headers = {}, body }: z.output<typeof request>): Message {
  const isJson = !Object.keys(headers).some((name) => /^content-type$/i.test(name));
  const all = body !== undefined && isJson ? { ...headers, 'Content-Type': 'application/json' } : headers;
  return shownMessage(method, uri, Object.entries(all).flat(), bytesOf(body));
}

function bytesOf(body: z.output<typeof request>['body']): Uint8Array {
  if (body === undefined) return new Uint8Array(0);
  if (typeof body !== 'string') return new TextEncoder().encode(JSON.stringify(body));
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(body)) throw new ApiError('api-body', '"body" is text, but no base64.');
  return new Uint8Array(Buffer.from(body, 'base64'));
}
