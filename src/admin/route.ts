import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Code } from '../model/codes.ts';
import { safeJson } from '../model/inert.ts';
import { type EventChunk, sendEvents } from './events.ts';
import type { Services } from './services.ts';
import { validate } from './validate.ts';

/** What a client asks for, as its schemas give it back. */
export interface Asked<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The value of `Last-Event-ID`, with which a client resumes a stream. */
  readonly lastEventId: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What a request brings before it is held against any schema. */
export type Raw = Asked<unknown, unknown, unknown>;

/** A form of answer: what the description says of it, and how a value becomes the response. */
export interface Answer<A> {
  readonly type: string;
  /** The name of the schema in the description; absent for text. */
  readonly name?: string;
  readonly schema?: z.ZodType;
  send(value: A, response: ServerResponse, signal: AbortSignal): Promise<void> | void;
}

/** A route, declared once: validation, handling and the description all come from here. */
export interface Definition<P, Q, B, A> {
  readonly method: 'GET' | 'POST';
  /** With its parameters in braces, as OpenAPI writes it. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  readonly answer: Answer<A>;
  /** Codes of errors that are this route's own. */
  readonly errors?: readonly Code[];
  /** @throws Refusal for an answer that is a problem; anything else that is thrown is a bug */
  handle(asked: Asked<P, Q, B>, services: Services): A | Promise<A>;
}

/** A route whose types are known to it alone. */
export interface Route extends Omit<Definition<unknown, unknown, unknown, never>, 'handle' | 'answer'> {
  readonly answer: Omit<Answer<never>, 'send'>;
  respond(raw: Raw, services: Services, response: ServerResponse): Promise<void>;
}

/** States a route with its types inferred from its schemas. */
export function route<P = undefined, Q = undefined, B = undefined, A = never>(
  definition: Definition<P, Q, B, A>,
): Route {
  const { handle, answer, params, query, body, ...rest } = definition;
  return {
    ...rest,
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body }),
    answer,
    async respond(raw, services, response) {
      const asked = {
        ...raw,
        params: validate(params, raw.params, 'api-query'),
        query: validate(query, raw.query, 'api-query'),
        body: validate(body, raw.body, 'api-body'),
      };
      await answer.send(await handle(asked, services), response, raw.signal);
    },
  };
}

const jsonType = 'application/json';

/** One JSON document. */
export function json<A>(name: string, schema: z.ZodType<A>): Answer<A> {
  return {
    type: jsonType,
    name,
    schema,
    send: (value, response) => write(response, jsonType, safeJson(value)),
  };
}

/** JSON that is text already, made in a process where making it holds up nobody. */
export function jsonText(name: string, schema: z.ZodType): Answer<string> {
  return { type: jsonType, name, schema, send: (text, response) => write(response, jsonType, text) };
}

export function plainText(type: string): Answer<string> {
  return { type, send: (text, response) => write(response, type, text) };
}

/** Server-sent events, whose `data` is JSON of this schema. */
export function events(name: string, schema: z.ZodType): Answer<AsyncIterable<EventChunk>> {
  return { type: 'text/event-stream', name, schema, send: sendEvents };
}

function write(response: ServerResponse, type: string, text: string): void {
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(response.req.method === 'HEAD' ? undefined : text);
}
