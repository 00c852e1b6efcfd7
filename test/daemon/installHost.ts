import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { launcher } from '../process.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';

/** A `daemon.json` as somebody wrote it: tabs, an order of its own, and another plugin. */
export const daemonJson =
  '{\n\t"log-level": "info",\n\t"authorization-plugins": [ "other" ],\n\n\t"labels" : [ "rack=7" ], "debug": false\n}\n';
export const hookedJson = daemonJson.replace('"other"', '"other", "bulwark"');

/** A host on which systemd runs, and what the tests of installations ask of it. */
export async function startHost(release: Dockerd['release']) {
  const other = createServer((request, response) => {
    const answer = request.url === '/Plugin.Activate' ? { Implements: ['authz'] } : { Allow: true };
    response.end(JSON.stringify(answer));
  });
  const d = await startDockerd({
    release,
    systemd: true,
    async before({ etcDocker, pluginDir }) {
      writeFileSync(join(etcDocker, 'daemon.json'), daemonJson);
      await new Promise<void>((resolve) => other.listen(join(pluginDir, 'other.sock'), resolve));
    },
  });
  const run = (...argv: readonly string[]) => d.onHost(argv, { timeout: 120_000 });
  return {
    d,
    async stop() {
      await d.stop();
      other.closeAllConnections();
      other.close();
    },
    run,
    sh: (text: string) => run('sh', '-c', text),
    /** As a careful root does. */
    install: (...args: readonly string[]) =>
      run('sh', '-c', 'umask 077; exec "$@"', 'sh', launcher, 'install', '--yes', ...args),
    daemonJson: () => readFileSync(join(d.etcDocker, 'daemon.json'), 'utf8'),
    /** Whether a privileged container is denied, and by whom; where nobody denies it, the daemon has no such image. */
    privileged: async () => {
      const { stderr } = await d.docker('create', '--pull=never', '--privileged', 'nothing-like-it');
      return /denied by plugin (\S+):/.exec(stderr)?.[1] ?? /No such image/i.exec(stderr)?.[0] ?? stderr;
    },
    /** All that an installation might leave. */
    traces: async () =>
      (
        await run(
          'sh',
          '-c',
          'ls -d /opt/* /etc/bulwark /var/lib/bulwark /usr/local/bin/* /etc/systemd/system/* /etc/systemd/system/*.wants/* /run/docker/plugins/* /etc/docker/* 2>/dev/null; systemctl list-units --all --plain --no-legend "bulwark*"',
        )
      ).stdout,
  };
}

export type Host = Awaited<ReturnType<typeof startHost>>;
