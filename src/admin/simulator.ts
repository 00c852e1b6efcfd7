// Runs one docker command for the admin API, in a process of its own: the fake daemon and the CLI hold up nobody.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printable } from '../model/printable.ts';
import { setIn } from '../policyfiles/load.ts';
import { judgeAlone } from '../tools/judgeAlone.ts';
import { trialAnswer } from '../tools/trialAnswer.ts';
import { type TryResult, tryCommand } from '../tools/try.ts';
import { beLessUrgent } from './lessUrgent.ts';
import type { CommandTask, SimulatorAnswer } from './simulations.ts';

process.title = 'bulwark-simulator';
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const gone = new AbortController();
process.on('disconnect', () => gone.abort());
beLessUrgent();

/** Who owns nothing (nobody, nogroup). */
const nobody = { uid: 65_534, gid: 65_534 };

process.once('message', async (task: CommandTask) => {
  const answer = await simulate(task).catch(
    (error: unknown): SimulatorAnswer => ({
      ok: false,
      message: `the docker CLI could not be run (${error instanceof Error ? printable(error.message) : 'unknown'})`,
    }),
  );
  if (process.connected) process.send?.(answer, () => process.exit());
  else process.exit();
});

/** The CLI runs as nobody where that can be, in an empty folder and with an empty environment. */
async function simulate(task: CommandTask): Promise<SimulatorAnswer> {
  const { command, subject, protect, host, policies, deadline } = task;
  const set = setIn(policies.texts);
  if (set === undefined) throw new Error('the policies cannot be read again');
  const cwd = await mkdtemp(join(tmpdir(), 'bulwark-empty-'));
  try {
    const user = process.getuid?.() === 0 ? { user: nobody } : {};
    const result = await tryCommand({
      command,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      cwd,
      ...user,
      hasInput: false,
      deadline,
      signal: gone.signal,
      judge: (message) => judgeAlone(message, set, { subject, protect, host, now: Date.now() }),
      denialText: ({ violations }) => violations.map(({ rule }) => rule).join(', '),
    });
    return answerOf(result, task, cwd);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

function answerOf(
  result: TryResult,
  { command, subject, policies }: CommandTask,
  cwd: string,
): SimulatorAnswer {
  if (!result.ok) return { ok: false, message: result.problem.message };
  const { requests, ending } = result.trial;
  // The CLI has put the folder before it, which says nothing of where the command would be run.
  if (requests.some(({ message: { body } }) => body !== undefined && Buffer.from(body).includes(cwd)))
    return {
      ok: false,
      message: 'the command has a relative path, which means nothing here: write it in full',
    };
  const trial = {
    ...result.trial,
    ending: ending.kind === 'stopped' ? { ...ending, said: ending.said.slice(0, longestSaid) } : ending,
  };
  return { ok: true, answer: trialAnswer(trial, { command, subject, policySet: policies.digest }) };
}

/** Of what the CLI says where it stops, in characters: its usage is long, and its error comes first. */
const longestSaid = 4000;
