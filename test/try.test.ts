import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { denialText } from '../src/authz/denial.ts';
import type { Subject } from '../src/model/subject.ts';
import type { PolicySet } from '../src/policy/compile.ts';
import { loadPolicySet } from '../src/policyfiles/load.ts';
import { asSubject } from '../src/tools/asSubject.ts';
import { judgeAlone } from '../src/tools/judgeAlone.ts';
import { verdictOf } from '../src/tools/trialAnswer.ts';
import { type TryResult, tryCommand } from '../src/tools/try.ts';
import { answer } from './ledgerOf.ts';
import { parseCommand } from './recorder.ts';

let folder: string;
let work: string;
const sets = new Map<string, PolicySet>();

const house = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  controls:
    memory: { required: true, max: 2GiB }
    binds: { allowPaths: ["/srv/{subject}/**", "/srv/{group}/**"] }
    images: { denyTags: [latest] }
    exec: { users: [app] }
    labels: { required: [team] }
`;

/** Allows all, but watches and makes an exception. */
const watching = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  controls:
    memory: { required: true, mode: audit }
    privileged: { allow: false }
---
apiVersion: bulwark/v1
kind: Exception
metadata: { name: builders }
spec: { rules: [house/privileged], match: { actions: [container.create] }, reason: they build, expires: never }
`;

