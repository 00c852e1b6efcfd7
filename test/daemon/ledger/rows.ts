/** A command as a developer types it, and what the ledger holds of it afterwards. */
export interface Row {
  /** Run by `sh -eu` in an empty folder of its own. */
  readonly run: string;
  /** Default 0. */
  readonly code?: number;
  /** Writes and denials, see `tell()`. */
  readonly holds: readonly string[];
  /** Actions that only read, and so are recorded without an outcome. Others may be among them. */
  readonly reads?: readonly string[];
}

const file = (text: string) => `mkdir -p app; printf '${text}' > app/Dockerfile`;

/*
 * Each row goes on where the last one stopped. `unknown`: dockerd tells the plugin a status only where its handler wrote
 * one, and that is so neither for errors (304, 404, 409, 500) nor for a 200 without a body or with a stream.
 */

const lifeOfAContainer: readonly Row[] = [
  {
    run: `docker create --name one busybox sh -c 'exit 7'`,
    holds: ['container.create one: done 201, made one'],
  },
  {
    run: 'docker start -a one',
    code: 7,
    reads: ['container.inspect', 'container.wait'],
    holds: ['container.attach one: unknown', 'container.start one: done 204'],
  },
  { run: 'docker wait one', reads: ['container.wait'], holds: [] },
  { run: 'docker stop one # that stands still: 304', holds: ['container.stop one: unknown'] },
  { run: 'docker kill one # that stands still: 409', code: 1, holds: ['container.kill one: unknown'] },
  { run: 'docker rm one', holds: ['container.delete one: done 204'] },
  { run: 'docker rm one # that is gone: 404', code: 1, holds: ['container.delete one: unknown'] },
  {
    run: `docker run --rm --name three busybox sh -c 'exit 7'`,
    code: 7,
    holds: [
      'container.create three: done 201, made three',
      'container.attach three: unknown',
      'container.start three: done 204',
    ],
  },
  {
    run: `docker run -d --name dev busybox sh -c 'trap exit TERM; while :; do sleep 0.1; done'`,
    holds: ['container.create dev: done 201, made dev', 'container.start dev: done 204'],
  },
  { run: 'docker start dev # that runs: 304', holds: ['container.start dev: unknown'] },
  {
    run: 'docker run --name dev busybox true # a name in use: 409',
    code: 125,
    holds: ['container.create dev: unknown'],
  },
  {
    run: 'docker run --name two --pull never nosuch:1 true # an image that is missing: 404',
    code: 125,
    holds: ['container.create two: unknown'],
  },
  {
    run: 'docker run --name two busybox /nosuch # a program that is missing: 400',
    code: 127,
    holds: [
      'container.create two: done 201, made two',
      'container.attach two: unknown',
      'container.start two: unknown',
    ],
  },
  { run: 'docker pause dev', holds: ['container.pause dev: done 204'] },
  { run: 'docker pause dev # that is paused: 409', code: 1, holds: ['container.pause dev: unknown'] },
  { run: 'docker unpause dev', holds: ['container.unpause dev: done 204'] },
  { run: 'docker kill -s USR1 dev', holds: ['container.kill dev: done 204'] },
  { run: 'docker rename dev work', holds: ['container.rename dev: done 204'] },
  {
    run: 'docker rename work two # a name in use: 409',
    code: 1,
    holds: ['container.rename work: unknown'],
  },
  { run: 'docker rename work dev', holds: ['container.rename work: done 204'] },
  {
    run: 'docker update --memory 64m --memory-swap 64m dev',
    holds: ['container.update dev: done 200'],
  },
  {
    run: 'docker update --memory 1k dev # too little: 400',
    code: 1,
    holds: ['container.update dev: unknown'],
  },
  { run: 'docker restart -t 1 dev', holds: ['container.restart dev: done 204'] },
  { run: 'docker stop -t 1 dev', holds: ['container.stop dev: done 204'] },
  { run: 'docker start dev', holds: ['container.start dev: done 204'] },
  { run: 'docker rm dev # that runs: 409', code: 1, holds: ['container.delete dev: unknown'] },
];

const insideAContainer: readonly Row[] = [
  {
    run: `docker exec dev sh -c 'exit 9'`,
    code: 9,
    holds: ['exec.create dev: done 201, made exec in dev', 'exec.start exec in dev: unknown'],
  },
  {
    run: 'docker exec -d dev true',
    holds: ['exec.create dev: done 201, made exec in dev', 'exec.start exec in dev: unknown'],
  },
  {
    run: 'docker exec dev nosuch # a program that is missing',
    code: 126,
    holds: ['exec.create dev: done 201, made exec in dev', 'exec.start exec in dev: unknown'],
  },
  {
    run: 'docker exec two true # where nothing runs: 409',
    code: 1,
    holds: ['exec.create two: unknown'],
  },
  {
    run: 'echo in > file; docker cp file dev:/file',
    reads: ['container.archive_stat'],
    holds: ['container.archive_put dev: unknown'],
  },
  { run: 'docker cp dev:/file back', reads: ['container.archive_get'], holds: [] },
  {
    run: 'docker cp file nosuch:/file # a container that is missing',
    code: 1,
    holds: [
      'container.archive_stat nosuch: denied by facts-not-found',
      'container.archive_put nosuch: denied by facts-not-found',
    ],
  },
  {
    run: `docker run -di --name ears busybox sh -c 'read word; echo "heard $word"; exit 4'`,
    holds: ['container.create ears: done 201, made ears', 'container.start ears: done 204'],
  },
  {
    run: 'echo it | docker attach ears',
    code: 4,
    reads: ['container.wait'],
    holds: ['container.attach ears: unknown'],
  },
  { run: 'docker logs ears', reads: ['container.logs'], holds: [] },
  { run: 'docker top dev', reads: ['container.top'], holds: [] },
  { run: 'docker diff dev', reads: ['container.changes'], holds: [] },
  { run: 'docker ps -a', reads: ['container.list'], holds: [] },
];

