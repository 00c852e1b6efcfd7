import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { askCanary } from './asked.ts';

const denied = (plugin: string, text: string) =>
  JSON.stringify({ message: `authorization denied by plugin ${plugin}: ${text}` });
const id = '01M8P84T96Y43QKFQQSG100000';
const decision = `\ndecision ${id}, asked by system:anonymous`;

// What the daemon answers, and who is taken to have.
it.each<[string, number, string, object]>([
  ['a list', 200, '[]', { by: 'daemon' }],
  [
    'a denial with an id',
    403,
    denied('bulwark', `query-duplicate: x${decision}`),
    { by: 'bulwark', decision: id },
  ],
  ['one of the managed plugin', 403, denied('bulwark:latest', decision), { by: 'bulwark', decision: id }],
  ['another plugin', 403, denied('other', 'no'), { by: 'daemon' }],
  // Nothing is proved by these, and Docker does not go on without Bulwark.
  ['a denial without an id', 403, denied('bulwark', 'no'), { by: 'nobody' }],
  ['a plugin that does not answer', 500, '{"message":"plugin bulwark failed with error"}', { by: 'nobody' }],
])('askCanary() takes %s for what it is', async (_, status, body, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-asked-'));
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
  expect(await askCanary(join(folder, 'socket'), 5000)).toMatchObject(expected);
});

it('askCanary() says why nobody answers', async () => {
  expect(await askCanary('/nowhere/docker.sock', 5000)).toEqual({ by: 'nobody', why: 'ENOENT' });
});
