import { describe, expect, it } from 'vitest';
import { whyNotRemote } from './remoteCommand.ts';

describe('whyNotRemote()', () => {
  it.each([
    'docker run --rm -it -v /srv:/s --security-opt seccomp=unconfined --security-opt=seccomp=builtin alpine sh',
    'docker container create alpine',
    'docker exec -e A=b web sh',
    'docker image rm alpine',
    'docker network create --driver bridge n',
    'docker service create nginx',
    'docker system prune -f',
    'docker volume create --opt type=none v',
    'docker swarm leave --force',
    'docker ps',
  ])('has nothing against `%s`', (line) => {
    expect(whyNotRemote(line.split(' '))).toBeUndefined();
  });

  // Each would read a file of the host, or write one, or run another program.
  it.each([
    'docker build /etc',
    'docker buildx build /etc',
    'docker image build /etc',
    'docker compose -f /etc/shadow config',
    'docker cp /etc/shadow c:/',
    'docker container cp /etc/shadow c:/',
    'docker cp c:/x /etc/cron.d/x',
    'docker load -i /etc/shadow',
    'docker import /etc/shadow',
    'docker save -o /etc/x alpine',
    'docker export -o /etc/x c',
    'docker config create c /etc/shadow',
    'docker secret create s /etc/shadow',
    'docker stack deploy -c /etc/shadow s',
    'docker plugin create p /etc',
    'docker swarm ca --ca-cert /etc/shadow',
    'docker swarm init --external-ca x',
    'docker swarm update',
    'docker run --env-file /etc/shadow alpine',
    'docker run --env-file=/etc/shadow alpine',
    'docker exec --env-file /etc/shadow c sh',
    'docker container run --label-file /etc/shadow alpine',
    'docker create --cidfile /etc/x alpine',
    'docker service create --env-file /etc/shadow nginx',
    'docker run --security-opt seccomp=/etc/shadow alpine',
    'docker run --security-opt seccomp:/etc/shadow alpine',
    'docker run --security-opt=seccomp=/etc/shadow alpine',
    'docker run --security-opt seccomp=unconfined/../etc/shadow alpine',
    'docker -H tcp://127.0.0.1 ps',
    'docker --config /root/.docker ps',
    'docker --tlscacert /etc/shadow ps',
    'docker -D ps',
    'docker context export x',
    'docker login',
    'docker',
    'docker container',
    '/usr/bin/docker ps',
    './docker ps',
    'sh -c docker',
    'sudo docker ps',
    '',
  ])('refuses `%s`', (line) => {
    expect(whyNotRemote(line.split(' '))).toEqual(expect.any(String));
  });
});
