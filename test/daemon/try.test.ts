/** What `bulwark try` says of a command, and what a real daemon with Bulwark makes of it: the same, rule by rule. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { denialText } from '../../src/authz/denial.ts';
import { resolveConfig } from '../../src/config/config.ts';
import { anonymous } from '../../src/model/subject.ts';
import type { PolicySet } from '../../src/policy/compile.ts';
import type { Around } from '../../src/policy/match.ts';
import { loadPolicySet } from '../../src/policyfiles/load.ts';
import { judgeAlone } from '../../src/tools/judgeAlone.ts';
import { verdictOf } from '../../src/tools/trialAnswer.ts';
import { tryCommand } from '../../src/tools/try.ts';
import { parseCommand } from '../recorder.ts';
import { type Bulwark, startBulwark } from './bulwark.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { packages } from './packages.ts';
import { describeReleases } from './releases.ts';

const baseline = join(import.meta.dirname, '../../policies');

const house = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  controls:
    memory: { max: 1GiB }
    restart: { allow: ["no", on-failure] }
    env: { denyNames: ["*PASSWORD*"] }
`;

const files = {
  'house/house.yaml': house,
  'work/Dockerfile': 'FROM busybox\n',
  'work/file.txt': 'hello\n',
  'work/plugin/config.json': '{"interface":{"types":[]}}',
  'work/plugin/rootfs/x': '',
  'work/good/compose.yaml': 'services: { a: { image: busybox, command: "true" } }\nvolumes: { data: {} }\n',
  'work/bad/compose.yaml': 'services: { a: { image: busybox, privileged: true } }\n',
  'work/bound/compose.yaml': 'services: { a: { image: busybox, volumes: ["/etc:/h"] } }\n',
};

/** Of these `web` runs, `net` is a network and `data` a volume; `gone` is nothing on a real daemon. */
const commands = `
docker run --rm busybox true
docker run -d --rm --name lives busybox sleep 1
docker run -it --rm busybox true
docker run --rm -i busybox cat
docker run --rm --privileged busybox true
docker run -it --rm --privileged busybox sh
docker run --rm --cap-add SYS_ADMIN busybox true
docker run --rm --cap-add NET_BIND_SERVICE busybox true
docker run --rm --cap-drop ALL busybox true
docker run --rm --cap-add ALL --pid host busybox true
docker run --rm --pid host busybox true
docker run --rm --net host busybox true
docker run --rm --ipc host busybox true
docker run --rm --uts host busybox true
docker run --rm --userns host busybox true
docker run --rm --cgroupns host busybox true
docker run --rm --network container:web busybox true
docker run --rm --network net busybox true
docker run --rm -v /:/host busybox true
docker run --rm -v /etc:/h:ro busybox true
docker run --rm -v /etc/localtime:/etc/localtime:ro busybox true
docker run --rm -v /home/x:/x busybox true
docker run --rm -v data:/data busybox true
docker run --rm -v /var/run/docker.sock:/s busybox true
docker run --rm -v /run:/r busybox true
docker run --rm --mount type=bind,src=/root,dst=/h busybox true
docker run --rm --mount type=tmpfs,dst=/t busybox true
docker run --rm --mount type=volume,src=v1,dst=/v,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/ busybox true
docker run --rm --volumes-from web busybox true
docker run --rm --tmpfs /t busybox true
docker run --rm --device /dev/sda busybox true
docker run --rm --device-cgroup-rule "a *:* rwm" busybox true
docker run --rm --security-opt seccomp=unconfined busybox true
docker run --rm --security-opt apparmor=unconfined busybox true
docker run --rm --security-opt systempaths=unconfined busybox true
docker run --rm --security-opt no-new-privileges busybox true
docker run --rm --sysctl kernel.shm_rmid_forced=1 busybox true
docker run --rm --sysctl net.ipv4.ip_forward=1 busybox true
docker run --rm --cgroup-parent /x busybox true
docker run --rm --runtime other busybox true
docker run --rm -m 512m busybox true
docker run --rm -m 4g busybox true
docker run --rm --cpus 1 --pids-limit 100 busybox true
docker run --rm -e DB_PASSWORD=x busybox true
docker run --rm -e A=b --env-file file.txt busybox true
docker run -d --restart always --name r1 busybox true
docker run -d --restart on-failure:2 --name r2 busybox true
docker run --rm -u 1000 --read-only busybox true
docker run --rm --log-driver syslog busybox true
docker run --rm --log-opt max-size=1m busybox true
docker run --rm --link web busybox true
docker run --rm -p 127.0.0.1:8099:80 busybox true
docker run --rm --privileged --pid host -v /:/h -m 4g -e PASSWORD=x busybox true
docker run --rm --pull never busybox true
docker create --name c1 busybox
docker create --device /dev/kvm busybox
docker create --ulimit nofile=10 --shm-size 16m --init --hostname h busybox
docker start web
docker start -a c1
docker exec web true
docker exec -it web true
docker exec --privileged web true
docker exec -u 0 -e A=b -w / web true
docker exec -d web true
docker exec -e PASSWORD=x web true
docker inspect web
docker logs web
docker top web
docker diff web
docker port web
docker stats --no-stream web
docker ps -a
docker rename c1 c2
docker update --cpus 1 web
docker update -m 4g --memory-swap 8g web
docker update --restart always web
docker pause web
docker unpause web
docker cp file.txt web:/tmp/
docker cp web:/etc/passwd -
docker commit web committed
docker commit -c "USER 1000" web committed
docker rm -f gone
docker stop gone
docker kill gone
docker images
docker image inspect busybox
docker history busybox
docker tag busybox mine:1
docker rmi gone
DOCKER_BUILDKIT=0 docker build .
DOCKER_BUILDKIT=0 docker build --network host .
DOCKER_BUILDKIT=0 docker build --security-opt seccomp=unconfined .
DOCKER_BUILDKIT=0 docker build --build-arg A=b --label l=1 .
docker volume create v2
docker volume create -o type=none -o o=bind -o device=/etc v3
docker volume create -o type=tmpfs -o device=tmpfs v4
docker volume ls
docker volume rm gone
docker network create n2
docker network create -d macvlan -o parent=eth0 n3
docker network create -o com.docker.network.bridge.name=docker0 n4
docker network connect net web
docker network disconnect net web
docker network rm gone
docker service create --mode global busybox
docker service create --mount type=bind,src=/etc,dst=/h busybox
docker service create --cap-add SYS_ADMIN --limit-memory 4g busybox
docker secret create s file.txt
docker swarm init
docker swarm join --token x 127.0.0.1:1
docker swarm leave
docker plugin ls
docker plugin create p plugin
docker plugin install --grant-all-permissions gone/gone
docker plugin disable bulwark
docker checkpoint create web one
docker system df
docker version
docker info
docker container prune -f
docker image prune -f
docker builder prune -f
docker compose -f good/compose.yaml up -d
docker compose -f bad/compose.yaml up -d
docker compose -f bound/compose.yaml create
docker compose -f good/compose.yaml ps
docker compose -f good/compose.yaml down
`
  .trim()
  .split('\n');

