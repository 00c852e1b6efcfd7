import { expect, test } from 'vitest';
import { parseCommand, record } from './recorder.ts';

test('parseCommand() takes assignments off', () => {
  expect(parseCommand('DOCKER_BUILDKIT=0 A= docker build --build-arg B=c .')).toEqual({
    assignments: { DOCKER_BUILDKIT: '0', A: '' },
    argv: ['build', '--build-arg', 'B=c', '.'],
  });
});

test('parseCommand() refuses an open quote', () => {
  expect(() => parseCommand("docker run 'alpine")).toThrow('a quote without its end');
});

test('record() gives the request that the command is about, with its body', async () => {
  const requests = await record('docker run --privileged alpine');
  const create = requests.find(({ uri }) => uri === '/v1.48/containers/create');
  expect(create).toMatchObject({ method: 'POST', headers: { 'Content-Type': 'application/json' } });
  const body: unknown = JSON.parse(new TextDecoder().decode(create?.body));
  expect(body).toMatchObject({ Image: 'alpine', HostConfig: { Privileged: true } });
});

test('record() answers reads so that the command goes on', async () => {
  const requests = await record('docker service update --replicas 2 web');
  expect(requests.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'POST']);
});

test('record() says what the CLI said when it asked for nothing', async () => {
  await expect(record('docker run --no-such-flag alpine')).rejects.toThrow('unknown flag: --no-such-flag');
});
