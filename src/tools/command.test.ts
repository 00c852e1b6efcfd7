import { describe, expect, it } from 'vitest';
import { idFiles, readsInput, whyNotTried, withOutputIn } from './command.ts';

describe('whyNotTried()', () => {
  it.each([
    'docker run -H name alpine',
    'docker run alpine curl -H x --context y',
    '/usr/bin/docker -D --log-level debug -l info run alpine',
    'docker --log-level=debug ps',
    'docker compose -f x.yaml up',
    'docker buildx build .',
    'docker build --build-context create=. .',
    'docker',
    'docker --version',
  ])('takes %s', (line) => {
    expect(whyNotTried(line.split(' '))).toBeUndefined();
  });

  // Each of these would ask another daemon, or act without asking one.
  it.each([
    ['docker -H unix:///var/run/docker.sock run alpine', '`-H`'],
    ['docker -Hunix:///var/run/docker.sock run alpine', '`-Hunix'],
    ['docker -DH unix:///var/run/docker.sock run alpine', '`-DH`'],
    ['docker --host tcp://prod run alpine', '`--host`'],
    ['docker --host=tcp://prod run alpine', '`--host=tcp'],
    ['docker -D --context prod run alpine', '`--context`'],
    ['docker -c prod run alpine', '`-c`'],
    ['docker --config /root/.docker run alpine', '`--config`'],
    ['docker --tlsverify run alpine', '`--tlsverify`'],
    ['docker --new-flag run alpine', '`--new-flag`'],
    ['docker context use prod', '`docker context`'],
    ['docker login', '`docker login`'],
    ['docker trust sign x', '`docker trust`'],
    ['docker manifest push x', '`docker manifest`'],
    ['docker scout cves x', '`docker scout`'],
    ['docker buildx create --bootstrap tcp://prod', '`docker buildx create`'],
    ['docker buildx --builder x imagetools create y', '`docker buildx imagetools`'],
    ['docker builder create x', '`docker builder create`'],
    ['docker compose publish x', '`docker compose publish`'],
    ['podman run alpine', '`podman`'],
    ['sudo docker run alpine', '`sudo`'],
    ['docker-compose up', '`docker-compose`'],
    ['run alpine', '`run`'],
    ['', '``'],
  ])('refuses %s', (line, named) => {
    expect(whyNotTried(line.split(' '))?.message).toContain(named);
  });
});

it.each([
  ['build -', true],
  ['compose -f - up', true],
  ['build --file=- .', true],
  ['run -i alpine', false],
  ['build -f-x .', false],
])('readsInput() of %s: %s', (line, reads) => {
  expect(readsInput(line.split(' '))).toBe(reads);
});

it.each([
  ['run --cidfile a alpine', ['a']],
  ['build --iidfile=b .', ['b']],
  ['run alpine', []],
  ['run --cidfile', []],
])('idFiles() of %s', (line, files) => {
  expect(idFiles(line.split(' '))).toEqual(files);
});

it.each([
  ['save -o a.tar alpine', 'save -o /t/output alpine'],
  ['save -oa.tar alpine', 'save -o/t/output alpine'],
  ['-D image save --output=a.tar alpine', '-D image save --output=/t/output alpine'],
  ['container export --output a.tar web', 'container export --output /t/output web'],
  ['save alpine', 'save alpine'],
  ['run alpine save -o a.tar', 'run alpine save -o a.tar'],
])('withOutputIn() of %s', (line, led) => {
  expect(withOutputIn('/t', line.split(' ')).join(' ')).toBe(led);
});
