import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, readJson } from './read.ts';
import {
  any,
  bool,
  float,
  type GoType,
  harmless,
  int,
  list,
  map,
  since,
  string,
  strSlice,
  struct,
} from './types.ts';

const mount = struct('Mount', { Type: string, Source: string, ReadOnly: bool });
const body = struct('Body', {
  Name: string,
  Privileged: bool,
  Limit: int,
  Share: float,
  Binds: list(string),
  Cmd: strSlice,
  Mounts: list(mount),
  Labels: map(string),
  Ports: map(list(string)),
  Endpoints: map(mount),
  Test: harmless(any, 'anything'),
  Kappa: string,
  Sub: struct('Sub', { Deep: string }),
});

function read(text: string | Uint8Array, type: GoType = body, minor = 41) {
  return readJson(typeof text === 'string' ? new TextEncoder().encode(text) : text, type, minor);
}

/** The fault and the place, or `read`. */
function fault(text: string | Uint8Array, type: GoType = body): string {
  try {
    read(text, type);
  } catch (error) {
    if (error instanceof JsonError)
      return error.path === '' ? error.fault : `${error.fault} at ${error.path}`;
    throw error;
  }
  return 'read';
}

describe('readJson() reads as encoding/json does', () => {
  it.each<[string, string, object]>([
    ['keys without regard to case', '{"nAmE":"a","PRIVILEGED":true}', { Name: 'a', Privileged: true }],
    ['keys with escapes', '{"\\u004eame":"a"}', { Name: 'a' }],
    ['null as absence', '{"Name":null,"Binds":null,"Labels":null,"Sub":null,"Limit":null}', {}],
    ['integers exactly', '{"Limit":9223372036854775807}', { Limit: 9223372036854775807n }],
    ['small integers as numbers', '{"Limit":-12}', { Limit: -12 }],
    ['minus zero as zero', '{"Limit":-0}', { Limit: 0 }],
    ['floats', '{"Share":1.5e2}', { Share: 150 }],
    ['a bare string for a StrSlice', '{"Cmd":"id"}', { Cmd: ['id'] }],
    [
      'keys of maps exactly',
      '{"Labels":{"a":"1","A":"2"}}',
      {
        Labels: new Map([
          ['a', '1'],
          ['A', '2'],
        ]),
      },
    ],
    ['null in a map of strings as empty', '{"Labels":{"a":null}}', { Labels: new Map([['a', '']]) }],
    ['null in a map of lists as empty', '{"Ports":{"a":null}}', { Ports: new Map([['a', []]]) }],
    ['keys of maps beyond ASCII', '{"Labels":{"\u212aey":"1"}}', { Labels: new Map([['\u212aey', '1']]) }],
    ['escapes of strings', '{"Name":"\\ud83d\\ude00\\n\\/"}', { Name: '\u{1f600}\n/' }],
    ['structs in lists', '{"Mounts":[{"type":"bind"}]}', { Mounts: [{ Type: 'bind' }] }],
    ['blanks anywhere', ' {\n"Name" :\t"a" , "Limit": 1 }\r\n', { Name: 'a', Limit: 1 }],
    ['what is passed over, as empty or not', '{"Test":[[]]}', { Test: { empty: false } }],
  ])('%s', (_, text, value) => {
    expect(read(text)).toEqual({ value, unknown: [] });
  });

  it('tells what it does not know and is not empty', () => {
    const text =
      '{"New":1,"Empty":"","Zero":0,"No":false,"None":null,"List":[],"Sub":{"Other":{"a":1}},"Mounts":[{"X":"y"}]}';
    expect(read(text).unknown).toEqual(['New', 'Sub.Other', 'Mounts[0].X']);
  });

  it('keeps __proto__ and its like harmless', () => {
    const { value, unknown } = read(
      '{"__proto__":{"Privileged":true},"constructor":1,"Labels":{"__proto__":"x"}}',
    );
    expect(value).toEqual({ Labels: new Map([['__proto__', 'x']]) });
    expect(unknown).toEqual(['__proto__', 'constructor']);
    expect('Privileged' in Object(value)).toBe(false);
  });
});

describe('readJson() takes null for absence', () => {
  it('also in a field that it passes over, but not as the value of a key', () => {
    const passed = struct('Passed', { Test: any, Set: map(any) });
    expect(read('{"Test":null,"Set":{"/v":null}}', passed).value).toEqual({
      Set: new Map([['/v', { empty: true }]]),
    });
  });
});

