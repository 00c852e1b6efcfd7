/** A daemon that verifies clients over TCP, and a Bulwark beside it that names callers: what the tests of this folder share. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificate, Openssl } from '../../openssl.ts';
import { type Bulwark, startBulwark } from '../bulwark.ts';
import { type Dockerd, type Place, type RunResult, startDockerd } from '../dockerd.ts';
import { decisions, recordsIn } from '../ledger/book.ts';
import type { Release } from '../packages.ts';

const baseline = join(import.meta.dirname, '../../../policies/baseline.yaml');

/** Beside the baseline: who has a name may use containers, `web` makes volumes, and each binds a folder of their own. */
const people = `
apiVersion: bulwark/v1
kind: Subjects
metadata: { name: people }
spec: { groups: { web: { members: ["ou:Web", "claim:team=web"] } } }
---
apiVersion: bulwark/v1
kind: Access
metadata: { name: people }
spec:
  subjects: ["group:system:authenticated"]
  allow: [{ actions: ["system.*", "image.*", "container.*", "exec.*", "build"] }]
---
apiVersion: bulwark/v1
kind: Access
metadata: { name: web }
spec:
  subjects: ["group:web"]
  allow: [{ actions: ["volume.*"] }]
---
apiVersion: bulwark/v1
kind: Policy
metadata: { name: people }
spec: { controls: { binds: { allowPaths: ["/srv/{subject}/**"] } } }
`;

export class NamedHost {
  readonly d: Dockerd;
  readonly bulwark: Bulwark;
  /** Bulwark's data folder. */
  readonly data: string;
  readonly openssl: Openssl;
  /** Who vouches for clients, and for the daemon. */
  readonly authority: Certificate;
  #configs = 0;

  constructor(d: Dockerd, bulwark: Bulwark, data: string, openssl: Openssl, authority: Certificate) {
    this.d = d;
    this.bulwark = bulwark;
    this.data = data;
    this.openssl = openssl;
    this.authority = authority;
  }

  /** The docker CLI of somebody with this token in their config.json. */
  byToken(
    token: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunResult> {
    const folder = join(this.d.dir, `config-${this.#configs++}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ HttpHeaders: { 'X-Bulwark-Token': token } }));
    return this.d.dockerWith({ env: { DOCKER_CONFIG: folder, ...env } }, ...args);
  }

  /** What the docker CLI is told to come over TCP with a certificate. */
  tls({ cert, key }: Certificate) {
    return {
      args: ['--tlsverify', '--tlscacert', this.authority.cert, '--tlscert', cert, '--tlskey', key],
      env: { DOCKER_HOST: 'tcp://127.0.0.1:2376' },
    };
  }

  /** That of the last decision. */
  lastSubject() {
    return decisions(recordsIn(this.data)).at(-1)?.subject;
  }

  async stop(): Promise<void> {
    await this.d.stop();
    await this.bulwark.stop();
  }
}

/** Starts both. `before` is given the data folder, before Bulwark starts. */
export async function startNamedHost(
  release: Release,
  before: (data: string) => Promise<void> = async () => undefined,
): Promise<NamedHost> {
  const { promise: beside, resolve } = Promise.withResolvers<Beside>();
  const d = await startDockerd({
    release,
    plugins: ['bulwark'],
    args: [
      '--host=tcp://127.0.0.1:2376',
      ...['--tlsverify', '--tlscacert=/etc/docker/ca.pem', '--tlscert=/etc/docker/cert.pem'],
      '--tlskey=/etc/docker/key.pem',
    ],
    before: async (place) => resolve(await startBeside(place, before)),
  });
  const { bulwark, data, openssl, authority } = await beside;
  return new NamedHost(d, bulwark, data, openssl, authority);
}

type Beside = Pick<NamedHost, 'bulwark' | 'data' | 'openssl' | 'authority'>;

async function startBeside(place: Place, before: (data: string) => Promise<void>): Promise<Beside> {
  const [certificates, policies, data] = ['certificates', 'policies', 'bulwark-data'].map((name) =>
    join(place.dir, name),
  ) as [string, string, string];
  for (const folder of [certificates, policies, data]) mkdirSync(folder, { mode: 0o700 });
  const openssl = new Openssl(certificates);
  const authority = openssl.authority('/CN=the authority of the test');
  const server = openssl.issue(
    { subject: '/CN=dockerd', extensions: ['subjectAltName = IP:127.0.0.1'] },
    authority,
  );
  copyFileSync(authority.cert, join(place.etcDocker, 'ca.pem'));
  copyFileSync(server.cert, join(place.etcDocker, 'cert.pem'));
  copyFileSync(server.key, join(place.etcDocker, 'key.pem'));
  copyFileSync(baseline, join(policies, 'baseline.yaml'));
  writeFileSync(join(policies, 'people.yaml'), people);
  await before(data);
  const bulwark = await startBulwark({
    ...{ socket: join(place.pluginDir, 'bulwark.sock'), data },
    policies: [policies],
  });
  return { bulwark, data, openssl, authority };
}