const compose = `services:
  front: { image: "nginx:1", ports: ["8090:80"], volumes: ["data:/d"], networks: [default, outside] }
  back: { image: "busybox:1", privileged: \${PRIVILEGED:-false} }
volumes: { data: {} }
networks: { outside: { external: true } }
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-try-test-'));
  work = join(folder, 'work');
  mkdirSync(join(folder, 'tmp'));
  vi.stubEnv('TMPDIR', join(folder, 'tmp'));
  mkdirSync(join(work, 'plugin/rootfs'), { recursive: true });
  writeFileSync(join(work, 'plugin/config.json'), '{"interface":{"types":[]}}');
  writeFileSync(join(work, 'Dockerfile'), 'FROM alpine\n');
  writeFileSync(join(work, 'file.txt'), 'hello\n');
  writeFileSync(join(work, 'image.tar'), new Uint8Array(1024));
  writeFileSync(join(work, 'compose.yaml'), compose);
  writeFileSync(join(work, 'stack.yaml'), 'version: "3.8"\nservices: { web: { image: nginx } }\n');
  writeFileSync(join(folder, 'house.yaml'), house);
  for (const path of ['policies', join(folder, 'house.yaml')]) {
    const loaded = await loadPolicySet([path]);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
    sets.set(path === 'policies' ? 'baseline' : 'house', loaded.set);
  }
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Tries a command line by the shipped policies, or by the house's as alice of the group web. */
function tried(line: string, policies = 'baseline', env = {}, deadline = 60_000): Promise<TryResult> {
  const { assignments, argv } = parseCommand(line);
  const set = sets.get(policies);
  const as = asSubject(policies === 'house' ? 'user:alice,group:web' : undefined);
  if (set === undefined || 'error' in as) throw new Error('the test has no such policies');
  const protect = { paths: ['/var/lib/bulwark'], sockets: [], container: 'bulwark', plugin: 'bulwark' };
  return tryCommand({
    command: ['docker', ...argv],
    env: { ...process.env, HOME: folder, ...assignments, ...env },
    cwd: work,
    hasInput: false,
    deadline,
    signal: new AbortController().signal,
    judge: (message) => judgeAlone(message, set, { subject: as.subject, protect, now: 0 }),
    denialText,
  });
}

/** `allow`, `unknown`, or the rules that are broken; and the actions but for the ping. */
async function outcome(line: string, policies?: string) {
  const result = await tried(line, policies);
  if (!result.ok) throw new Error(result.problem.message);
  const { requests } = result.trial;
  const verdict = verdictOf(result.trial);
  const rules = requests.flatMap(({ decision }) => decision.violations.map(({ rule }) => rule));
  const actions = requests
    .map(({ decision }) => decision.action)
    .filter((action) => action !== 'system.ping');
  return {
    verdict: verdict === 'deny' ? rules.sort().join(' ') : verdict,
    actions: actions.join(' '),
    trial: result.trial,
  };
}

// The CLI takes a tenth of a second of a free processor; a busy machine has none.
vi.setConfig({ testTimeout: 120_000 });

describe('tryCommand()', () => {
  // Each goes on to its last request, as on a real daemon.
  test.concurrent.each([
    ['docker run alpine', 'container.create container.attach container.wait container.start'],
    ['docker run -d alpine', 'container.create container.start'],
    ['docker run -it --rm alpine sh', 'container.create container.attach container.wait container.start'],
    [
      'docker run --pull always alpine',
      'image.pull container.create container.attach container.wait container.start',
    ],
    ['docker create alpine', 'container.create'],
    ['docker start web', 'container.start'],
    ['docker start -a web', 'container.inspect container.attach container.wait container.start'],
    ['docker exec web ls', 'container.inspect exec.create exec.start exec.inspect'],
    ['docker exec -it web sh', 'container.inspect exec.create exec.start exec.inspect'],
    ['docker exec -d web ls', 'container.inspect exec.create exec.start'],
    ['docker cp file.txt web:/tmp/', 'container.archive_stat container.archive_put'],
    ['docker cp web:/etc/hosts file.txt', 'container.archive_get'],
    ['docker commit web mine', 'container.commit'],
    ['docker rename web web2', 'container.rename'],
    ['docker rm -f web', 'container.delete'],
    ['docker logs -f web', 'container.inspect container.logs'],
    ['docker stats web', 'container.stats'],
    ['docker events', 'system.events'],
    ['docker ps', 'container.list'],
    ['docker update --memory 1g web', 'container.update'],
    ['DOCKER_BUILDKIT=0 docker build -t mine .', 'build'],
    ['docker tag alpine mine', 'image.tag'],
    ['docker pull alpine', 'image.pull'],
    ['docker push mine:1', 'image.push'],
    ['docker save -o file.txt alpine', 'image.save'],
    ['docker load -i image.tar', 'image.load'],
    ['docker import image.tar mine:1', 'image.import'],
    ['docker volume create data', 'volume.create'],
    ['docker volume rm data', 'volume.delete'],
    ['docker network create net', 'network.create'],
    ['docker network connect net web', 'network.connect'],
    ['docker network rm net', 'network.inspect network.delete'],
    [
      'docker service create --network net nginx',
      'network.inspect distribution.inspect service.create service.inspect',
    ],
    ['docker service scale web=2', 'service.inspect service.update service.inspect'],
    ['docker service rm web', 'service.delete'],
    ['docker stack rm mine', 'service.list network.list secret.list config.list service.delete'],
    ['docker secret create key file.txt', 'secret.create'],
    ['docker swarm leave', 'swarm.leave'],
    ['docker system prune', 'container.prune network.prune image.prune build.prune'],
    ['docker version', 'system.version'],
    ['docker --version', ''],
  ])('follows %s to its end and allows it', async (line, actions) => {
    const found = await outcome(line);
    // Two requests that the CLI sends at the same time may come in either order.
    const sorted = (text: string) => text.split(' ').sort();
    expect({ ...found, actions: undefined }).toMatchObject({
      verdict: 'allow',
      trial: { ending: { kind: 'whole' } },
    });
    const optional = line === 'docker run -d alpine' ? ['container.wait'] : [];
    expect(sorted(found.actions).filter((action) => !optional.includes(action))).toEqual(sorted(actions));
  });

  test.concurrent.each([
    ['docker run --privileged alpine', 'baseline/privileged'],
    ['docker run -it --privileged alpine sh', 'baseline/privileged'],
    ['docker run --pid host --cap-add SYS_ADMIN alpine', 'baseline/capabilities baseline/hostNamespaces.pid'],
    ['docker run -v /:/host alpine', 'baseline/binds baseline/dockerSocket'],
    ['docker run -v /var/run/docker.sock:/s alpine', 'baseline/dockerSocket'],
    ['docker create --device /dev/sda alpine', 'baseline/devices'],
    ['docker exec --privileged web sh', 'baseline/exec'],
    ['docker exec bulwark sh', 'baseline/actions.self'],
    ['DOCKER_BUILDKIT=0 docker build --network host .', 'baseline/build.network'],
    ['docker volume create -o type=none -o o=bind -o device=/etc data', 'baseline/binds baseline/volumes'],
    ['docker network create -d macvlan -o parent=eth0 net', 'baseline/networks.options'],
    ['docker service create --mount type=bind,src=/etc,dst=/h nginx', 'baseline/binds'],
    ['docker plugin install x/y', 'baseline/actions'],
    ['docker plugin create mine plugin', 'baseline/actions'],
    ['docker swarm init', 'baseline/actions'],
    ['docker node update --availability drain n1', 'baseline/actions'],
    ['docker checkpoint create web one', 'baseline/actions'],
  ])('denies %s', async (line, rules) => {
    expect((await outcome(line)).verdict).toBe(rules);
  });

  // As alice of the group web, by the house's own rules.
  test.concurrent.each([
    ['docker run -m 1g --label team=web alpine:3', 'allow'],
    ['docker run alpine', 'house/images house/labels house/memory'],
    ['docker run -m 4g --label team=web alpine:3', 'house/memory.max'],
    ['docker run -m 1g --label team=web -v /srv/alice/x:/x alpine:3', 'allow'],
    ['docker run -m 1g --label team=web -v /srv/web/x:/x alpine:3', 'allow'],
    ['docker run -m 1g --label team=web -v /srv/bob/x:/x alpine:3', 'house/binds'],
    ['docker exec -u app web ls', 'allow'],
    ['docker exec -u root web ls', 'house/exec'],
    ['docker pull alpine', 'house/images'],
  ])('judges %s for its subject: %s', async (line, rules) => {
    const { verdict } = await outcome(line, 'house');
    // A rule's parts are told apart by the control's own tests.
    const whole = (text: string) => text.replace(/\.\w+/g, '');
    expect(whole(verdict)).toBe(whole(rules));
  });

  test('stops where a denial stops the CLI, as on a real daemon', async () => {
    expect((await outcome('docker run --privileged alpine')).actions).toBe('container.create');
  });

  test("leaves the user's files alone", async () => {
    for (const line of [
      'docker cp web:/etc/hosts file.txt',
      'docker save -o file.txt alpine',
      'docker export -o file.txt web',
      'docker run --cidfile id alpine',
      'DOCKER_BUILDKIT=0 docker build --iidfile id .',
    ])
      expect((await outcome(line)).verdict).toBe('allow');
    expect(readFileSync(join(work, 'file.txt'), 'utf8')).toBe('hello\n');
    expect(readdirSync(work).sort()).toEqual([
      'Dockerfile',
      'compose.yaml',
      'file.txt',
      'image.tar',
      'plugin',
      'stack.yaml',
    ]);
    expect(existsSync(join(work, 'id'))).toBe(false);
  });

  test('does not say yes to what it has not seen: a command that does not end, or ends in an error', async () => {
    const wrong = await outcome('docker run --no-such-flag alpine');
    expect(wrong).toMatchObject({ verdict: 'unknown', trial: { ending: { kind: 'stopped', code: 125 } } });
    const late = await tried('docker ps', 'baseline', {}, 1);
    expect(late).toMatchObject({ ok: true, trial: { ending: { kind: 'late' } } });
    if (late.ok) expect(verdictOf(late.trial)).toBe('unknown');
  });

  test('a bug in judging denies', async () => {
    const broken = {
      known: (subject: Subject) => subject,
      applicable: () => {
        throw new Error('planted');
      },
    };
    sets.set('broken', broken as unknown as PolicySet); // a set that throws when it is asked
    expect((await outcome('docker ps', 'broken')).verdict).toBe('internal-error');
  });
});

/** What `bulwark try` prints, with the exit code. */
function cli(...args: readonly string[]) {
  return answer('try', ...args);
}

describe('bulwark try', () => {
  const policies = ['--policies', 'policies'];

  test('prints what was allowed, and exits 0', async () => {
    expect(await cli(...policies, '--', 'docker', 'run', '--rm', '--name', 'web', 'alpine')).toEqual({
      code: 0,
      stdout: `allow   container.create  web of alpine