const images: readonly Row[] = [
  { run: 'docker commit dev snap:1', holds: ['container.commit dev: done 201, made image of dev'] },
  {
    run: 'docker commit nosuch snap:2 # a container that is missing',
    code: 1,
    holds: ['container.commit nosuch: denied by facts-not-found'],
  },
  { run: 'docker tag snap:1 snap:2', holds: ['image.tag snap:1: done 201'] },
  { run: 'docker tag nosuch:1 snap:3 # 404', code: 1, holds: ['image.tag nosuch:1: unknown'] },
  { run: 'docker rmi snap:2', holds: ['image.delete snap:2: done 200'] },
  { run: 'docker rmi nosuch:1 # 404', code: 1, holds: ['image.delete nosuch:1: unknown'] },
  { run: 'docker save -o saved.tar snap:1', reads: ['image.save'], holds: [] },
  { run: 'docker load -i saved.tar', holds: ['image.load: unknown'] },
  { run: 'docker export -o flat.tar two', reads: ['container.export'], holds: [] },
  { run: 'docker import flat.tar flat:1', holds: ['image.import: unknown'] },
  {
    run: 'docker pull 127.0.0.1:5000/nosuch:1 # where no registry listens: 500',
    code: 1,
    holds: ['image.pull: unknown'],
  },
  {
    run: `${file('FROM busybox\\nRUN true\\n')}; DOCKER_BUILDKIT=0 docker build -t built app`,
    holds: ['build: unknown'],
  },
  {
    run: `${file('FROM busybox\\nRUN exit 3\\n')}; DOCKER_BUILDKIT=0 docker build -t failed app`,
    code: 3,
    holds: ['build: unknown'],
  },
  {
    run: `${file('FRM busybox\\n')}; DOCKER_BUILDKIT=0 docker build app # an error before the stream: 400`,
    code: 1,
    holds: ['build: unknown'],
  },
  { run: 'docker image prune -f', holds: ['image.prune: done 200'] },
];

const volumesAndNetworks: readonly Row[] = [
  { run: 'docker volume create notes', holds: ['volume.create notes: done 201, made notes'] },
  {
    run: 'docker volume create notes # which is there: 201 all the same',
    holds: ['volume.create notes: done 201, made notes'],
  },
  { run: 'docker volume rm notes', holds: ['volume.delete notes: done 204'] },
  { run: 'docker volume rm notes # that is gone: 404', code: 1, holds: ['volume.delete notes: unknown'] },
  { run: 'docker volume create', holds: ['volume.create: done 201, made volume without a name'] },
  { run: 'docker volume prune -f', holds: ['volume.prune: done 200'] },
  { run: 'docker network create lan', holds: ['network.create lan: done 201, made lan'] },
  {
    run: 'docker network create lan # a name in use: 409',
    code: 1,
    holds: ['network.create lan: unknown'],
  },
  { run: 'docker network connect lan dev', holds: ['network.connect lan: unknown'] },
  {
    run: 'docker network connect lan dev # where it is: 403',
    code: 1,
    holds: ['network.connect lan: unknown'],
  },
  { run: 'docker network disconnect lan dev', holds: ['network.disconnect lan: unknown'] },
  { run: 'docker network rm lan', holds: ['network.delete lan: done 204'] },
  { run: 'docker network rm lan # that is gone: 404', code: 1, holds: ['network.delete lan: unknown'] },
  { run: 'docker network prune -f', holds: ['network.prune: done 200'] },
];

const refused: readonly Row[] = [
  {
    run: 'docker run --name evil --privileged busybox true',
    code: 125,
    holds: ['container.create evil: denied by baseline/privileged'],
  },
  {
    run: 'docker create --name evil -v /etc:/host --pid host busybox',
    code: 1,
    holds: ['container.create evil: denied by baseline/binds (/etc), baseline/hostNamespaces.pid'],
  },
  { run: 'docker exec --privileged dev true', code: 1, holds: ['exec.create dev: denied by baseline/exec'] },
  {
    run: 'docker volume create -o type=none -o o=bind -o device=/etc evil',
    code: 1,
    holds: ['volume.create evil: denied by baseline/binds (/etc), baseline/volumes (bind)'],
  },
  {
    run: 'docker network create -d host evil',
    code: 1,
    holds: ['network.create evil: denied by baseline/networks.driver (host)'],
  },
];

const cleaningUp: readonly Row[] = [
  { run: 'docker container prune -f', holds: ['container.prune: done 200'] },
  { run: 'docker rm -f dev', holds: ['container.delete dev: done 204'] },
  { run: 'docker rm -f dev # that is gone: 404, and no error', holds: ['container.delete dev: unknown'] },
  {
    run: 'docker system prune -f',
    holds: [
      'container.prune: done 200',
      'network.prune: done 200',
      'image.prune: done 200',
      'build.prune: done 200',
    ],
  },
];

export const rows: readonly Row[] = [
  ...lifeOfAContainer,
  ...insideAContainer,
  ...images,
  ...volumesAndNetworks,
  ...refused,
  ...cleaningUp,
];
