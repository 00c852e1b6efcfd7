import { describe, expect, it } from 'vitest';
import { Refusal } from '../model/error.ts';
import { parseQuery, parseTarget } from './target.ts';

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'read';
}

describe('parseTarget()', () => {
  it('splits version, path and query', () => {
    expect(parseTarget('/v1.41/containers/x/json?size=1&a=?b')).toEqual({
      path: '/containers/x/json',
      minor: 41,
      query: 'size=1&a=?b',
    });
  });

  it('decodes the path once, as the router does, and leaves the query encoded', () => {
    expect(parseTarget('/v1%2E41/%63ontainers%2fx%252e/json?a=%41')).toEqual({
      path: '/containers/x%2e/json',
      minor: 41,
      query: 'a=%41',
    });
  });

  it.each([
    ['/_ping', undefined],
    ['/v1.24/_ping', 24],
    ['/v1.44/_ping', 44],
    // Newer than all that is known: read as the newest.
    ['/v1.99/_ping', 56],
    // No version, but the name of a route that nobody has.
    ['/version', undefined],
  ])('%s has minor version %s', (uri, minor) => {
    expect(parseTarget(uri).minor).toBe(minor);
  });

  it.each([
    // The daemon routes on the path of a whole URL too, and shows the URL.
    ['uri-form', 'http://auth/v1.41/containers/create'],
    ['uri-form', '*'],
    ['uri-form', ''],
    ['uri-form', 'v1.41/info'],
    // Behind `#` the daemon still reads the query, and a bad escape there hides the body.
    ['uri-characters', '/v1.41/containers/create?name=x#%zz'],
    ['uri-characters', '/v1.41/info bad'],
    ['uri-characters', '/v1.41/containers/\u212aelvin/json'],
    ['uri-characters', '/v1.41/info\n'],
    ['uri-characters', '/v1.41/info\u0000'],
    ['uri-escape', '/v1.41/containers/%zz/json'],
    ['uri-escape', '/v1.41/containers/%ff/json'],
    ['uri-escape', '/v1.41/containers/%'],
    // The router answers these with a redirect before it asks; decoded they would be another route.
    ['uri-not-clean', '//containers/json'],
    ['uri-not-clean', '/v1.41/containers/../images/json'],
    ['uri-not-clean', '/v1.41/containers/%2e%2e/images/json'],
    ['uri-not-clean', '/v1.41/containers/./json'],
    ['uri-not-clean', '/v1.41/containers/x/..'],
    ['uri-not-clean', '/v1.41/containers/a%0ab/json'],
    // Compared part by part as numbers, all of these are 1.41 to the daemon.
    ['version-form', '/v01.41/info'],
    ['version-form', '/v1.041/info'],
    ['version-form', '/v1.41./info'],
    ['version-form', '/v1.41.0/info'],
    ['version-form', '/v1..41/info'],
    ['version-form', '/v1/info'],
    ['version-form', '/v2.0/info'],
    ['version-form', '/v1.100/info'],
    // Below 1.24 a start replaces the stored HostConfig.
    ['version-too-old', '/v1.23/containers/x/start'],
    ['version-too-old', '/v1.1/info'],
  ])('refuses as %s: %s', (code, uri) => {
    expect(codeOf(() => parseTarget(uri))).toBe(code);
  });
});

describe('parseQuery()', () => {
  const many = (key: string) => key === 't';

  it('decodes keys and values, a plus as a blank', () => {
    const query = parseQuery('na%6De=a+b%2B&empty=&bare&&t=1&t=2', many);
    expect([...query.values]).toEqual([
      ['name', ['a b+']],
      ['empty', ['']],
      ['bare', ['']],
      ['t', ['1', '2']],
    ]);
  });

  it('keeps keys of objects harmless', () => {
    const query = parseQuery('__proto__=1&constructor=2', many);
    expect(query.first('__proto__')).toBe('1');
    expect(query.first('toString')).toBe('');
  });

  it.each([
    // build and the swarm updates drop such a pair and act on the rest; others refuse it.
    ['query-malformed', 'a=1;b=2'],
    ['query-malformed', 'a=1&;'],
    ['uri-escape', 'networkmode=host&remote=%zz'],
    ['uri-escape', 'a=%ff'],
    // The daemon acts on the first; whoever judges the last is led astray.
    ['query-duplicate', 'fromImage=bad&fromImage=good'],
    ['query-duplicate', 'name=a&n%61me=b'],
  ])('refuses as %s: %s', (code, raw) => {
    expect(codeOf(() => parseQuery(raw, many))).toBe(code);
  });

  /** The daemon's own booleans: only these words are false. */
  it.each([
    ['', false],
    ['0', false],
    ['No', false],
    [' false ', false],
    ['NONE', false],
    ['off', true],
    ['f', true],
    ['1', true],
    ['-', true],
  ])('takes the flag %j for %s', (value, read) => {
    expect(parseQuery(`q=${encodeURIComponent(value)}`, many).flag('q')).toBe(read);
  });
});
