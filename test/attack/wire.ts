/** A step's bytes, and the answers on its connection. */
import { connect } from 'node:net';
import type { Step } from './row.ts';

const chunked = new Set(['chunked', 'chunk-extension', 'trailers', 'length-and-chunked']);

/** The bytes of a step whose placeholders are filled in. */
export function toBytes(step: Step): Buffer {
  const { framing = 'length', http = '1.1' } = step;
  const body = Buffer.from(step.body ?? '');
  const headers: (readonly [string, string])[] = [...(step.headers ?? [])];
  const has = (name: string): boolean => headers.some(([key]) => key.toLowerCase() === name);
  if (!has('host')) headers.unshift(['Host', 'docker']);
  if (!has('connection')) headers.push(['Connection', 'close']);
  const sized = framing === 'length' && !(step.method === 'GET' && body.length === 0);
  if ((sized || framing === 'length-and-chunked') && !has('content-length'))
    headers.push(['Content-Length', String(body.length)]);
  if (chunked.has(framing)) headers.push(['Transfer-Encoding', 'chunked']);
  if (framing === 'trailers') headers.push(['Trailer', 'X-After']);
  const head = [
    `${step.method} ${step.target} HTTP/${http}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ].join('\r\n');
  const payload = chunked.has(framing) ? inChunks(body, framing) : body;
  return Buffer.concat([Buffer.from(step.ahead ?? ''), Buffer.from(head), payload]);
}

/** In two chunks, so that no reader can take the first for the whole. */
function inChunks(body: Buffer, framing: NonNullable<Step['framing']>): Buffer {
  const extension = framing === 'chunk-extension' ? ';a="b"' : '';
  const half = Math.ceil(body.length / 2);
  const parts = [body.subarray(0, half), body.subarray(half)].filter((part) => part.length > 0);
  const end = framing === 'trailers' ? '0\r\nX-After: 1\r\n\r\n' : '0\r\n\r\n';
  return Buffer.concat([
    ...parts.flatMap((part) => [
      Buffer.from(`${part.length.toString(16)}${extension}\r\n`),
      part,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(end),
  ]);
}

const placeholder = /\{(me|look:[^{}]+)\}/g;

/** What a step wants to be told: every `look:` in it. */
export function asked(step: Step): string[] {
  return [step.target, typeof step.body === 'string' ? step.body : ''].flatMap(askedIn);
}

export function askedIn(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, what = '']) => what).filter((what) => what !== 'me');
}

/** Fills the placeholders of a text; a value that is missing is an error of the row. */
export function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(placeholder, (whole, what: string) => {
    const value = values.get(what);
    if (value === undefined) throw new Error(`nothing is known for ${whole}`);
    return value;
  });
}

export function fillStep(step: Step, values: ReadonlyMap<string, string>): Step {
  const { body } = step;
  return {
    ...step,
    target: fill(step.target, values),
    ...(step.later !== undefined && { later: fill(step.later, values) }),
    ...(step.ahead !== undefined && { ahead: fill(step.ahead, values) }),
    ...(typeof body === 'string' && { body: fill(body, values) }),
  };
}

/** Sends the first part, and the second when an answer begins; gives what comes back up to `until`, or the end. */
export function converse(socketPath: string, step: Step, patience: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(socketPath);
    const timer = setTimeout(() => socket.destroy(), patience);
    socket.on('connect', () => socket.write(toBytes(step)));
    socket.on('data', (part) => {
      if (heard === '') socket.write(step.later ?? '');
      heard += part.toString('latin1');
      if (step.until !== undefined && heard.includes(step.until)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(heard);
    });
  });
}
