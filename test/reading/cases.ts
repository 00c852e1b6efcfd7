import { readFileSync } from 'node:fs';
import type { Message } from '../../src/model/message.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Stored = { [key: string]: Json };

/** One body and what a real daemon made of it; recorded from Debian's 20.10.24 and 26.1.5 without a plugin. */
export interface Case {
  readonly id: string;
  readonly group: string;
  readonly request: {
    readonly method: string;
    readonly uri: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly bodyBase64?: string;
    readonly bodyRuns?: readonly (readonly [string, number])[];
  };
  /** A container made for this case alone. */
  readonly before?: { readonly name: string; readonly body: string };
  readonly status: number;
  readonly stored?: Stored;
}

export function casesOf(daemon: string): Case[] {
  const text = readFileSync(new URL(`../fixtures/reading/${daemon}.jsonl`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function bodyOf({ body, bodyBase64, bodyRuns }: Case['request']): Buffer | undefined {
  if (body !== undefined) return Buffer.from(body);
  if (bodyBase64 !== undefined) return Buffer.from(bodyBase64, 'base64');
  return bodyRuns && Buffer.from(bodyRuns.map(([text, times]) => text.repeat(times)).join(''));
}

/** dockerd shows a body where its first Content-Type is JSON (authz.md 6); these daemons show chunked ones too. */
function isShown(headers: Record<string, string>): boolean {
  return /^\s*application\/json\s*(;|$)/i.test(headers['Content-Type'] ?? '');
}

/** The message that dockerd would have sent for a case. */
export function messageOf({ request }: Pick<Case, 'request'>): Message {
  const { 'Transfer-Encoding': chunked, ...headers } = request.headers ?? {};
  const body = bodyOf(request);
  return {
    method: request.method,
    uri: request.uri,
    headers: chunked === undefined ? { ...headers, 'Content-Length': String(body?.length ?? 0) } : headers,
    ...(body !== undefined && isShown(headers) && { body }),
  };
}
