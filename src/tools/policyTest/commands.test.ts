import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anonymous } from '../../model/subject.ts';
import { findDocker } from '../dockerCli.ts';
import type { Judged } from '../judgeAlone.ts';
import { Command } from './commands.ts';

let folder: string;
let command: Command;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-commands-'));
  const docker = await findDocker('docker', process.env);
  if ('message' in docker) throw new Error(docker.message);
  // The docker CLI, which leaves a line each time it is started.
  const program = join(folder, 'docker');
  writeFileSync(program, `#!/bin/sh\necho started >> ${folder}/log\nexec ${docker.program} "$@"\n`);
  chmodSync(program, 0o755);
  command = new Command(['docker', 'run', '-d', 'alpine'], {
    program,
    env: {},
    cwd: folder,
    deadline: 60_000,
    signal: new AbortController().signal,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Denies what has this in its target, and gives the targets of what was asked. */
async function run(denied: string) {
  const { requests } = await command.run((message): Judged => {
    const allow = !message.uri.includes(denied);
    return { message, decision: { id: '', allow, action: 'any', subject: anonymous, violations: [] } };
  });
  return requests.map(
    ({ message, decision }) => `${decision.allow} ${message.uri.replace(/[0-9a-f]{64}/, 'ID')}`,
  );
}

const starts = () => readFileSync(join(folder, 'log'), 'utf8').split('\n').length - 1;

it('runs a command once for all that say the same to its requests', { timeout: 60_000 }, async () => {
  const whole = await run('nothing');
  expect(whole.at(-1)).toMatch(/^true .*\/containers\/ID\/start$/);
  expect(await run('nowhere')).toEqual(whole);
  expect(starts()).toBe(1);
  // Who is denied asks nothing more.
  const denied = await run('/create');
  expect(denied.at(-1)).toMatch(/^false .*\/containers\/create$/);
  expect(await run('/create')).toEqual(denied);
  expect(await run('nothing')).toEqual(whole);
  expect(starts()).toBe(2);
});