/** The rules that the text of a denial names, each once. */
function rulesIn(output: string): string[] {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^.*authorization denied by plugin bulwark: /, ''));
  const rules = lines.flatMap(
    (line) => /^((?:baseline|house)\/[\w.]+|[a-z]+(?:-[a-z]+)+): .* Fix: /.exec(line)?.[1] ?? [],
  );
  return [...new Set(rules)].sort();
}

test('there are at least 100 command lines, each once', () => {
  expect(commands.length).toBeGreaterThanOrEqual(100);
  expect(new Set(commands).size).toBe(commands.length);
});

describeReleases('try and a real daemon', (release) => {
  let folder: string;
  let work: string;
  let bulwark: Bulwark;
  let d: Dockerd;
  let docker: string;
  let set: PolicySet;
  let context: Around;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bulwark-agree-'));
    work = join(folder, 'work');
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const policies = [baseline, join(folder, 'house')];
    ({ docker } = await packages());
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      // As `try` announces itself; else the CLI sends nothing of checkpoints.
      daemonJson: { experimental: true },
      before: async ({ dir, pluginDir }) => {
        const socket = join(pluginDir, 'bulwark.sock');
        bulwark = await startBulwark({ socket, policies, data: join(dir, 'bulwark') });
        const config = await resolveConfig({
          configFile: undefined,
          flags: { policies, authzSocket: socket },
          env: {},
          uid: 0,
        });
        const loaded = await loadPolicySet(policies);
        if (!config.ok || !loaded.ok) throw new Error('the policies are broken');
        set = loaded.set;
        context = { subject: anonymous, protect: config.config.protect, now: Date.now() };
      },
    });
    for (const line of [
      'run -d --name web -m 256m busybox sleep 100000',
      'network create net',
      'volume create data',
    ])
      expect(await d.docker(...line.split(' '))).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.for(commands)('%s', async (line) => {
    const { assignments, argv } = parseCommand(line);
    const tried = await tryCommand({
      command: [docker, ...argv],
      // The CLI speaks to the fake daemon as to this one.
      env: { ...d.env, ...assignments, DOCKER_API_VERSION: release === '20.10' ? '1.41' : '1.45' },
      cwd: work,
      hasInput: false,
      deadline: 50_000,
      signal: new AbortController().signal,
      judge: (message) => judgeAlone(message, set, context),
      denialText,
    });
    if (!tried.ok) throw new Error(tried.problem.message);
    const rules = tried.trial.requests.flatMap(({ decision }) => decision.violations.map(({ rule }) => rule));
    const real = await d.dockerWith(
      { cwd: work, env: assignments, tty: argv.includes('-it'), timeout: 50_000 },
      ...argv,
    );
    expect(rulesIn(real.stderr + real.stdout), real.stderr).toEqual([...new Set(rules)].sort());
    expect(verdictOf(tried.trial), JSON.stringify(tried.trial.ending)).not.toBe('unknown');
  });
});
