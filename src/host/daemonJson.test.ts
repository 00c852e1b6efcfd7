import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addPlugin, pluginsKey, pluginsOf, readDaemonJson, removePlugin } from './daemonJson.ts';

const path = '/etc/docker/daemon.json';

describe('addPlugin()', () => {
  // What stands there, and what becomes of it.
  it.each([
    ['', '{\n  "authorization-plugins": ["bulwark"]\n}\n'],
    ['{}', '{ "authorization-plugins": ["bulwark"] }'],
    ['{"debug":true}', '{"debug":true,"authorization-plugins": ["bulwark"]}'],
    [
      '{\n\t"debug": true,\n\t"hosts": [ "unix://" ]\n}\n',
      '{\n\t"debug": true,\n\t"hosts": [ "unix://" ],\n\t"authorization-plugins": ["bulwark"]\n}\n',
    ],
    [
      '{\r\n    "debug": true\r\n}\r\n',
      '{\r\n    "debug": true,\r\n    "authorization-plugins": ["bulwark"]\r\n}\r\n',
    ],
    [
      '{"authorization-plugins": ["other"], "debug": true}',
      '{"authorization-plugins": ["other", "bulwark"], "debug": true}',
    ],
    ['{"authorization-plugins": [], "debug": true}', '{"authorization-plugins": ["bulwark"], "debug": true}'],
    ['\ufeff{"debug": true}', '\ufeff{"debug": true,"authorization-plugins": ["bulwark"]}'],
    ['{"authorization-plugins": ["bulwark", "other"]}', '{"authorization-plugins": ["bulwark", "other"]}'],
  ])('makes of %j', (before, after) => {
    expect(addPlugin(before, 'bulwark', path)).toBe(after);
  });

  // What dockerd itself does not start with, or could read in two ways.
  it.each([
    ['{"debug": true,}', /`\/etc\/docker\/daemon.json` cannot be edited: .*JSON/],
    ['{"debug": true', /cannot be edited/],
    ['// no\n{}', /cannot be edited/],
    ['[]', /it is no JSON object/],
    ['null', /it is no JSON object/],
    ['{"debug":true,"debug":false}', /it has the key `debug` twice/],
    ['{"authorization-plugins":["a"],"authorization-plugins":[]}', /twice/],
    ['{"authorization-plugins":"other"}', /`authorization-plugins` is no list of names/],
    ['{"authorization-plugins":[1]}', /is no list of names/],
    ['{"a\\u001b[31m": 1, "a\\u001b[31m": 2}', /`a\\u001b\[31m` twice/],
  ])('refuses %j', (text, message) => {
    expect(() => addPlugin(text, 'bulwark', path)).toThrow(message);
  });
});

const json = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  fc.jsonValue(),
  { maxKeys: 6 },
);
const layout = fc.constantFrom(undefined, 1, 2, 4, '\t');
const others = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'));

/** Any `daemon.json`, laid out in any way, with plugins anywhere in it. */
const texts = fc
  .tuple(
    json,
    fc.option(others),
    json,
    layout,
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\n', ' \n\n'),
  )
  .map(([before, plugins, after, indent, eol, end]) => {
    const value = { ...before, ...(plugins && { [pluginsKey]: plugins }), ...after };
    return JSON.stringify(value, null, indent).replaceAll('\n', eol) + end;
  });

describe('a daemon.json', () => {
  it('has all else where it was after a plugin was added, and is the old one after it was removed', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const before = readDaemonJson(text, path);
        const added = addPlugin(text, 'bulwark', path);
        const after = readDaemonJson(added, path);
        expect(after).toEqual({ ...before, [pluginsKey]: [...pluginsOf(before, path), 'bulwark'] });
        expect(Object.keys(after).filter((key) => key !== pluginsKey)).toEqual(
          Object.keys(before).filter((key) => key !== pluginsKey),
        );
        const isEmpty = Object.keys(before).length === 0 || String(before[pluginsKey] ?? 'none') === '';
        // One place is new, and nothing is gone.
        if (!isEmpty) expect(isInserted(text, added)).toBe(true);
        const removed = removePlugin(added, 'bulwark', path);
        if (!isEmpty) expect(removed).toBe(text);
        else expect(readDaemonJson(removed, path)).toEqual({ ...before, [pluginsKey]: undefined });
      }),
      { numRuns: 500 },
    );
  });
});

/** Whether `longer` is `text` with something put in at one place. */
function isInserted(text: string, longer: string): boolean {
  let at = 0;
  while (at < text.length && text[at] === longer[at]) at++;
  return longer.endsWith(text.slice(at));
}

describe('removePlugin()', () => {
  it.each([
    ['{"authorization-plugins": ["bulwark"]}', '{}'],
    ['{"debug":true,"authorization-plugins": ["bulwark"]}', '{"debug":true}'],
    ['{\n  "authorization-plugins": ["bulwark"],\n  "debug": true\n}\n', '{\n  "debug": true\n}\n'],
    ['{"authorization-plugins": ["other", "bulwark"]}', '{"authorization-plugins": ["other"]}'],
    ['{"authorization-plugins": ["bulwark", "other", "bulwark"]}', '{"authorization-plugins": ["other"]}'],
    ['{"debug": true}', '{"debug": true}'],
  ])('makes of %j', (before, after) => {
    expect(removePlugin(before, 'bulwark', path)).toBe(after);
  });

  it.each(['{\n\t"debug": true,\n\t"hosts": [ "unix://" ]\n}\n', '{ "a":1 , "b":[ ] }', '{"x": {}}'])(
    'gives %j back as it was',
    (text) => {
      expect(removePlugin(addPlugin(text, 'bulwark', path), 'bulwark', path)).toBe(text);
    },
  );
});
