/** One body that the policy must stop, by every way in which a request can reach the daemon. */
import type { Row, Step } from '../row.ts';
import { createTarget, ordinary, post, privileged } from './build.ts';

const body = { ...ordinary, HostConfig: { Privileged: true } };
const text = JSON.stringify(body);
const json = ['Content-Type', 'application/json'] as const;

type Rest = Partial<Omit<Row, 'steps' | 'id'>>;

function way(id: string, step: Partial<Step>, rest: Rest = {}): Row {
  const steps = [post(createTarget, body, step)];
  return {
    id: `way-${id}`,
    kind: 'transport',
    stoppedAt: 'create',
    steps,
    holds: { container: privileged },
    ...rest,
  };
}

/** Another request line. */
function line(id: string, target: string, rest: Rest = {}): Row {
  return way(id, { target }, { kind: 'request line', ...rest });
}

const read = { stoppedAt: 'read' } as const;
const old = { ...read, release: '20.10', why: 'versions below 1.24 are refused from 25 on' } as const;

/** White space before the value makes it long without making it different. */
function padded(bytes: number): string {
  return ' '.repeat(bytes - text.length) + text;
}

const lines: readonly Row[] = [
  line('no-version', '/containers/create?name={me}'),
  line('v1.24', '/v1.24/containers/create?name={me}'),
  line('v1.30', '/v1.30/containers/create?name={me}'),
  line('v1.12', '/v1.12/containers/create?name={me}', old),
  line('v1.23', '/v1.23/containers/create?name={me}', old),
  line('leading-zero', '/v01.41/containers/create?name={me}', read),
  line('leading-zero-minor', '/v1.041/containers/create?name={me}', read),
  line('trailing-dot', '/v1.41./containers/create?name={me}', read),
  line('third-part', '/v1.41.0/containers/create?name={me}', read),
  line('in-between', '/v1.40.99/containers/create?name={me}', read),
  line('encoded-version', '/v1%2E41/containers/create?name={me}'),
  line('encoded-v', '/%761.41/containers/create?name={me}'),
  line('encoded-letter', '/v1.41/%63ontainers/create?name={me}'),
  line('encoded-slash', '/v1.41/containers%2fcreate?name={me}'),
  line('encoded-slash-upper', '/v1.41%2Fcontainers%2Fcreate?name={me}'),
  line('encoded-all', '/%63%6f%6e%74%61%69%6e%65%72%73/%63%72%65%61%74%65?name={me}'),
  line('absolute', 'http://docker/v1.41/containers/create?name={me}', read),
  line('absolute-other-host', 'http://example.com:80/containers/create?name={me}', read),
  line('absolute-https', 'https://docker/v1.41/containers/create?name={me}', read),
  line('fragment', '/v1.41/containers/create?name={me}&x=#y', read),
  line('fragment-auth', '/v1.41/containers/create?name={me}&x=#/auth', read),
  line('auth-at-the-end', '/v1.41/containers/create?name={me}&x=/auth'),
  line('auth-in-front', '/v1.41/containers/create?/auth&name={me}'),
  line('auth-as-name', '/v1.41/containers/create?x=/v1.41/auth&name={me}'),
  line('name-twice', '/v1.41/containers/create?name={me}&name=other', read),
  line('name-encoded', '/v1.41/containers/create?%6eame={me}'),
  line('empty-pairs', '/v1.41/containers/create?&&name={me}&'),
  line('space-in-query', '/v1.41/containers/create?name={me}&x=\u00e9', read),
];

const transports: readonly Row[] = [
  way('chunked', { framing: 'chunked' }),
  way('chunk-extension', { framing: 'chunk-extension' }),
  way('trailers', { framing: 'trailers' }),
  way('length-and-chunked', { framing: 'length-and-chunked' }),
  way('http-1.0', { http: '1.0' }),
  way('pipelined', { ahead: 'GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n' }),
  way('pipelined-body', {
    ahead:
      'POST /v1.41/containers/create?name={me} HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}',
  }),
  way('expect', { headers: [json, ['Expect', '100-continue']] }),
  way('type-upper', { headers: [['CONTENT-TYPE', 'APPLICATION/JSON']] }),
  way('type-parameters', { headers: [['Content-Type', 'application/json; charset=utf-8; x="a;b"']] }),
  way('type-tab', { headers: [['Content-Type', 'application/json\t;a=b']] }),
  way('type-twice-text-last', { headers: [json, ['Content-Type', 'text/plain']] }),
  way(
    'type-twice-form-last',
    { headers: [json, ['Content-Type', 'application/x-www-form-urlencoded']] },
    read,
  ),
  way(
    'type-twice-multipart-last',
    { headers: [json, ['Content-Type', 'multipart/form-data; boundary=x']] },
    read,
  ),
  way('type-twice-tar-last', { headers: [json, ['Content-Type', 'application/x-tar']] }),
  way('gzip-said', { headers: [json, ['Content-Encoding', 'gzip']] }),
  way('method-override', { headers: [json, ['X-HTTP-Method-Override', 'GET']] }),
  way('host-empty', { headers: [['Host', ''], json] }),
  way('below-1-mib', { body: padded(1024 * 1024 - 1) }),
  way('1-mib', { body: padded(1024 * 1024) }, { stoppedAt: { '20.10': 'read', '26.1': 'create' } }),
  way('above-1-mib', { body: padded(1024 * 1024 + 1) }, { stoppedAt: { '20.10': 'read', '26.1': 'create' } }),
  way(
    'above-1-mib-chunked',
    { body: padded(1024 * 1024 + 1), framing: 'chunked' },
    { stoppedAt: { '20.10': 'read', '26.1': 'create' } },
  ),
  way('3-mib', { body: padded(3 * 1024 * 1024) }, { stoppedAt: { '20.10': 'read', '26.1': 'create' } }),
];

export const ways: readonly Row[] = [...lines, ...transports];
