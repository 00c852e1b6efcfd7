/** File systems of a test's own, which fill up or freeze without anybody else noticing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../run.ts';

export interface Disk {
  readonly path: string;
  /** Thaws it where it is frozen, unmounts it and removes what it stood on. */
  remove(): Promise<void>;
}

const makes = {
  tmpfs: 'mount -t tmpfs -o size=24m tmpfs "$1/disk"',
  ext4: 'truncate -s 64m "$1/image"; mkfs.ext4 -q "$1/image"; mount -o loop "$1/image" "$1/disk"',
} as const;

// A process that hangs on a frozen disk could not thaw it any more: another one does, also when this one is gone.
const guard = `set -eu
mkdir "$1/disk"
$2
echo mounted
read -r end || :
fsfreeze -u "$1/disk" 2>/dev/null || :
umount -l "$1/disk"
rm -r "$1"`;

export async function mountDisk(kind: keyof typeof makes): Promise<Disk> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-disk-'));
  const script = guard.replace('$2', makes[kind]);
  const child = spawn('sh', ['-c', script, 'disk', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [said] = await Promise.race([once(child.stdout, 'data'), ended]);
  if (String(said) !== 'mounted\n') throw new Error(`no ${kind} could be mounted at ${folder}/disk`);
  return {
    path: join(folder, 'disk'),
    async remove() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Stops all that touches a disk while `work` runs; nothing of this process may touch it then. */
export async function whileFrozen(disk: Disk, work: () => Promise<void>): Promise<void> {
  await must(['fsfreeze', '-f', disk.path]);
  try {
    await work();
  } finally {
    await must(['fsfreeze', '-u', disk.path]);
  }
}
