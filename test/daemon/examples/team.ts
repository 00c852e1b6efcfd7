import type { ExampleSet } from './set.ts';

const limits = '--memory 64m --cpus 0.5 --pids-limit 50';

export const team: readonly ExampleSet[] = [
  {
    name: 'team',
    rows: [
      {
        does: 'containers run with limits, on what is shared',
        run: `docker network create shared_net; docker volume create shared_data
docker run --rm ${limits} -v shared_data:/d alpine sh -c 'echo kept > /d/f'
docker run -d --name job ${limits} --network shared_net -v shared_data:/d:ro alpine sh -c 'cat /d/f; exec sleep 1000'
poll sh -c 'docker logs job | grep kept'; docker logs job; docker stop -t 0 job; docker start job; docker rm -f job
docker network rm shared_net; docker volume rm shared_data`,
        prints: /kept/,
      },
      {
        does: 'an image is built here and run',
        run: `docker build -t app . ; docker run --rm ${limits} app; docker rmi app`,
        prints: /built/,
      },
      {
        does: 'docker compose runs a project with a name of the shared ones',
        run: `export IMAGE=alpine; docker compose -p shared_blog up -d; docker compose -p shared_blog ps; docker compose -p shared_blog down -v -t 0`,
        prints: /shared_blog/,
      },
      {
        does: 'not one with another name',
        run: 'docker compose -p blog up -d',
        denied: ['house/networks.name'],
      },
      {
        does: 'nothing runs without limits',
        run: 'docker run --rm alpine',
        denied: ['house/memory', 'house/cpus', 'house/pids'],
      },
      {
        does: 'nobody has a folder of somebody',
        run: `docker run --rm ${limits} -v /srv/alice:/a alpine`,
        denied: ['house/binds'],
      },
      { does: 'nor a volume', run: 'docker volume create alice_data', denied: ['house/volumes.name'] },
      {
        does: 'nobody who is not known reaches into a container',
        run: `docker run -d --name theirs ${limits} alpine sleep 1000; docker exec theirs id`,
        denied: ['access/not-granted'],
      },
      { does: 'nor copies out of it', run: 'docker cp theirs:/etc/passwd -', denied: ['access/not-granted'] },
      {
        does: 'nor prunes what is of everybody',
        run: 'docker rm -f theirs; docker container prune -f',
        denied: ['access/not-granted'],
      },
      { does: 'plugins are left alone', run: 'docker plugin disable x', denied: ['access/workers'] },
      { does: 'so is the way to a swarm', run: 'docker swarm init', denied: ['access/workers'] },
      {
        does: 'images of strangers are not pulled',
        run: 'docker pull someone/miner',
        denied: ['house/images'],
      },
      {
        does: 'no privileged container',
        run: `docker run --privileged ${limits} alpine`,
        denied: ['baseline/privileged'],
      },
    ],
  },
];