describe('readJson() drops what the version does not have where it would protect', () => {
  const versioned = struct('V', {
    Mode: since(41, string, (mode) => mode === 'private'),
    Extra: since(44, list(string)),
  });

  it.each([
    [41, '{"Mode":"private"}', { Mode: 'private' }],
    [40, '{"Mode":"private"}', {}],
    [40, '{"Mode":"host"}', { Mode: 'host' }],
    [24, '{"Extra":["a"]}', { Extra: ['a'] }],
  ])('1.%i: %s', (minor, text, value) => {
    expect(read(text, versioned, minor).value).toEqual(value);
  });
});

describe('readJson() refuses what has two readings', () => {
  it.each<[string, string]>([
    // Go merges or replaces, so that each reader may see another value.
    ['body-duplicate-key at Name', '{"Name":"a","Name":"b"}'],
    ['body-duplicate-key at nAME', '{"Name":"a","nAME":"b"}'],
    ['body-duplicate-key at New', '{"new":1,"New":2}'],
    ['body-duplicate-key at Labels.a', '{"Labels":{"a":"1","a":"2"}}'],
    // The Kelvin sign and the long s fold to plain letters.
    ['body-key-not-ascii at \u212aappa', '{"\u212aappa":"x"}'],
    ['body-key-not-ascii at Bind\u017f', '{"Bind\\u017f":["/:/h"]}'],
    // A null element takes over what an earlier list held in its place.
    ['body-null-element at Binds[0]', '{"Binds":[null]}'],
    ['body-null-element at Mounts[1]', '{"Mounts":[{},null]}'],
    ['body-null-element at Endpoints.x', '{"Endpoints":{"x":null}}'],
    ['body-trailing-data', '{"Name":"a"}{"Privileged":true}'],
    ['body-trailing-data', '{} x'],
    ['body-trailing-data', '{}]'],
    ['body-not-utf8 at Name', '{"Name":"\\ud800"}'],
    ['body-not-utf8 at Name', '{"Name":"\\udc00\\ud800"}'],
    ['body-wrong-type at Privileged', '{"Privileged":"true"}'],
    ['body-wrong-type at Privileged', '{"Privileged":1}'],
    ['body-wrong-type at Limit', '{"Limit":1.0}'],
    ['body-wrong-type at Limit', '{"Limit":1e3}'],
    ['body-wrong-type at Limit', '{"Limit":"1"}'],
    ['body-wrong-type at Limit', '{"Limit":99999999999999999999}'],
    ['body-wrong-type at Binds', '{"Binds":"/:/h"}'],
    ['body-wrong-type at Binds', '{"Binds":{"0":"/:/h"}}'],
    ['body-wrong-type at Labels', '{"Labels":["a"]}'],
    ['body-wrong-type', '[]'],
    ['body-wrong-type', 'null'],
    ['body-syntax', ''],
    ['body-syntax', '  '],
    ['body-syntax', '{"Name":"a"'],
    ['body-syntax', '{"Name":"a",}'],
    ['body-syntax', '{"Name" "a"}'],
    ['body-syntax', "{'Name':'a'}"],
    ['body-syntax', '{Name:1}'],
    ['body-syntax', '// c\n{}'],
    ['body-syntax at Limit', '{"Limit":+1}'],
    ['body-trailing-data', '01'],
    ['body-syntax at Limit', '{"Limit":.5}'],
    ['body-syntax at Limit', '{"Limit":NaN}'],
    ['body-syntax at Name', '{"Name":"a\nb"}'],
    ['body-syntax at Name', '{"Name":"\\x41"}'],
    ['body-syntax at Privileged', '{"Privileged":nul}'],
    // A byte order mark, a blank that only JavaScript takes for one.
    ['body-syntax', '\ufeff{}'],
    ['body-syntax', '\u00a0{}'],
  ])('%s: %j', (expected, text) => {
    expect(fault(text, text === '01' ? int : body)).toBe(expected);
  });

  it.each([
    ['a lone byte', [0x7b, 0xff, 0x7d]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['half a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ])('body-not-utf8: %s', (_, bytes) => {
    expect(fault(new Uint8Array(bytes))).toBe('body-not-utf8');
  });
});

/** Members with keys that differ, about 4 MiB of them. */
function numbered(rest: string): string {
  return Array.from({ length: 400_000 }, (_, index) => `"${index}${rest}`).join('');
}

/** What 4 MiB, the most that a daemon takes, can hold at worst. Time is bounded loosely, against hangs. */
describe('readJson() refuses what is too much, soon', () => {
  const mebibytes = 4 * 1024 * 1024;
  it.each([
    ['nesting of lists', 'body-too-deep', `{"Test":${'['.repeat(mebibytes)}`],
    ['nesting of objects', 'body-too-deep', `{"a":`.repeat(mebibytes / 5)],
    ['a million keys', 'body-too-many-values', `{${numbered('":1,')}`],
    ['a million labels', 'body-too-many-values', `{"Labels":{${numbered('":"",')}`],
    ['a million elements', 'body-too-many-values', `{"Binds":[${'"",'.repeat(mebibytes / 3)}`],
    ['a number of a million digits', 'body-wrong-type', `{"Limit":${'9'.repeat(mebibytes)}}`],
    ['a string that does not end', 'body-syntax', `{"Name":"${'\\"'.repeat(mebibytes / 2)}`],
    ['a million blanks', 'body-syntax', ' '.repeat(mebibytes)],
  ])('%s', (_, code, text) => {
    const bytes = new TextEncoder().encode(text);
    const start = performance.now();
    expect(fault(bytes).split(' ')[0]).toBe(code);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('keeps no more than 50 unknown paths', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `"k${index}":1`).join();
    expect(read(`{${keys}}`).unknown).toHaveLength(50);
  });

  it('reads a string of 4 MiB', () => {
    expect(read(`{"Name":"${'a'.repeat(mebibytes)}"}`).value).toMatchObject({ Name: 'a'.repeat(mebibytes) });
  });
});

/** A description of any JSON value, and the value as the reader gives it. */
function described(value: unknown): GoType {
  if (typeof value === 'string') return string;
  if (typeof value === 'boolean') return bool;
  if (typeof value === 'number') return float;
  if (Array.isArray(value)) return list(value.length > 0 ? described(value[0]) : any);
  return map(string);
}

describe('properties', () => {
  const scalars = {
    Name: fc.string({ unit: 'grapheme' }),
    Privileged: fc.boolean(),
    Limit: fc.maxSafeInteger(),
    Share: fc.double({ noNaN: true, noDefaultInfinity: true }),
  };
  const bodies = fc.record(
    {
      ...scalars,
      Binds: fc.array(fc.string({ unit: 'grapheme' })),
      Labels: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
      Mounts: fc.array(fc.record({ Type: fc.string(), Source: fc.string(), ReadOnly: fc.boolean() })),
      Ports: fc.dictionary(fc.string(), fc.array(fc.string())),
    },
    { requiredKeys: [] },
  );

  /** The reader's maps as plain objects without a prototype. */
  function plain(value: unknown): unknown {
    if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }

  it('whatever JSON.parse reads without duplicates is read to the same values', () => {
    fc.assert(
      fc.property(bodies, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const parsed: unknown = JSON.parse(text);
        expect(plain(read(text).value)).toEqual(plain(parsed));
      }),
    );
  });

  it('any JSON value reads to the same value by a description of its own', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.boolean(),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.array(fc.string()),
        ),
        (value) => {
          const text = JSON.stringify(value);
          expect(read(text, described(value)).value).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it('whatever it passes over, JSON.parse takes as well, and the other way round', () => {
    const deepest = fc.json({ maxDepth: 20 });
    const broken = fc
      .tuple(deepest, fc.nat(), fc.constantFrom('', ',', '"', '{', ']', '0', '\\', ' '))
      .map(([text, at, put]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + 1);
      });
    fc.assert(
      fc.property(fc.oneof(deepest, broken), (text) => {
        let parsed = true;
        try {
          JSON.parse(text);
        } catch {
          parsed = false;
        }
        // Duplicates and lone surrogates are refused although JSON.parse takes them.
        const found = fault(`{"Test":${text}}`);
        if (parsed) expect(found).not.toMatch(/syntax|type|trailing/);
        else expect(found).not.toBe('read');
      }),
      { numRuns: 1000 },
    );
  });
});
