import { readFileSync } from 'node:fs';
import type { Requests } from './load.ts';

/** What the docker CLI made a real 28.5.2 ask its plugin, as in test/fixtures/captures. */
interface Capture {
  readonly name: string;
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `docker ps`: the request that hosts see most. */
export const read = request('ps', '/containers/json');

/** `docker inspect`, of so many containers that none is asked for again while it could be remembered. */
export const inspects: Requests = [inspect(0), ...Array.from({ length: 2999 }, (_, n) => inspect(n + 1))];

/** `docker create`: 2 kB on the wire. */
export const create = request('create', '/containers/create');

/** What dockerd tells when it has done that: the same, and its answer. */
export const created = call(capture('create', '/containers/create'), { ResponseStatusCode: 201 }, 'AuthZRes');

/** `docker ps` of somebody with a client certificate: their common name, and base64 of the PEM. */
export function readByTls(user: string, certificate: string): Buffer {
  return call(capture('ps', '/containers/json'), {
    User: user,
    UserAuthNMethod: 'TLS',
    RequestPeerCertificates: [certificate],
  });
}

/** `docker ps` of somebody with a token. */
export function readByToken(token: string): Buffer {
  const { headers, ...ps } = capture('ps', '/containers/json');
  return call({ ...ps, headers: { ...headers, 'X-Bulwark-Token': token } });
}

/** The bytes that dockerd's plugin client sends for a captured request. */
function request(name: string, path: string): Buffer {
  return call(capture(name, path));
}

function capture(name: string, path: string): Capture {
  const file = new URL('../fixtures/captures/28.5.2.jsonl', import.meta.url);
  const lines: readonly Capture[] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const found = lines.find((line) => line.name === name && line.uri.includes(path));
  if (found === undefined) throw new Error(`no capture of ${name} asks for ${path}`);
  return found;
}

function inspect(n: number): Buffer {
  const id = n.toString(16).padStart(64, '0');
  return call({ method: 'GET', uri: `/v1.50/containers/${id}/json`, headers: {} });
}

function call(
  { method, uri, headers, body }: Omit<Capture, 'name'>,
  more: object = {},
  phase: 'AuthZReq' | 'AuthZRes' = 'AuthZReq',
): Buffer {
  const message = JSON.stringify({
    RequestMethod: method,
    RequestUri: uri,
    ...(body !== undefined && { RequestBody: Buffer.from(body).toString('base64') }),
    RequestHeaders: headers,
    ...more,
  });
  const head = [
    `POST /AuthZPlugin.${phase} HTTP/1.1`,
    'Host: plugin.moby.localhost',
    'User-Agent: Go-http-client/1.1',
    `Content-Length: ${Buffer.byteLength(message)}`,
    'Accept: application/vnd.docker.plugins.v1.2+json',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${message}`);
}
