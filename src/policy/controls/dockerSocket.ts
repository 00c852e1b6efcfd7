import { z } from 'zod';
import type { Container } from '../../model/container.ts';
import { control } from '../control.ts';
import { judgeMounts, shownFlag } from '../hostMounts.ts';
import { type Reached, socketBy } from '../hostPaths.ts';

export const dockerSocket = control({
  name: 'dockerSocket',
  flags: ['docker run -v', 'docker run --mount', 'docker service create --mount', 'docker volume create -o'],
  about:
    "Whoever reaches the socket of dockerd, containerd or one of their plugins is root on the host, read-only or not: it takes orders for any container. Counts for binds of the socket, of a folder above it, and for volumes that bind; known by path, by where its links lead on this host and by name (`docker.sock`). Such a bind is this control's matter alone: `binds` passes over it.",
  reads: ['container', 'volumes', 'leads'],
  fields: [
    'HostConfig.Binds',
    'HostConfig.Mounts',
    'ContainerSpec.Mounts',
    'Mount.Type',
    'Mount.Source',
    'DriverConfig.Options',
    'VolumeCreate.DriverOpts',
  ],
  parameters: z.strictObject({
    allow: z.boolean().default(false).describe("Whether containers may have a daemon's socket."),
  }),
  needs: () => ['volumes', 'hostFiles'],
  profiles: { baseline: { allow: false }, restricted: { allow: false } },
  check({ object }, { allow }, { protect }) {
    if (allow) return [];
    return judgeMounts(object, ({ path, flag }) => {
      const reached = socketBy(path, protect);
      if (reached === undefined) return undefined;
      return { message: messageFor(shownFlag(flag), reached), fix: wayOut(reached, object.container) };
    });
  },
  examples: [
    { docker: 'docker run -v data:/var/run/docker.sock alpine' },
    { docker: 'docker run -v /home/alice/project:/app alpine' },
    { docker: 'docker run -v /etc:/h alpine' },
    { docker: 'docker run -v /var/run/docker.sock:/var/run/docker.sock alpine', breaks: [''] },
    { docker: 'docker run -v /run/docker.sock:/s:ro alpine', breaks: [''] },
    { docker: 'docker run -v /var/run/../../run//docker.sock:/s alpine', breaks: [''] },
    { docker: 'docker run --mount type=bind,src=/run/docker.sock,dst=/s,readonly alpine', breaks: [''] },
    { docker: 'docker run -v /run:/host/run alpine', breaks: [''] },
    { docker: 'docker run -v /var/run:/r:ro alpine', breaks: [''] },
    { docker: 'docker run -v /:/host alpine', breaks: [''] },
    { docker: 'docker run -v /run/user/1000/docker.sock:/s alpine', breaks: [''] },
    { docker: 'docker run -v /home/alice/.docker/run/docker.sock:/s alpine', breaks: [''] },
    { docker: 'docker run -v /run/containerd/containerd.sock:/s alpine', breaks: [''] },
    { docker: 'docker run -v /run/docker/plugins:/p alpine', breaks: [''] },
    { docker: 'docker run -v /run/docker/plugins/bulwark.sock:/p alpine', breaks: [''] },
    { docker: 'docker run -v /etc/docker/plugins:/p alpine', breaks: [''] },
    { docker: 'docker run -v /run/podman/podman.sock:/s alpine', breaks: [''] },
    { docker: 'docker run -v /run/nri:/n alpine', breaks: [''] },
    { docker: 'docker volume create -o type=none -o o=bind -o device=/run/docker.sock v', breaks: [''] },
    { docker: 'docker volume create -o type=none -o o=ro,rbind -o device=/var/run v', breaks: [''] },
    {
      docker:
        'docker run --mount type=volume,src=v,dst=/x,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/var/run/docker.sock alpine',
      breaks: [''],
    },
    { docker: 'docker service create --mount type=bind,src=/run/docker.sock,dst=/s alpine', breaks: [''] },
    { docker: 'docker run -v /var/run/docker.sock:/var/run/docker.sock alpine', with: { allow: true } },
  ],
});

function messageFor(flag: string, { path, what, how }: Reached): string {
  if (how === 'above') {
    return `${flag} gives the container a folder with ${path} in it, ${what}, and with that root on the host.`;
  }
  return `${flag} gives the container ${what}, and with that root on the host; read-only changes nothing about it.`;
}

const tools: readonly [RegExp, string][] = [
  [
    /(^|\/)ryuk$/,
    'set TESTCONTAINERS_RYUK_DISABLED=true for the tests, which works where they talk to the daemon themselves.',
  ],
  [/(^|\/)traefik$/, "use Traefik's file provider instead of its docker provider."],
  [
    /(^|\/)portainer[^/]*\/agent$|(^|\/)portainer[^/]*$/,
    "let Portainer connect to the daemon's TLS address with a certificate of its own, or ask an administrator to allow its socket.",
  ],
  [
    /(^|\/)watchtower$/,
    'run `docker compose pull && docker compose up -d` from a timer instead of Watchtower, or ask an administrator to allow its socket.',
  ],
];

/** What the tools that ask for the socket most can do without it, as of 2026; for some there is no way but an exception. */
function wayOut({ how }: Reached, container: Container | undefined): string {
  if (how === 'above') return 'bind the folder that is needed, none with a socket of a daemon in it.';
  const repository = container?.image?.repository ?? '';
  const known = tools.find(([image]) => image.test(repository));
  if (known !== undefined) return known[1];
  return 'drop that mount. Testcontainers: TESTCONTAINERS_RYUK_DISABLED=true, where the tests talk to the daemon themselves. Traefik: its file provider. Portainer, Watchtower: only an administrator can allow the socket.';
}
