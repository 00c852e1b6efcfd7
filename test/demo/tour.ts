/** The tour of `npm run demo`: what a developer types, and what the daemon must answer under the baseline. */
export interface Stop {
  /** What the command would do. */
  readonly about: string;
  /** As typed. */
  readonly command: string;
  /** What the answer shows: text of the command's own, or the rule that denies it. */
  readonly expect: { readonly prints: string } | { readonly denied: string };
}

export const tour: readonly Stop[] = [
  {
    about: 'Ordinary work passes.',
    command: 'docker run --rm -v "$PWD:/work" busybox ls /work',
    expect: { prints: 'Dockerfile' },
  },
  {
    about: 'A privileged container is root on the host.',
    command: 'docker run --rm --privileged busybox id',
    expect: { denied: 'baseline/privileged' },
  },
  {
    about: "Who holds the daemon's socket can ask it for anything.",
    command: 'docker run --rm -v /var/run/docker.sock:/var/run/docker.sock busybox ls',
    expect: { denied: 'baseline/dockerSocket' },
  },
  {
    about: "The host's whole file system, to be read and changed.",
    command: 'docker run --rm -v /:/host busybox cat /host/etc/shadow',
    expect: { denied: 'baseline/binds' },
  },
  {
    about: "The host's processes, to be seen and signalled.",
    command: 'docker run --rm --pid host busybox ps',
    expect: { denied: 'baseline/hostNamespaces.pid' },
  },
  {
    about: "A capability beyond Docker's default, which is nearly root.",
    command: 'docker run --rm --cap-add SYS_ADMIN busybox mount',
    expect: { denied: 'baseline/capabilities' },
  },
  {
    about: 'Without seccomp every system call reaches the kernel.',
    command: 'docker run --rm --security-opt seccomp=unconfined busybox true',
    expect: { denied: 'baseline/seccomp' },
  },
  {
    about: 'A container of your own passes ...',
    command: 'docker run -d --name tools busybox sleep 1000',
    expect: { prints: '' },
  },
  {
    about: '... and a shell in it too ...',
    command: 'docker exec tools echo inside',
    expect: { prints: 'inside' },
  },
  {
    about: '... but not one with the privileges that the container lacks.',
    command: 'docker exec --privileged tools sh',
    expect: { denied: 'baseline/exec' },
  },
  {
    about: 'A named volume, which would be the root of the host.',
    command: 'docker volume create --opt type=none --opt o=bind --opt device=/ backup',
    expect: { denied: 'baseline/volumes' },
  },
  {
    about: "A build passes, whose argument stays in the image's history ...",
    command: 'DOCKER_BUILDKIT=0 docker build --quiet --build-arg VERSION=1.2 .',
    expect: { prints: 'sha256:' },
  },
  {
    about: '... so one that is named like a secret does not.',
    command: 'DOCKER_BUILDKIT=0 docker build --quiet --build-arg API_TOKEN=s3cret .',
    expect: { denied: 'baseline/build.args' },
  },
];
