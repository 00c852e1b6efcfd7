import type { Row } from './row.ts';

/** Networks, volumes, and the daemon itself. */
export const things: readonly Row[] = [
  {
    does: 'network ls and inspect',
    run: 'docker network ls; docker network inspect lan',
    prints: /10\.77\.0\.0\/16/,
  },
  {
    does: 'network create with a subnet and labels, and rm',
    run: 'docker network create --subnet 10.78.0.0/24 --label a=b --internal own; docker network rm own',
  },
  {
    does: 'network connect with an alias, and disconnect',
    run: `docker network connect --alias helper lan dev; docker run --rm --network lan busybox ping -c 1 helper
docker network disconnect lan dev; docker inspect -f 'in {{len .NetworkSettings.Networks}}' dev`,
    prints: /1 packets received[\s\S]*in 1$/m,
  },
  { does: 'network prune', run: 'docker network create idle; docker network prune -f', prints: /idle/ },
  {
    does: 'volume create, ls, inspect and rm',
    run: 'docker volume create --label a=b store; docker volume ls -q --filter label=a=b; docker volume inspect -f "{{.Driver}}" store; docker volume rm store',
    prints: 'store\nstore\nlocal\nstore',
  },
  {
    does: 'volume create of a tmpfs',
    run: 'docker volume create --opt type=tmpfs --opt device=tmpfs --opt o=size=4m ram; docker run --rm -v ram:/r busybox df /r; docker volume rm ram',
    prints: /4096/,
  },
  {
    does: 'volume prune',
    run: 'docker volume create unused; docker volume prune -f',
    prints: /Total reclaimed space/,
  },
  { does: 'version', run: 'docker version --format "{{.Server.Version}}"', prints: /^\d+\.\d+\.\d+/ },
  { does: 'info', run: 'docker info --format "{{.Plugins.Authorization}}"', prints: '[bulwark]' },
  { does: 'system df', run: 'docker system df -v', prints: /Local Volumes space usage/ },
  { does: 'context ls and show', run: 'docker context ls', prints: /default/ },
  { does: 'plugin ls', run: 'docker plugin ls', prints: /ENABLED/ },
  {
    does: 'swarm leave, which test suites call',
    run: 'docker swarm leave --force',
    code: 1,
    prints: /not part of a swarm/,
  },
  {
    does: 'node ls, which the daemon refuses itself',
    run: 'docker node ls',
    code: 1,
    prints: /not a swarm manager/,
  },
  {
    does: 'swarm init is denied',
    run: 'docker swarm init --advertise-addr 127.0.0.1',
    code: 1,
    denied: /authorization denied by plugin bulwark: baseline\/actions/,
  },
  {
    does: 'system prune',
    run: 'docker run --name over busybox true; docker system prune -f --volumes; ! docker inspect over',
    prints: /Total reclaimed space/,
  },
];
