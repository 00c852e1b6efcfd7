import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostGroups } from './hostGroups.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  write('passwd', 'root:x:0:0::/root:/bin/sh', 'alice:x:1000:1000::/home/alice:/bin/sh', 'bob:x:1001:100:::');
  write(
    'group',
    'root:x:0:',
    'alice:x:1000:',
    'users:x:100:',
    'docker:x:999:alice,bob',
    'web:x:1002:mallory,alice',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As tools that change these files do: the new one takes the place of the old. */
function write(name: string, ...lines: readonly string[]): void {
  writeFileSync(join(folder, 'new'), `${lines.join('\n')}\n`);
  renameSync(join(folder, 'new'), join(folder, name));
}

describe('the groups of the host', () => {
  it.each([
    ['root', ['root']],
    ['alice', ['alice', 'docker', 'web']],
    ['bob', ['users', 'docker']],
    // Named in a group, and no user here.
    ['mallory', []],
    ['', []],
    ['x', []],
    ['alice,bob', []],
    ['__proto__', []],
  ])('of %j', async (name, groups) => {
    expect(await new HostGroups(folder).of(name)).toEqual(groups);
  });

  it('are read again when they change', async () => {
    const groups = new HostGroups(folder);
    expect(await groups.of('bob')).toEqual(['users', 'docker']);
    write('group', 'users:x:100:', 'docker:x:999:alice');
    expect(await groups.of('bob')).toEqual(['users']);
    write('passwd', 'alice:x:1000:1000::/home/alice:/bin/sh');
    expect(await groups.of('bob')).toEqual([]);
  });

  it('pass over lines that are none, as the system does', async () => {
    write('passwd', '# comment', '', '+::::::', 'alice:x:1000', 'alice:x:1000:1000:::', 'alice:x:0:0:::');
    write('group', '', 'a:b', '+:::', 'alice:x:1000:', 'root:x:0:', 'bad\u001b:x:1000:alice');
    expect(await new HostGroups(folder).of('alice')).toEqual(['alice']);
  });

  it('refuse what is no file', async () => {
    rmSync(join(folder, 'group'));
    mkdirSync(join(folder, 'group'));
    await expect(new HostGroups(folder).of('alice')).rejects.toThrow('group` cannot be read: it is no file.');
  });

  it.each(['passwd', 'group'])('refuse where %s cannot be read', async (name) => {
    const groups = new HostGroups(folder);
    await groups.of('alice');
    rmSync(join(folder, name));
    await expect(groups.of('alice')).rejects.toMatchObject({
      code: 'host-groups-unreadable',
      message: expect.stringContaining(`${name}\` cannot be read: ENOENT`),
    });
  });
});
