import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mustBeRoots, writeLink, writeText } from './files.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulwark-files-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('writeText()', () => {
  it('makes a file with its folders, and takes both away again', () => {
    const path = join(folder, 'a/b/file');
    const undo = writeText(path, 'new', 0o640);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    undo?.();
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });

  it('leaves folders in which somebody else has put something', () => {
    const undo = writeText(join(folder, 'a/b/file'), 'new');
    writeFileSync(join(folder, 'a/other'), '');
    undo?.();
    expect(existsSync(join(folder, 'a/other'))).toBe(true);
    expect(existsSync(join(folder, 'a/b'))).toBe(false);
  });

  it('keeps mode and link of a file that is there, and gives its text back', () => {
    const target = join(folder, 'target');
    writeFileSync(target, 'old');
    chmodSync(target, 0o604);
    symlinkSync('target', join(folder, 'link'));
    const undo = writeText(join(folder, 'link'), 'new');
    expect(readFileSync(target, 'utf8')).toBe('new');
    undo?.();
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(statSync(target).mode & 0o777).toBe(0o604);
    expect(readlinkSync(join(folder, 'link'))).toBe('target');
  });

  it('does nothing where the text is there', () => {
    writeFileSync(join(folder, 'file'), 'same');
    const before = statSync(join(folder, 'file'));
    expect(writeText(join(folder, 'file'), 'same')).toBe(undefined);
    expect(statSync(join(folder, 'file')).ino).toBe(before.ino);
  });

  it('leaves nothing behind where it cannot write', () => {
    mkdirSync(join(folder, 'file'));
    expect(() => writeText(join(folder, 'file'), 'new')).toThrow('EISDIR');
    writeFileSync(join(folder, 'plain'), '');
    expect(() => writeText(join(folder, 'plain/below/file'), 'new')).toThrow();
    expect(readFileSync(join(folder, 'plain'), 'utf8')).toBe('');
  });
});

describe('writeLink()', () => {
  it('makes a link, turns it, and turns it back', () => {
    const path = join(folder, 'link');
    const remove = writeLink(path, 'one');
    const back = writeLink(path, 'two');
    expect(readlinkSync(path)).toBe('two');
    expect(writeLink(path, 'two')).toBe(undefined);
    back?.();
    expect(readlinkSync(path)).toBe('one');
    remove?.();
    expect(lstatSync(path, { throwIfNoEntry: false })).toBe(undefined);
  });

  it('leaves what is no link', () => {
    writeFileSync(join(folder, 'file'), 'mine');
    expect(() => writeLink(join(folder, 'file'), 'one')).toThrow('is no link of Bulwark');
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('mine');
  });
});

describe('mustBeRoots()', () => {
  it('refuses a path below a folder that everybody may write', () => {
    expect(() => mustBeRoots(join(tmpdir(), 'bulwark'))).toThrow('can be changed by others than root');
  });

  it('takes what root alone may change, there or not', () => {
    expect(() => mustBeRoots('/usr/lib/not/there')).not.toThrow();
  });
});
