import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sources } from '../src/config/settings.ts';
import { launcher, root, run } from './process.ts';

const plugin = join(root, 'plugin');
const units = ['bulwark.service', 'bulwark.socket'] as const;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** The settings of a unit, of all its sections; repeated ones in their order. */
function settings(unit: (typeof units)[number]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of readFileSync(join(plugin, unit), 'utf8').split('\n')) {
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

const service = settings('bulwark.service');
const socket = settings('bulwark.socket');

describe('the units of systemd', () => {
  it('are understood whole', async () => {
    cpSync(plugin, folder, { recursive: true });
    // Of the machine, the program alone is not there.
    const text = readFileSync(join(plugin, 'bulwark.service'), 'utf8');
    writeFileSync(join(folder, 'bulwark.service'), text.replace(/^ExecStart=\S+/m, `ExecStart=${launcher}`));
    const verified = await run('systemd-analyze', ['verify', ...units.map((unit) => join(folder, unit))]);
    expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('leave the service an exposure of 2.0 at most', async () => {
    const file = join(plugin, 'bulwark.service');
    const args = ['security', '--offline=true', '--threshold=20', '--no-pager', file];
    const { code, stdout } = await run('systemd-analyze', args);
    expect(stdout).toContain('Overall exposure level for bulwark.service');
    expect(code).toBe(0);
  });

  // Bulwark follows links of the host: what it sees must be what the daemon sees.
  it.each([
    ['PrivateTmp'],
    ['PrivateDevices'],
    ['PrivateUsers'],
    ['ProtectProc'],
    ['ProcSubset'],
    ['ProtectKernelModules'],
    ['RootDirectory'],
    ['RootImage'],
    ['TemporaryFileSystem'],
    ['InaccessiblePaths'],
    ['BindPaths'],
    ['BindReadOnlyPaths'],
    ['DynamicUser'],
  ])('hide nothing from it: no %s', (key) => {
    expect(service.get(key)).toBe(undefined);
  });

  it('hide nothing from it: homes are only read', () => {
    expect(service.get('ProtectHome')).toEqual(['read-only']);
  });

  it('let Node compile', () => {
    expect(service.get('MemoryDenyWriteExecute')).toBe(undefined);
  });

  it('do not wait for the daemon, which waits for them', () => {
    expect([service.get('Before'), socket.get('Before')]).toEqual([['docker.service'], ['docker.service']]);
    for (const key of ['After', 'Requires', 'Wants', 'BindsTo', 'Requisite'])
      expect([...(service.get(key) ?? []), ...(socket.get(key) ?? [])].join()).not.toContain('docker');
  });

  it('have the places that are the defaults of `serve`', () => {
    expect(socket.get('ListenStream')).toEqual([sources.authzSocket.byDefault]);
    expect(service.get('StateDirectory')?.map((name) => `/var/lib/${name}`)).toEqual([
      sources.data.byDefault,
    ]);
  });
});
