import { type ChildProcess, fork } from 'node:child_process';
import { extname, join } from 'node:path';
import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import type { Protect } from '../model/protect.ts';
import type { Subject } from '../model/subject.ts';
import type { InForce } from '../policyfiles/inForce.ts';
import { judgeAlone } from '../tools/judgeAlone.ts';
import { judgedAnswer, type trialAnswer } from '../tools/trialAnswer.ts';
import { ApiError, busy } from './problem.ts';
import { whyNotRemote } from './remoteCommand.ts';

/** What the process that runs a command is given. */
export interface CommandTask {
  readonly command: readonly string[];
  readonly subject: Subject;
  readonly protect: Protect;
  readonly host: string;
  readonly policies: { readonly digest: string; readonly texts: InForce['texts'] };
  /** For the CLI, in milliseconds. */
  readonly deadline: number;
}

export type SimulatorAnswer =
  | { readonly ok: true; readonly answer: ReturnType<typeof trialAnswer> }
  | { readonly ok: false; readonly message: string };

export interface SimulationOptions {
  policies(): InForce;
  readonly protect: Protect;
  /** The name of this host. */
  readonly host: string;
  readonly start: () => ChildProcess;
  /** Commands at a time. */
  readonly atATime: number;
  /** For the CLI, in milliseconds. */
  readonly deadline: number;
}

export const simulationLimits = { atATime: 2, deadline: 20_000 } as const;

/** Beyond the deadline of the CLI: for the start of the process, which reads the policies. */
const grace = 5000;

/** Starts a process that runs one command. */
export function startSimulator(): ChildProcess {
  // `.ts` in the source, `.js` in a package.
  const file = join(import.meta.dirname, `simulator${extname(import.meta.filename)}`);
  return fork(file, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** What the policies in force would say, without any effect: nothing is executed, looked up or recorded. */
export class Simulations {
  readonly #options: SimulationOptions;
  readonly #running = new Set<ChildProcess>();

  constructor(options: SimulationOptions) {
    this.#options = options;
  }

  /** One request, which costs no more here than one of the daemon's. */
  request(message: Message, subject: Subject) {
    const { set } = this.#options.policies();
    const { protect, host } = this.#options;
    const judged = judgeAlone(message, set, { subject, protect, host, now: Date.now() });
    const verdict = judged.decision.allow ? ('allow' as const) : ('deny' as const);
    return { verdict, subject, policySet: set.digest, requests: [judgedAnswer(judged)] };
  }

  /**
   * All requests of a docker command.
   *
   * @throws ApiError `command-untried`, `api-busy`, `api-slow`
   */
  async command(command: readonly string[], subject: Subject, signal: AbortSignal) {
    const reason = whyNotRemote(command);
    if (reason !== undefined) throw new ApiError('command-untried', `${reason}.`);
    const { atATime, deadline, start, protect, host } = this.#options;
    if (this.#running.size >= atATime) throw busy('commands');
    const { set, texts } = this.#options.policies();
    const child = start();
    this.#running.add(child);
    const ended = () => this.#running.delete(child);
    child.once('exit', ended).once('error', ended);
    const task = { command, subject, protect, host, policies: { digest: set.digest, texts }, deadline };
    const answer = await answerOf(child, task, signal);
    if (!answer.ok) throw new ApiError('command-untried', `${answer.message}.`);
    return answer.answer;
  }

  stop(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}

/** Ends the process when it has answered, was too slow, or nobody waits for it any more. */
async function answerOf(
  child: ChildProcess,
  task: CommandTask,
  signal: AbortSignal,
): Promise<SimulatorAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<SimulatorAnswer>();
  const slow = () => reject(new Refusal('api-slow', 'the docker CLI did not end in time.', trySmaller));
  const timer = setTimeout(slow, task.deadline + grace);
  child.on('message', (answer: SimulatorAnswer) => resolve(answer));
  child.on('error', () => resolve({ ok: false, message: 'the process that runs it could not be started' }));
  child.on('exit', () => resolve({ ok: false, message: 'the process that runs it has ended' }));
  signal.addEventListener('abort', slow, { once: true });
  child.send(task, () => {});
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', slow);
    // Whoever is cut off ends its CLI first; where it cannot, the end of its daemon ends the CLI.
    if (child.connected) child.disconnect();
    setTimeout(() => child.kill('SIGKILL'), grace).unref();
  }
}

const trySmaller = 'Send it again when the machine is less busy.';
