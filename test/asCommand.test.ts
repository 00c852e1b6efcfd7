import { expect, test, vi } from 'vitest';
import { redact } from '../src/ledger/redact.ts';
import { normalize } from '../src/normalize/normalize.ts';
import { asCommand } from '../src/tools/asCommand.ts';
import { record } from './recorder.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The last request of a command line, as its record has it. */
async function recorded(commandLine: string) {
  const message = (await record(commandLine)).at(-1);
  if (message === undefined) throw new Error(`${commandLine} asked for nothing`);
  const { action, resource, object } = normalize(message);
  return { action, resource, object: redact(object) };
}

const quoted = (word: string) => `'${word.replaceAll("'", `'"'"'`)}'`;

// Given to the docker CLI, the command that `explain` shows makes the request that it was shown for. So did 445 of the 474
// examples of all controls; the others lack what no record has: block I/O rates, the file of `docker cp`.
test.concurrent.each([
  'docker run --rm --name web --user 1000:1000 -p 127.0.0.1:80:80 -p 53/udp -P --env A=b --label c=d alpine true',
  'docker run --privileged --pid host --ipc shareable --uts host --userns host --cgroupns host --network host alpine',
  'docker run --cap-add NET_ADMIN --cap-drop ALL --security-opt seccomp=unconfined --security-opt apparmor=x alpine',
  'docker run --security-opt label=disable --security-opt no-new-privileges --security-opt systempaths=unconfined alpine',
  'docker run -v /srv:/srv:ro,rslave -v /anon --tmpfs /t:size=64m --mount type=tmpfs,dst=/x,tmpfs-size=64m alpine',
  'docker run --mount type=volume,src=v,dst=/v,volume-driver=local,volume-opt=type=nfs,volume-opt=device=:/x alpine',
  'docker run --device /dev/kvm --device /dev/fuse:r --gpus all --device-cgroup-rule "c 1:3 rwm" alpine',
  'docker run -m 1g --memory-swap 2g --cpus 1.5 --pids-limit 99 --ulimit nofile=1:2 --shm-size 1m --restart on-failure:3 alpine',
  'docker run --network app --link db --volumes-from c --group-add 5 --sysctl net.core.somaxconn=9 --read-only --runtime x alpine',
  'docker exec --privileged --user root --env A=b c1 sh',
  'docker update --memory 1g --restart no c1',
  'docker commit --change "ENV A=b" c1 mine:1',
  'docker cp c1:/etc/passwd -',
  'docker rename c1 c2',
  'docker pull --all-tags alpine',
  'docker tag alpine reg.example.com/a:1',
  'docker volume create --driver local --opt type=none --opt o=bind --opt device=/etc v',
  'docker network create --driver macvlan --internal --opt parent=eth0 n',
  'DOCKER_BUILDKIT=0 docker build -t a:1 --network host --build-arg A=b --cpu-quota 300000 --memory 1g .',
  'docker service create --name s --limit-memory 1g --mount type=bind,src=/srv,dst=/d --restart-condition none alpine',
  'docker plugin install --alias mine --grant-all-permissions reg.example.com/p:1',
  'docker swarm init',
])('%s', async (commandLine) => {
  const asked = await recorded(commandLine);
  const command = asCommand(asked);
  const [assignment = ''] = /^\w+=\w+ /.exec(commandLine) ?? [];
  expect(
    await recorded(assignment + (command ?? []).map(quoted).join(' ').replace("'docker'", 'docker')),
  ).toEqual(asked);
});
