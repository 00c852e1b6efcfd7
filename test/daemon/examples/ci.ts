import type { ExampleSet } from './set.ts';

const limits = '--memory 64m --cpus 0.5 --pids-limit 50';
const image = '127.0.0.1:5000/mirror/alpine:3.20';

export const ci: readonly ExampleSet[] = [
  {
    name: 'ci',
    rows: [
      {
        does: 'who is not identified does not build',
        run: 'docker build .',
        denied: ['access/not-granted'],
      },
      {
        does: 'images come from the registry alone',
        run: `docker run --rm ${limits} alpine:3.20`,
        denied: ['jobs/images.registry'],
      },
      {
        does: 'and not from this host under its name',
        run: `docker run --rm ${limits} registry.example.com/mirror/alpine:3.20`,
        prints: /did not come from its registry[\s\S]*push your own there first/,
        denied: ['jobs/images.local'],
      },
      {
        does: 'looking and clearing away',
        run: 'docker ps; docker images; docker system prune -f',
        prints: /reclaimed/,
      },
    ],
  },
  {
    name: 'ci',
    edits: [
      ['registry.example.com', '127.0.0.1:5000'],
      ['# - "group:system:unauthenticated"', '- "group:system:unauthenticated"'],
    ],
    rows: [
      {
        does: 'a job runs, with exec, logs, stop and rm',
        run: `docker run -d --name job ${limits} -p 5432 ${image} sh -c 'echo up; exec sleep 1000'; docker exec job echo inside
docker cp job:/etc/passwd - | tar -xO | head -1; docker logs job; docker stop -t 0 job; docker rm job`,
        prints: /inside/,
      },
      {
        does: 'docker compose runs a job, with a network and a volume',
        run: 'docker compose -p job up -d; docker compose -p job logs; docker compose -p job down -v -t 0',
      },
      {
        does: 'what was built does not run before it is pushed',
        run: `docker build -t $REGISTRY/shop/web:1 . ; docker run --rm ${limits} $REGISTRY/shop/web:1`,
        denied: ['jobs/images.local'],
      },
      {
        does: 'and then does',
        run: `docker push -q $REGISTRY/shop/web:1; docker run --rm ${limits} $REGISTRY/shop/web:1`,
        prints: /built/,
      },
      {
        does: 'nothing comes back by itself',
        run: `docker run --restart always ${limits} ${image}`,
        denied: ['jobs/restart'],
      },
      {
        does: 'no host network',
        run: `docker run --network host ${limits} ${image}`,
        denied: ['baseline/hostNamespaces.network'],
      },
      {
        does: "Testcontainers' Ryuk is told how to do without",
        run: `docker run -v /var/run/docker.sock:/var/run/docker.sock ${limits} ${image}`,
        prints: /TESTCONTAINERS_RYUK_DISABLED=true/,
        denied: ['baseline/dockerSocket'],
      },
      {
        does: 'images are not made by commit',
        run: `docker run --name made ${limits} ${image} true; docker commit made $REGISTRY/made:1`,
        denied: ['access/jobs'],
      },
      { does: 'prune', run: 'docker system prune -f --volumes', prints: /reclaimed/ },
    ],
  },
];
