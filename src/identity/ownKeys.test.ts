import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readKeys } from './keys.ts';
import { ownKey, ownKeyFiles, rotateOwnKey } from './ownKeys.ts';

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'bulwark-own-keys-'));
});

afterEach(() => rmSync(data, { recursive: true }));

const files = () => ownKeyFiles(data);
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const trusted = () =>
  readKeys(readFileSync(files().open, 'utf8')).map(({ kid, until }) =>
    until === undefined ? kid : [kid, until],
  );
const now = Date.parse('2027-01-01T00:00:00Z');
const day = 24 * 60 * 60_000;

describe('ownKey()', () => {
  it('makes a key once, private for its owner alone, and trusts it', () => {
    const { kid, alg } = ownKey(data);
    expect(alg).toBe('ES256');
    expect(ownKey(data).kid).toBe(kid);
    expect(trusted()).toEqual([kid]);
    expect([mode(join(data, 'keys')), mode(files().secret), mode(files().open)]).toEqual([
      '700',
      '600',
      '644',
    ]);
    expect(readdirSync(join(data, 'keys')).sort()).toEqual(['lock', 'token.key.pem', 'token.pub.pem']);
  });

  it('gives all to the owner of the folder: a `serve` that is not root reads it', () => {
    if (process.getuid?.() === 0) chownSync(data, 1234, 1234);
    ownKey(data);
    const owner = statSync(data).uid;
    const keys = join(data, 'keys');
    const made = [keys, ...readdirSync(keys).map((name) => join(keys, name))];
    expect(made.map((path) => statSync(path).uid)).toEqual(made.map(() => owner));
  });

  it.each<[string, (kid: string, old: string) => void]>([
    ['it is not there', () => rmSync(files().open)],
    ['a rotation ended before it came to it', (_, old) => writeFileSync(files().open, old)],
    [
      'it says until when the key counts',
      () =>
        writeFileSync(files().open, `# until 2027-01-01T00:00:00Z\n${readFileSync(files().open, 'utf8')}`),
    ],
  ])('trusts the key again where %s', (_, harm) => {
    ownKey(data);
    const old = readFileSync(files().open, 'utf8');
    const { kid } = rotateOwnKey(data, now + day, now);
    harm(kid, old);
    expect(ownKey(data).kid).toBe(kid);
    expect(trusted()[0]).toBe(kid);
  });

  it.each(['secret', 'open'] as const)('refuses where the %s half is broken, and makes none anew', (half) => {
    ownKey(data);
    writeFileSync(files()[half], 'a secret word');
    expect(() => ownKey(data)).toThrow(
      expect.objectContaining({ code: 'key-unusable', message: expect.not.stringContaining('secret word') }),
    );
    expect(readFileSync(files()[half], 'utf8')).toBe('a secret word');
  });
});

describe('rotateOwnKey()', () => {
  it('lets the old ones count for a while, each until its own time, and then drops them', () => {
    const first = ownKey(data).kid;
    const second = rotateOwnKey(data, now + 90 * day, now);
    expect(second).toMatchObject({ kept: [{ kid: first, until: now + 90 * day }], dropped: [] });
    expect(ownKey(data).kid).toBe(second.kid);
    const third = rotateOwnKey(data, now + 120 * day, now + 30 * day);
    expect(trusted()).toEqual([third.kid, [second.kid, now + 120 * day], [first, now + 90 * day]]);
    const fourth = rotateOwnKey(data, now + 190 * day, now + 100 * day);
    expect(fourth.dropped).toEqual([first]);
    expect(trusted()).toEqual([fourth.kid, [third.kid, now + 190 * day], [second.kid, now + 120 * day]]);
  });

  it('drops all of them at once where they were stolen', () => {
    const first = ownKey(data).kid;
    const second = rotateOwnKey(data, now + day, now).kid;
    const third = rotateOwnKey(data, now, now);
    expect(third).toMatchObject({ kept: [], dropped: [second, first] });
    expect(trusted()).toEqual([third.kid]);
  });

  it('makes the first one', () => {
    const { kid } = rotateOwnKey(data, now + day, now);
    expect(ownKey(data).kid).toBe(kid);
    expect(trusted()).toEqual([kid]);
  });

  it('loses no key where several do it at once', async () => {
    const program = `
      const { ownKey, rotateOwnKey } = await import(${JSON.stringify(import.meta.resolve('./ownKeys.ts'))});
      const data = ${JSON.stringify(data)};
      const made = [];
      for (let count = 0; count < 5; count += 1) {
        made.push(ownKey(data).kid, rotateOwnKey(data, Date.now() + 86400000, Date.now()).kid);
      }
      console.log(made.join(' '));`;
    const runs = Array.from({ length: 4 }, () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]),
    );
    const made = (await Promise.all(runs)).flatMap(({ stdout }) => stdout.trim().split(' '));
    const kept = readKeys(readFileSync(files().open, 'utf8')).map(({ kid }) => kid);
    expect(new Set(kept)).toEqual(new Set(made));
    expect(kept[0]).toBe(ownKey(data).kid);
  });
});