allow   container.attach
allow   container.start

allowed: 5 requests, asked by system:anonymous
`,
      stderr: '',
    });
  });

  test('prints a denial so that it suffices, and exits 1; works without the two dashes', async () => {
    expect(await cli(...policies, '--as', 'user:alice', 'docker', 'run', '--privileged', 'alpine')).toEqual({
      code: 1,
      stdout: `DENY    container.create  alpine
        baseline/privileged: --privileged gives the container full control of the host. Fix: drop --privileged; for one capability use --cap-add NET_BIND_SERVICE. (policies/baseline.yaml:28)

denied: 1 of 2 requests, asked by alice
`,
      stderr: '',
    });
  });

  test('answers programs in one document of JSON', async () => {
    const { code, stdout } = await cli(
      ...policies,
      '--output',
      'json',
      '--',
      'docker',
      'exec',
      '--privileged',
      'web',
      'sh',
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'deny',
      command: ['docker', 'exec', '--privileged', 'web', 'sh'],
      subject: { name: 'system:anonymous' },
      policySet: expect.stringMatching(/^[0-9a-f]{64}$/),
      ending: { kind: 'whole' },
      requests: [
        { allow: true, action: 'system.ping' },
        { allow: true, action: 'container.inspect', resource: { kind: 'container', ref: 'web' } },
        {
          allow: false,
          action: 'exec.create',
          violations: [{ rule: 'baseline/exec', source: { line: 28 } }],
        },
      ],
    });
  });

  test('shows what only watches and the exceptions that were used, which deny nothing', async () => {
    const file = join(folder, 'watching.yaml');
    writeFileSync(file, watching);
    const line = ['docker', 'create', '--privileged', 'alpine'];
    const { code, stdout } = await cli('--policies', file, '--', ...line);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^allow {3}container\.create {2}alpine\n {8}audit: house\/memory\.required: .* \(.*watching\.yaml:6\)\n {8}let off by the exception builders\n\nallowed/,
    );
    const json = await cli('--policies', file, '--output', 'json', '--', ...line);
    expect(JSON.parse(json.stdout).requests.at(-1)).toMatchObject({
      allow: true,
      violations: [],
      observed: [{ rule: 'house/memory.required', mode: 'audit' }],
      exceptions: ['builders'],
    });
  });

  test('shows what the CLI said where it is asked for', async () => {
    const { stderr } = await cli(...policies, '--verbose', '--', 'docker', 'run', '--privileged', 'alpine');
    expect(stderr).toContain(
      '  | docker: Error response from daemon: authorization denied by plugin bulwark: baseline/',
    );
  });

  test('prints nothing that a client could steer a terminal with', async () => {
    const name = 'a\u001b[2J\u202eb';
    const { code, stdout, stderr } = await cli(
      ...policies,
      '--verbose',
      '--',
      'docker',
      'volume',
      'create',
      name,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('a\\u001b[2J\\u202eb');
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e]/);
  });

  // The command line itself is wrong, or there is no answer: 2, with the way out.
  test.each([
    [[], 'missing required argument'],
    [['--output', 'xml', '--', 'docker', 'ps'], '--output'],
    [['--deadline', 'soon', '--', 'docker', 'ps'], 'a duration is a whole number'],
    [['--as', 'alice', '--', 'docker', 'ps'], 'user:alice,group:web'],
    [['--', 'podman', 'ps'], 'bulwark try -- docker run'],
    [['--', 'docker', '-H', 'tcp://prod', 'ps'], 'Leave it out'],
    [['--', '/nonexistent/docker', 'ps'], 'Install the command line alone'],
    [['--', 'docker', 'run', '--no-such-flag', 'alpine'], 'unknown flag: --no-such-flag'],
  ])('exits 2 for %j', async (args, text) => {
    const given = args.length === 0 ? [] : [...policies, ...args];
    expect(await cli(...given)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(text) });
  });

  test('exits 1 where there is no policy set', async () => {
    expect(await cli('--policies', join(folder, 'none'), '--', 'docker', 'ps')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('name one with `--policies FOLDER`'),
    });
  });

  test('leaves nothing behind', () => {
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });
});
