import { execFile } from 'node:child_process';
import { readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LedgerReader } from '../../../ledger/reader.ts';
import type { SystemFacts } from '../host.ts';
import { ifThere, type Looks } from './looks.ts';

const run = promisify(execFile);

/** Where what is there to users and containers lies, and file systems of their own are mounted, or hidden by a unit. */
const telling = [
  '/',
  '/etc',
  '/home',
  '/mnt',
  '/opt',
  '/root',
  '/run',
  '/srv',
  '/tmp',
  '/usr',
  '/var',
  '/var/tmp',
];

/** What there is to know of the clock, the ledger's disk and the kernel. */
export async function gatherSystem(looks: Looks, data: string): Promise<Omit<SystemFacts, 'otherFiles'>> {
  const ledger = join(data, 'ledger.db');
  const [clock, latest, disk, selinux, appArmor] = await Promise.all([
    looks.at('whether the clock is set by others', synchronised),
    looks.at('the last record of the ledger', () => lastRecord(ledger)),
    looks.at(`the disk of ${data}`, () => diskOf(data, ledger)),
    looks.at('SELinux', () => textIn('/sys/fs/selinux/enforce')),
    looks.at('AppArmor', () => textIn('/sys/module/apparmor/parameters/enabled')),
  ]);
  return {
    ...(clock && { clock }),
    ...(latest && { latest }),
    ...(disk && { disk }),
    security: { selinux: selinux !== undefined, appArmor: appArmor?.trim() === 'Y' },
  };
}

/** By the mark of systemd-timesyncd, or else by the kernel's, whichever service sets the clock; that takes D-Bus. */
async function synchronised(): Promise<SystemFacts['clock']> {
  const mark = await ifThere(stat('/run/systemd/timesync/synchronized'));
  if (mark !== undefined) return { isSynchronised: true };
  const { stdout } = await run('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
    timeout: 4000,
  });
  return { isSynchronised: stdout.trim() === 'yes' };
}

async function lastRecord(path: string): Promise<SystemFacts['latest']> {
  if ((await ifThere(stat(path))) === undefined) return undefined;
  const ledger = new LedgerReader(path);
  try {
    const time = ledger.ends();
    return time === undefined ? undefined : { time, where: `the last record of ${path}` };
  } finally {
    ledger.close();
  }
}

async function diskOf(data: string, ledger: string): Promise<SystemFacts['disk']> {
  const [{ bavail, bsize, files, ffree }, ...sizes] = await Promise.all([
    statfs(data),
    ...[ledger, `${ledger}-wal`].map(async (path) => (await ifThere(stat(path)))?.size ?? 0),
  ]);
  return {
    free: bavail * bsize,
    freeInodes: ffree,
    inodes: files,
    ledger: sizes.reduce((sum, size) => sum + size, 0),
  };
}

function textIn(path: string): Promise<string | undefined> {
  return ifThere(readFile(path, 'utf8'));
}

/**
 * Places that are other folders in one process's view of the host than in the daemon's, by device and inode.
 *
 * @param ours the folder in which Bulwark has the root of the host
 * @param daemon the process id of the daemon, whose root the kernel shows to root alone
 */
export async function otherFiles(ours: string, daemon: number): Promise<readonly string[]> {
  const isOther = await Promise.all(
    telling.map(
      async (path) => (await identity(join(ours, path))) !== (await identity(`/proc/${daemon}/root${path}`)),
    ),
  );
  return telling.filter((_, at) => isOther[at]);
}

async function identity(path: string): Promise<string | undefined> {
  const found = await ifThere(stat(path));
  return found && `${found.dev}:${found.ino}`;
}
