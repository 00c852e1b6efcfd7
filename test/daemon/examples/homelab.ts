import type { ExampleSet } from './set.ts';

const socket = '-v /var/run/docker.sock:/var/run/docker.sock';

/** First of all sets: it has no say in images, so that it makes those of the others. */
export const homelab: readonly ExampleSet[] = [
  {
    name: 'homelab',
    rows: [
      {
        does: 'a media server binds its folders and comes back by itself',
        run: `mkdir -p /srv/jellyfin /mnt/media; echo film > /mnt/media/f
docker run -d --name jellyfin --restart unless-stopped -p 8096:80 -v /srv/jellyfin:/config -v /mnt/media:/media:ro web
docker exec jellyfin cat /media/f; docker restart -t 0 jellyfin; docker logs jellyfin; docker rm -f jellyfin`,
        prints: /film/,
      },
      {
        does: 'docker compose runs a stack',
        run: `docker compose -p stack up -d; docker compose -p stack exec -T app echo inside
docker compose -p stack logs; docker compose -p stack down -v -t 0`,
        prints: /inside/,
      },
      {
        does: 'images are built, tagged, pushed and run',
        run: `docker build -t home . ; docker run --rm home
printf 'FROM alpine\\nLABEL own=yes\\n' | docker build -t $REGISTRY/traefik:v3.1 - ; docker push -q $REGISTRY/traefik:v3.1
docker tag home traefik:v3.1; docker tag home registry.example.com/mirror/alpine:3.20`,
        prints: /built/,
      },
      {
        does: 'prune',
        run: 'docker run --name over alpine true; docker system prune -f',
        prints: /reclaimed/,
      },
      {
        does: 'another program does not get the socket, read-only or not',
        run: `docker run --rm ${socket}:ro alpine`,
        denied: ['baseline/dockerSocket'],
      },
      {
        does: 'nor one that was only called traefik',
        run: `docker run --rm ${socket} traefik:v3.1`,
        denied: ['baseline/dockerSocket'],
      },
      { does: 'no other folder', run: 'docker run --rm -v /home/dev:/x alpine', denied: ['home/binds'] },
      {
        does: 'no privileged container',
        run: 'docker run --privileged alpine',
        denied: ['baseline/privileged'],
      },
    ],
  },
  {
    name: 'homelab',
    edits: [['docker.io/library/traefik', '127.0.0.1:5000/traefik']],
    rows: [
      {
        does: 'what came from the repository of the Exception has the socket, also after a restart',
        run: `docker run -d --name traefik ${socket}:ro $REGISTRY/traefik:v3.1 sleep 1000; docker restart -t 0 traefik
docker exec traefik sh -c 'test -S /var/run/docker.sock && echo has it'`,
        prints: /has it/,
      },
      {
        does: 'what is asked by its socket is judged like all else',
        run: `its=/proc/$(docker inspect -f '{{.State.Pid}}' traefik)/root/var/run/docker.sock
docker -H unix://$its ps; docker -H unix://$its run --privileged alpine`,
        prints: /traefik/,
        denied: ['baseline/privileged'],
      },
      {
        does: 'and nothing else',
        run: `docker rm -f traefik; docker run --rm --pid host ${socket} $REGISTRY/traefik:v3.1`,
        denied: ['baseline/hostNamespaces.pid'],
      },
    ],
  },
];
