import { describe, expect, it } from 'vitest';
import { shownMessage } from './shownMessage.ts';

const body = new TextEncoder().encode('{"Image":"alpine"}');
const json = ['Content-Type', 'application/json'];

function shows(uri: string, raw: readonly string[], bytes = body): boolean {
  return shownMessage('POST', uri, raw, bytes).body !== undefined;
}

describe('shownMessage()', () => {
  it('gives names as Go writes them, and the last value of a repeated header', () => {
    const raw = ['content-type', 'text/plain', 'x-Own', '1', 'X-OWN', '2', 'Host', 'x'];
    expect(shownMessage('GET', '/v1.50/info?a=%63', raw, new Uint8Array())).toEqual({
      method: 'GET',
      uri: '/v1.50/info?a=%63',
      headers: { 'Content-Type': 'text/plain', 'X-Own': '2' },
    });
  });

  it.each(['Host', 'transfer-encoding', 'Authorization', 'X-Registry-Auth', 'x-registry-config'])(
    'leaves out %s, as dockerd does',
    (name) => {
      expect(shownMessage('GET', '/info', [name, 'SECRET'], new Uint8Array()).headers).toEqual({});
    },
  );

  // A body is shown where its first Content-Type is JSON and it is no credential, not chunked and below 1 MiB.
  it.each<[string, boolean, string, readonly string[], Uint8Array<ArrayBuffer>?]>([
    ['plain JSON', true, '/v1.50/containers/create', json],
    ['JSON with parameters', true, '/containers/create', ['Content-Type', 'Application/JSON; charset=utf-8']],
    ['a tar', false, '/build', ['Content-Type', 'application/x-tar']],
    ['no type', false, '/containers/create', []],
    ['a type that begins like JSON', false, '/containers/create', ['Content-Type', 'application/json-seq']],
    ['JSON behind another type', false, '/containers/create', ['Content-Type', 'text/plain', ...json]],
    ['JSON before another type', true, '/containers/create', [...json, 'Content-Type', 'text/plain']],
    ['chunked JSON', false, '/containers/create', [...json, 'Transfer-Encoding', 'chunked']],
    ['credentials', false, '/v1.50/auth', json],
    ['a query that ends like credentials', false, '/containers/create?x=/auth', json],
    ['1 MiB', false, '/containers/create', json, new Uint8Array(1024 * 1024)],
    ['just below 1 MiB', true, '/containers/create', json, new Uint8Array(1024 * 1024 - 1)],
  ])('of %s: %s', (_what, shown, uri, raw, bytes) => {
    expect(shows(uri, raw, bytes)).toBe(shown);
  });
});
