import { describe, expect, it } from 'vitest';
import { Refusal } from '../model/error.ts';
import { messageLimit, parseMessage, parseResponse } from './wire.ts';

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

function refusal(input: Buffer): Refusal {
  try {
    parseMessage(input);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('parseMessage() accepted it');
}

const ping = { RequestMethod: 'HEAD', RequestUri: '/_ping' };

describe('parseMessage()', () => {
  it('reads what dockerd sends for a create', () => {
    const message = parseMessage(
      bytes({
        User: 'alice',
        UserAuthNMethod: 'TLS',
        RequestMethod: 'POST',
        RequestUri: '/v1.50/containers/create?name=%63',
        RequestHeaders: { 'Content-Type': 'application/json' },
        RequestBody: Buffer.from('{"Image":"é"}').toString('base64'),
        RequestPeerCertificates: ['LS0t', 'LS0u'],
      }),
    );
    expect(message).toMatchObject({
      method: 'POST',
      uri: '/v1.50/containers/create?name=%63',
      user: 'alice',
      authMethod: 'TLS',
      certificate: 'LS0t',
    });
    expect(message.headers['Content-Type']).toBe('application/json');
    expect(Buffer.from(message.body ?? []).toString()).toBe('{"Image":"é"}');
  });

  it('reads the message of the response phase, which holds more fields', () => {
    expect(parseMessage(bytes({ ...ping, ResponseStatusCode: 200, ResponseHeaders: { a: 'b' } }))).toEqual({
      method: 'HEAD',
      uri: '/_ping',
      headers: {},
    });
  });

  it('leaves absent what the daemon left out', () => {
    expect(Object.keys(parseMessage(bytes(ping)))).toEqual(['method', 'uri', 'headers']);
  });

  it('reads a message of exactly the limit', () => {
    const frame = bytes({ ...ping, pad: '' }).length;
    expect(parseMessage(bytes({ ...ping, pad: 'x'.repeat(messageLimit - frame) })).uri).toBe('/_ping');
  });

  it('keeps header names that an object already has as names like any other', () => {
    const { headers } = parseMessage(
      bytes('{"RequestMethod":"GET","RequestUri":"/","RequestHeaders":{"__proto__":"a","constructor":"b"}}'),
    );
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect('toString' in headers).toBe(false);
  });

  // Whatever is not as the protocol says is refused, and nothing of it is repeated.
  it.each<[string, unknown]>([
    ['an empty message', ''],
    ['white space', ' \n'],
    ['no JSON', 'SECRET'],
    ['a cut message', '{"RequestMethod":"GET","RequestUri":"/SECRET'],
    ['two values', '{"RequestMethod":"GET","RequestUri":"/"}{}'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a string', '"SECRET"'],
    ['no fields', {}],
    ['no method', { RequestUri: '/' }],
    ['an empty method', { RequestMethod: '', RequestUri: '/' }],
    ['no URI', { RequestMethod: 'GET' }],
    ['an empty URI', { RequestMethod: 'GET', RequestUri: '' }],
    ['a field in another letter case', { requestmethod: 'GET', RequestUri: '/' }],
    ['fields on the prototype', '{"__proto__":{"RequestMethod":"GET","RequestUri":"/"}}'],
    ['a number for the method', { RequestMethod: 1, RequestUri: '/' }],
    ['null for the URI', { RequestMethod: 'GET', RequestUri: null }],
    ['a number for the user', { ...ping, User: 7 }],
    ['a list for the way of identification', { ...ping, UserAuthNMethod: ['TLS'] }],
    ['a certificate that is not in a list', { ...ping, RequestPeerCertificates: 'QUJD' }],
    ['null among certificates', { ...ping, RequestPeerCertificates: ['QUJD', null] }],
    ['null for the certificates', { ...ping, RequestPeerCertificates: null }],
    ['headers in a list', { ...ping, RequestHeaders: [['a', 'b']] }],
    ['null for the headers', { ...ping, RequestHeaders: null }],
    ['a list for a header', { ...ping, RequestHeaders: { Accept: ['SECRET'] } }],
    ['null for a header', { ...ping, RequestHeaders: { Accept: null } }],
    ['null for the body', { ...ping, RequestBody: null }],
    ['an object for the body', { ...ping, RequestBody: {} }],
    ['a body with a foreign character', { ...ping, RequestBody: 'e30=!' }],
    ['a body without padding', { ...ping, RequestBody: 'e30' }],
    ['a body in the alphabet for URLs', { ...ping, RequestBody: '_-_-' }],
    ['a body with a line break', { ...ping, RequestBody: 'e3\n0=' }],
    ['a body with bits after its end', { ...ping, RequestBody: 'e31=' }],
    ['a body with text after its padding', { ...ping, RequestBody: 'e30=e30=' }],
  ])('refuses %s', (_, input) => {
    const error = refusal(bytes(input));
    expect(error.code).toBe('message-unreadable');
    expect(error.message).not.toContain('SECRET');
  });

  it('refuses bytes that are not UTF-8', () => {
    const input = bytes({ RequestMethod: 'GET', RequestUri: '/?' });
    input[input.indexOf('?')] = 0xff;
    expect(refusal(input).code).toBe('message-unreadable');
  });

  it('refuses a message over the limit', () => {
    expect(refusal(Buffer.alloc(messageLimit + 1, 0x20)).code).toBe('message-too-large');
  });
});

describe('parseMessage() asked the same again', () => {
  const get = (uri: string, more: object = {}) => bytes({ RequestMethod: 'GET', RequestUri: uri, ...more });

  it('gives the same object for a read without a body', () => {
    expect(parseMessage(get('/info'))).toBe(parseMessage(get('/info')));
  });

  it.each([
    ['another target', get('/infos')],
    ['another header', get('/info', { RequestHeaders: { 'X-A': 'b' } })],
    ['another caller', get('/info', { User: 'bob', UserAuthNMethod: 'TLS' })],
    ['other bytes that say the same', bytes('{"RequestMethod":"GET", "RequestUri":"/info"}')],
  ])('does not take %s for the same', (_, other) => {
    const known = parseMessage(get('/info'));
    expect(parseMessage(other)).not.toBe(known);
    expect(parseMessage(other)).toEqual(parseMessage(Buffer.from(`${other} `)));
  });

  it.each([
    ['a write', bytes({ RequestMethod: 'POST', RequestUri: '/containers/a/stop' })],
    ['a read with a body', get('/info', { RequestBody: Buffer.from('{}').toString('base64') })],
    ['a long message', get(`/info?${'x'.repeat(4096)}`)],
  ])('keeps nothing of %s', (_, message) => {
    expect(parseMessage(message)).not.toBe(parseMessage(message));
  });

  it('forgets what came long ago', () => {
    const first = parseMessage(get('/containers/0/json'));
    for (let i = 1; i <= 1000; i++) parseMessage(get(`/containers/${i}/json`));
    expect(parseMessage(get('/containers/0/json'))).not.toBe(first);
    expect(parseMessage(get('/containers/0/json'))).toEqual(first);
  });
});

describe('parseResponse()', () => {
  const create = { RequestMethod: 'POST', RequestUri: '/v1.50/containers/create' };

  it('reads the status and the body beside the request', () => {
    const response = { ResponseStatusCode: 201, ResponseBody: Buffer.from('{"Id":"a"}').toString('base64') };
    expect(parseResponse(bytes({ ...create, ...response }))).toEqual({
      ...parseMessage(bytes(create)),
      status: 201,
      responseBody: Buffer.from('{"Id":"a"}'),
    });
  });

  it('leaves out what the daemon left out', () => {
    expect(parseResponse(bytes(create))).toEqual(parseMessage(bytes(create)));
  });

  it.each([{ ResponseStatusCode: '201' }, { ResponseBody: 'no base64' }, { RequestMethod: 1 }])(
    'refuses %j',
    (fields) => {
      expect(() => parseResponse(bytes({ ...create, ...fields }))).toThrow(Refusal);
    },
  );
});
