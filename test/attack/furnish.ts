import { readFile } from 'node:fs/promises';
import type { Dockerd } from '../daemon/dockerd.ts';
import { planted } from './planted.ts';
import { pluginFiles, tar } from './rows/tar.ts';

/** What rows rely on: a planted secret, a running container, a swarm, networks, images, a plugin in a registry, a web server. */
export async function furnish(daemon: Dockerd, busybox: string): Promise<void> {
  await onHost(
    daemon,
    `echo ${planted.secret} > ${planted.file}; mkdir -p /srv/build /srv/project /srv/a-checkpoint-list-folder /srv/a-checkpoint-delete-folder /srv/a-checkpoint-delete-folder-encoded; ln -sfn /etc /srv/link; : > /dev/shm/of-the-host
printf %s '${planted.dockerfiles.secret}' > /srv/build/secret
printf %s '${planted.dockerfiles.network}' > /srv/build/network`,
  );
  // Ends with the daemon.
  void daemon.onHost([busybox, 'httpd', '-f', '-p', planted.web, '-h', '/srv/build'], { timeout: 600_000 });
  await ask(daemon, 'POST', '/swarm/init', { ListenAddr: '192.0.2.2', AdvertiseAddr: '192.0.2.2' });
  await ask(daemon, 'POST', '/containers/create?name=target', {
    Image: 'busybox',
    Cmd: ['sleep', '100000'],
    HostConfig: { NetworkMode: 'none' },
  });
  await ask(daemon, 'POST', '/containers/target/start');
  // What an administrator runs: the host's /etc, network, processes and shared memory, a shell that listens.
  await ask(daemon, 'POST', '/containers/create?name=strong', {
    Image: 'busybox',
    Cmd: ['sh', '-c', `cat /h/${planted.file.slice('/etc/'.length)}; exec sh`],
    OpenStdin: true,
    HostConfig: { Binds: ['/etc:/h'], NetworkMode: 'host', PidMode: 'host', IpcMode: 'host' },
  });
  await ask(daemon, 'POST', '/containers/strong/start');
  for (const name of ['allowed', 'secret']) await ask(daemon, 'POST', '/networks/create', { Name: name });
  await ask(daemon, 'POST', '/images/app/tag?repo=forbidden/tool');
  const { address } = await daemon.startRegistry();
  const forbidden = `${address}/forbidden/tool`;
  await ask(daemon, 'POST', `/images/app/tag?repo=${forbidden}`);
  const pushed = await daemon.api('POST', `/images/${forbidden}/push`, {
    headers: { 'X-Registry-Auth': 'e30=' },
  });
  if (pushed.status !== 200 || pushed.text.includes('"error"')) throw new Error(`push: ${pushed.text}`);
  await ask(daemon, 'DELETE', `/images/${forbidden}`);
  const name = `${address}/evil/plugin`;
  await daemon.api('POST', `/plugins/create?name=${name}`, {
    headers: { 'Content-Type': 'application/x-tar' },
    body: tar({ ...pluginFiles, 'rootfs/bin/busybox': await readFile(busybox) }),
  });
  await ask(daemon, 'POST', `/plugins/${name}/push`);
  await ask(daemon, 'DELETE', `/plugins/${name}`);
}

async function onHost(daemon: Dockerd, script: string): Promise<void> {
  const { code, stderr } = await daemon.onHost(['sh', '-c', script]);
  if (code !== 0) throw new Error(`on the daemon's host: ${stderr}`);
}

async function ask(daemon: Dockerd, method: string, target: string, body?: object): Promise<void> {
  const answer = await daemon.api(method, target, body === undefined ? {} : { body });
  if (answer.status >= 400 || answer.text.includes('"error"'))
    throw new Error(`${method} ${target}: ${answer.status} ${answer.text}`);
}
