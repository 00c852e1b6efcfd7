import type { ExampleSet } from './set.ts';

const hard =
  '--user 1000:1000 --cap-drop ALL --security-opt no-new-privileges --memory 64m --cpus 0.5 --pids-limit 50';

export const restricted: readonly ExampleSet[] = [
  {
    name: 'restricted',
    rows: [
      {
        does: 'what has the flags runs, with exec, logs, stop and rm',
        run: `docker volume create data
docker run -d --name web ${hard} -p 127.0.0.1:8080:8080 -v data:/data alpine httpd -f -vv -p 8080 -h /www
poll wget -qO- http://127.0.0.1:8080/; wget -qO- http://127.0.0.1:8080/; docker exec web id -u; docker logs web
docker restart -t 0 web; docker stop -t 0 web; docker rm web; docker volume rm data`,
        prints: /hello from the web image\n1000/,
      },
      {
        does: 'docker compose runs a hardened project',
        run: 'docker compose -p hard up -d; docker compose -p hard exec -T app id -u; docker compose -p hard down -v -t 0',
        prints: /1000/,
      },
      {
        does: 'the classic builder builds',
        run: `docker build -t hard . ; docker run --rm ${hard} hard; docker rmi hard`,
        prints: /built/,
      },
      {
        does: 'what has no flags is told all that it lacks',
        run: 'docker run --rm alpine',
        denied: [
          'restricted/capabilities',
          'restricted/noNewPrivileges',
          'restricted/memory',
          'restricted/cpus',
          'restricted/pids',
        ],
      },
      {
        does: 'no folder of the host',
        run: `docker run --rm ${hard} -v /srv:/s alpine`,
        denied: ['restricted/binds'],
      },
      {
        does: 'no port for everybody',
        run: `docker run --rm ${hard} -p 8080:80 alpine`,
        denied: ['restricted/ports'],
      },
      {
        does: 'nobody enters as root',
        run: `docker run -d --name in ${hard} alpine sleep 1000; docker exec -u root in id`,
        denied: ['restricted/user'],
      },
      { does: 'prune', run: 'docker rm -f in; docker system prune -f --volumes', prints: /reclaimed/ },
    ],
  },
];
