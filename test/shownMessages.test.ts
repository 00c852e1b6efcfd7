import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import type { Message } from '../src/model/message.ts';
import { record } from './recorder.ts';

vi.setConfig({ testTimeout: 120_000 });

interface Capture {
  readonly name: string;
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body64?: string;
}

const captures = readFileSync(new URL('./fixtures/captures/28.5.2.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  // The fixture's lines were written in this shape.
  .map((line) => JSON.parse(line) as Capture);

/** How a message looks to a policy, but for what differs from one command to another of its kind. */
function shape({ method, uri, headers }: Pick<Message, 'method' | 'uri' | 'headers'>, hasBody: boolean) {
  const [path = ''] = uri.replace(/^\/v\d+\.\d+/, '').split('?');
  return { method, path, headers: Object.keys(headers).sort(), type: headers['Content-Type'], hasBody };
}

// What dockerd 28.5.2 told its plugin of the last request of a command, and what `bulwark try` judges.
test.concurrent.each([
  ['create', 'docker create alpine', '/containers/create'],
  ['build-legacy', 'DOCKER_BUILDKIT=0 docker build -t built:1 .', '/build'],
  ['volume-create', 'docker volume create v', '/volumes/create'],
  ['network-create', 'docker network create n', '/networks/create'],
  ['exec', 'docker exec c1 ls', '/containers/c1/exec'],
  ['update', 'docker update --memory 1g c1', '/containers/c1/update'],
  ['commit', 'docker commit c1 x', '/commit'],
  ['cp-in', 'docker cp file.txt c1:/tmp/', '/containers/c1/archive'],
  ['load', 'docker load -i image.tar', '/images/load'],
])('%s', async (name, command, path) => {
  const captured = captures.findLast(
    (row) => row.name === name && row.method !== 'HEAD' && shape(row, true).path === path,
  );
  if (captured === undefined) throw new Error(`no capture of ${name}`);
  const shown = (await record(command)).findLast(
    (message) => message.method !== 'HEAD' && shape(message, true).path === path,
  );
  if (shown === undefined) throw new Error(`${command} did not ask for ${path}`);
  expect(shape(shown, shown.body !== undefined)).toEqual(
    shape(captured, captured.body !== undefined || captured.body64 !== undefined),
  );
});
