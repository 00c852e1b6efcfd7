import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dockerd } from './dockerd.ts';
import { packages } from './packages.ts';
import type { RunOptions, RunResult } from './run.ts';

/** A developer's shell on the daemon's host, with the docker CLI that the tests have. */
export interface Workplace {
  /** Runs a text by `sh`, in the daemon's mounts, network and processes; `SCRATCH` is a folder of its own. */
  shell(text: string, options?: Pick<RunOptions, 'stdin' | 'timeout'>): Promise<RunResult>;
}

/** May be asked for once a daemon. */
export async function workplace(d: Dockerd): Promise<Workplace> {
  const { docker, busybox } = await packages();
  const bin = join(d.dir, 'bin');
  const scratch = join(d.dir, 'scratch');
  await mkdir(bin);
  await mkdir(scratch);
  await symlink(docker, join(bin, 'docker'));
  await writeFile(join(bin, 'wget'), `#!/bin/sh\nexec ${busybox} wget "$@"\n`, { mode: 0o755 });
  const env = {
    PATH: `${bin}:${d.env.PATH}`,
    HOME: d.env.HOME,
    TERM: 'xterm',
    DOCKER_CONFIG: d.env.DOCKER_CONFIG,
    DOCKER_HOST: 'unix:///run/docker.sock',
    SCRATCH: scratch,
  };
  return { shell: (text, options) => d.onHost(['sh', '-c', text], { ...options, env }) };
}
