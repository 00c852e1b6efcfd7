import { basename, dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import { printable } from '../model/printable.ts';

/** Where dockerd looks for sockets of plugins by itself (20.10 to 29). */
const discovered = '/run/docker/plugins';

/** What to do after `serve` has started, for who sees it for the first time: one line each. */
export function nextSteps({ authzSocket, protect, policies }: Config, uid: number): readonly string[] {
  const rootless = uid !== 0;
  const daemonJson = rootless ? '~/.config/docker/daemon.json' : '/etc/docker/daemon.json';
  const steps = [
    ...specStep(printable(authzSocket, 4096), protect.plugin, rootless),
    `put this into ${daemonJson}:  { "authorization-plugins": ["${printable(protect.plugin)}"] }`,
    rootless ? 'run:  systemctl --user restart docker' : 'run:  systemctl restart docker',
    'try:  docker run --rm --privileged alpine true    (denied, with the reason)',
  ];
  return [
    `next, ${rootless ? 'for a rootless dockerd of this user' : 'in another terminal, as root'}:`,
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    `Policies: ${policies.map((path) => printable(path, 4096)).join(', ')}; what is saved there comes into force by itself.`,
    `Denials show here. While Bulwark is stopped dockerd denies everything: take it out of ${daemonJson} and restart dockerd first.`,
  ];
}

/** A socket elsewhere is found through a file that names it. A rootless dockerd reads that of its user alone. */
function specStep(socket: string, plugin: string, rootless: boolean): readonly string[] {
  if (!rootless && dirname(socket) === discovered && basename(socket) === `${plugin}.sock`) return [];
  const folder = rootless ? '~/.local/lib/docker/plugins' : '/etc/docker/plugins';
  return [`run:  mkdir -p ${folder} && echo 'unix://${socket}' > ${folder}/${printable(plugin)}.spec`];
}
