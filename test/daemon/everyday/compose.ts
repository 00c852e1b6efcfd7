import type { Row } from './row.ts';

const compose = 'cd shop; docker compose';

/** A compose project from the first start to the end; each row goes on where the last one stopped. */
export const composing: readonly Row[] = [
  { does: 'compose config', run: `${compose} config --services | sort`, prints: 'front\nworker' },
  { does: 'compose build', run: `${compose} build`, prints: /[Bb]uil[dt]/ },
  { does: 'compose up -d --wait', run: `${compose} up -d --wait`, prints: /Healthy|Started/ },
  {
    does: 'compose: the port answers, from the bind',
    run: 'wget -qO- http://127.0.0.1:8090/',
    prints: 'the shop is open',
  },
  { does: 'compose ps', run: `${compose} ps --services | sort`, prints: 'front\nworker' },
  { does: 'compose logs', run: `${compose} logs worker`, prints: /worker is up/ },
  { does: 'compose exec -T', run: `${compose} exec -T worker sh -c 'echo $GREETING'`, prints: 'hi' },
  {
    does: 'compose exec on a terminal',
    run: `cd shop; tty docker compose exec worker tty`,
    prints: /\/dev\/pts/,
  },
  {
    does: 'compose finds services by name',
    run: `${compose} exec -T worker wget -qO- http://front/`,
    prints: 'the shop is open',
  },
  {
    does: 'compose top, port and images',
    run: `${compose} top; docker compose port front 80; docker compose images`,
    prints: /127\.0\.0\.1:8090/,
  },
  {
    does: 'compose cp',
    run: `${compose} cp html/index.html worker:/tmp/page; docker compose exec -T worker cat /tmp/page`,
    prints: /the shop is open/,
  },
  { does: 'compose run --rm', run: `${compose} run --rm task`, prints: /the task ran/ },
  {
    does: 'compose up --scale',
    run: `${compose} up -d --scale worker=2; docker compose ps -q worker | wc -l`,
    prints: /^2$/m,
  },
  {
    does: 'compose restart and stop',
    run: `${compose} restart -t 0 worker; docker compose stop -t 0; docker compose start`,
  },
  {
    does: 'compose pause and kill',
    run: `${compose} pause; docker compose unpause; docker compose kill front`,
  },
  {
    does: 'compose down -v',
    run: `${compose} down -v -t 0; docker ps -aq --filter label=com.docker.compose.project=shop | wc -l`,
    prints: /^0$/m,
  },
];
