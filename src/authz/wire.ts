import { isUtf8 } from 'node:buffer';
import { Refusal } from '../model/error.ts';
import type { Message, ResponseMessage } from '../model/message.ts';

/**
 * The most bytes that a message may have: 32 MiB. The largest that dockerd sends is an AuthZRes message: it
 * repeats the request's body (4 MiB at most, in base64) beside the response's (64 KiB).
 */
export const messageLimit = 32 * 1024 * 1024;

/** The fields of dockerd's message that Bulwark reads, as `JSON.parse` leaves them: nothing is known of them yet. */
interface Fields {
  readonly RequestMethod?: unknown;
  readonly RequestUri?: unknown;
  readonly RequestHeaders?: unknown;
  readonly RequestBody?: unknown;
  readonly User?: unknown;
  readonly UserAuthNMethod?: unknown;
  readonly RequestPeerCertificates?: unknown;
  readonly ResponseStatusCode?: unknown;
  readonly ResponseBody?: unknown;
}

/**
 * Reads the JSON that dockerd posts to an authorization plugin, of the request phase as well as of the
 * response phase (moby `pkg/authorization/api.go`: a field that is empty is left out). Fields that are not
 * known are passed over, since a newer daemon may tell more; known ones must have the protocol's type.
 *
 * Throws a `Refusal` `message-unreadable` or `message-too-large`, whose text never repeats the message: it
 * may hold secrets.
 */
export function parseMessage(bytes: Buffer): Message {
  if (bytes.length > longestKept) return messageOf(fieldsIn(bytes));
  const key = bytes.toString('latin1');
  let message = recent.get(key);
  if (message === undefined) {
    message = messageOf(fieldsIn(bytes));
    if (message.method === 'GET' && message.body === undefined) {
      if (recent.size >= mostKept) recent.clear();
      recent.set(key, message);
    }
  }
  return message;
}

/**
 * Messages of reads by their bytes. Monitors and clients ask the same things over and over; then the same object comes
 * back, which `judge.ts` knows again (docs/decisions/0006). dockerd shows no registry credentials (20.10 to 29.7).
 */
const recent = new Map<string, Message>();
const mostKept = 100;
const longestKept = 4096;

/** Reads a message of the response phase, with what the daemon answered; as strictly as `parseMessage`. */
export function parseResponse(bytes: Buffer): ResponseMessage {
  const fields = fieldsIn(bytes);
  const { ResponseStatusCode: status } = fields;
  const responseBody = base64(fields.ResponseBody, 'ResponseBody');
  if (status !== undefined && typeof status !== 'number')
    throw unreadable('ResponseStatusCode is not a number.');
  return {
    ...messageOf(fields),
    ...(status !== undefined && { status }),
    ...(responseBody !== undefined && { responseBody }),
  };
}

function fieldsIn(bytes: Buffer): Fields {
  if (bytes.length > messageLimit) throw tooLarge();
  // A call that dockerd sends again can come without its body (authz.md, plugin protocol, 7).
  if (bytes.length === 0) throw unreadable('the message is empty.');
  // Go's encoder writes valid UTF-8 only, so other bytes are not dockerd's.
  if (!isUtf8(bytes)) throw unreadable('the message is not valid UTF-8.');
  const value = parseJson(bytes.toString('utf8'));
  if (!isObject(value)) throw unreadable('the message is not a JSON object.');
  return value;
}

function messageOf(fields: Fields): Message {
  const method = text(fields.RequestMethod, 'RequestMethod');
  const uri = text(fields.RequestUri, 'RequestUri');
  if (method === undefined || method === '') throw unreadable('the message has no RequestMethod.');
  if (uri === undefined || uri === '') throw unreadable('the message has no RequestUri.');
  const body = base64(fields.RequestBody, 'RequestBody');
  const user = text(fields.User, 'User');
  const authMethod = text(fields.UserAuthNMethod, 'UserAuthNMethod');
  const certificate = leaf(fields.RequestPeerCertificates);
  // Built step by step: spreading what is not there costs more than reading the rest.
  const message: Writable<Message> = { method, uri, headers: stringMap(fields.RequestHeaders) };
  if (body !== undefined) message.body = body;
  if (user !== undefined) message.user = user;
  if (authMethod !== undefined) message.authMethod = authMethod;
  if (certificate !== undefined) message.certificate = certificate;
  return message;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The refusal of a message over `messageLimit`. */
export function tooLarge(): Refusal {
  return new Refusal('message-too-large', `the message is larger than ${messageLimit / 1024 / 1024} MiB.`);
}

function unreadable(detail: string): Refusal {
  return new Refusal('message-unreadable', detail);
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    // V8's own words quote the text around the error, which may be a secret.
    throw unreadable('the message is not valid JSON.');
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown, field: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw unreadable(`${field} is not a string.`);
}

/** The first of a chain of certificates is the client's own. */
function leaf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const chain: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  const texts = chain.filter((one) => typeof one === 'string');
  if (texts.length < chain.length) throw unreadable('RequestPeerCertificates is not a list of strings.');
  return texts[0];
}

/** Header names come from the client: without a prototype, `constructor` and `__proto__` are names like any other. */
function stringMap(value: unknown): Readonly<Record<string, string>> {
  const map: Record<string, string> = Object.create(null);
  if (value === undefined) return map;
  if (!isObject(value)) throw unreadable('RequestHeaders is not an object.');
  const entries: [string, unknown][] = Object.entries(value);
  for (const [name, entry] of entries) {
    if (typeof entry !== 'string') throw unreadable('a header in RequestHeaders is not a string.');
    map[name] = entry;
  }
  return map;
}

/** Standard base64 with padding, as Go writes a `[]byte`. Node's decoder skips what it does not know, so the way back must give the same text. */
function base64(value: unknown, field: string): Uint8Array | undefined {
  const encoded = text(value, field);
  if (encoded === undefined) return undefined;
  const body = Buffer.from(encoded, 'base64');
  if (body.toString('base64') !== encoded) throw unreadable(`${field} is not valid base64.`);
  return body;
}
