import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { normalize } from '../src/normalize/normalize.ts';
import { evaluate } from '../src/policy/evaluate.ts';
import { flagsOfRestricted } from './docs/profiles/restricted.ts';
import { policySetOf } from './policySetOf.ts';
import { record } from './recorder.ts';
import { context, rulesOfStored } from './stored/rules.ts';

const set = policySetOf('restricted', { profile: 'restricted' });

/** The rules that a docker command line breaks in the whole of `restricted`. */
async function rulesOf(docker: string): Promise<string[]> {
  const messages = await record(docker);
  const rules = messages.flatMap((message) => evaluate(set, normalize(message), context).violations);
  return [...new Set(rules.map(({ rule }) => rule.replace('restricted/', '')))].sort();
}

const needed = Object.entries(flagsOfRestricted);
const line = needed.map(([flag]) => flag).join(' ');

describe('restricted', () => {
  // The CLI takes a tenth of a second of a free processor; a busy machine has none.
  const options = { timeout: 60_000 };

  test('lets pass a container with all the flags that it asks for', options, async () => {
    await expect(rulesOf(`docker run ${line} alpine`)).resolves.toEqual([]);
  });

  test.concurrent.each(needed)('asks for %s', options, async (flag, rules) => {
    const others = needed.map(([other]) => other).filter((other) => other !== flag);
    await expect(rulesOf(`docker run ${others.join(' ')} alpine`)).resolves.toEqual(rules);
  });

  // What people add, with all the flags.
  test.concurrent.each([
    '--name web --detach --restart on-failure:5',
    '--publish 127.0.0.1:8080:8080 --network app --network-alias web',
    '--volume data:/data --tmpfs /tmp --read-only --mount type=volume,src=cache,dst=/cache',
    '--cap-add NET_BIND_SERVICE --env LANG=C --label team=web --workdir /app --hostname web',
    '--health-cmd true --init --shm-size 256m --log-opt max-size=10m --ulimit nofile=65536',
    '--security-opt seccomp=builtin --security-opt apparmor=docker-default --entrypoint sh',
  ])('lets pass beside them: %s', options, async (flags) => {
    await expect(rulesOf(`docker run ${line} ${flags} alpine`)).resolves.toEqual([]);
  });

  // What is done with containers and images beside running them.
  test.concurrent.each([
    'docker ps',
    'docker logs web',
    'docker exec --user 1000:1000 web id',
    'docker stop web',
    'docker cp file.txt web:/srv/',
    'docker update --memory 1g --memory-swap 2g web',
    'docker pull alpine:3.20',
    'docker tag alpine:3.20 mine:1',
    'DOCKER_BUILDKIT=0 docker build --tag mine:1 .',
    'docker volume create data',
    'docker network create app',
    'docker network connect app web',
    'docker system prune --force',
  ])('lets pass: %s', options, async (docker) => {
    await expect(rulesOf(docker)).resolves.toEqual([]);
  });

  test.concurrent.each([
    ['--volume /srv/data:/data', ['binds']],
    ['--publish 80:80', ['ports.ip', 'ports.port']],
    ['--restart always', ['restart']],
    ['--user root', ['user']],
    ['--privileged', ['privileged']],
    ['--cap-add CHOWN', ['capabilities']],
    ['--gpus all', ['devices.gpus']],
    ['--network container:db', ['joinNamespaces.network']],
    ['--volumes-from db', ['volumesFrom']],
    ['--security-opt seccomp=unconfined', ['seccomp']],
    ['--pids-limit -1', ['pids.max']],
    ['--memory-swap -1', ['memorySwap.required']],
  ])('denies beside them: %s', options, async (flags, rules) => {
    await expect(rulesOf(`docker run ${line} ${flags} alpine`)).resolves.toEqual(rules);
  });

  // As two daemons store a container of nothing but an image, with the flags beside it.
  test.each(['20.10.24', '28.5.2'])('lets start what docker %s stored of it', (release) => {
    const captured = readFileSync(
      new URL(`./fixtures/inspect/${release}-captured.jsonl`, import.meta.url),
      'utf8',
    );
    const { answer } = JSON.parse(captured.split('\n', 1)[0] ?? '');
    expect(rulesOfStored(set, Buffer.from(JSON.stringify(answer)))).not.toEqual([]);
    Object.assign(answer.Config, { User: '1000:1000' });
    Object.assign(answer.HostConfig, {
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 512 << 20,
      MemorySwap: 1024 << 20,
      NanoCpus: 1_000_000_000,
      PidsLimit: 200,
    });
    expect(rulesOfStored(set, Buffer.from(JSON.stringify(answer)))).toEqual([]);
  });
});
