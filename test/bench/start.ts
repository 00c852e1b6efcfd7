import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './load.ts';
import type { Servers } from './servers.ts';
import type { Row } from './table.ts';

const documents = 100;
const starts = 7;
/** Milliseconds from the call to the line of readiness. */
const most = 400;

/** A policy as people write them: a profile, and some controls of its own. */
const policy = (n: number) => `apiVersion: bulwark/v1
kind: Policy
metadata: { name: team-${n}, description: The rules of a team. }
spec:
  profile: baseline
  controls:
    capabilities: { allowAdd: [NET_BIND_SERVICE] }
    binds: { allowPaths: ["/srv/team-${n}/**", "/etc/localtime:ro"] }
    memory: { required: true, max: 2GiB }
    pids: { required: true, max: 200 }
    images: { denyTags: [nightly] }
`;

/** From the call of the command to its line of readiness, with a new ledger each time. */
export async function start(servers: Servers): Promise<Row> {
  const folder = join(servers.folder, 'policies');
  mkdirSync(folder);
  for (let n = 0; n < documents; n++) writeFileSync(join(folder, `team-${n}.yaml`), policy(n));
  const times: number[] = [];
  for (let n = 0; n < starts; n++) {
    const began = performance.now();
    await servers.bulwark(`start-${n}`, folder);
    times.push(performance.now() - began);
    await servers.stop();
  }
  const taken = median(times);
  return {
    what: `start to ready, ${documents} policy documents`,
    bulwark: `${taken.toFixed(0)} ms`,
    bound: `< ${most} ms`,
    held: taken < most,
  };
}
