import type { Message } from '../../model/message.ts';
import type { Judged } from '../judgeAlone.ts';
import { type Ending, type TryOptions, tryCommand } from '../try.ts';

export type CommandOptions = Pick<TryOptions, 'env' | 'cwd' | 'deadline' | 'signal' | 'program'>;

/** What a command amounts to: every request in order, and how far it got. */
export interface Ran {
  readonly requests: readonly Judged[];
  readonly ending: Ending;
}

/**
 * Runs one docker command for several cases, and as seldom as that can be: what the CLI asks next depends on nothing but
 * which of its requests were denied, so a run holds for every case that says the same to each.
 */
export class Command {
  readonly #words: readonly string[];
  readonly #options: CommandOptions;
  readonly #runs: Ran[] = [];

  constructor(words: readonly string[], options: CommandOptions) {
    this.#words = words;
    this.#options = options;
  }

  /** @throws Error where the docker CLI is gone, for which callers have looked before */
  async run(judge: (message: Message) => Judged): Promise<Ran> {
    for (const { requests, ending } of this.#runs) {
      const judged = requests.map(({ message }) => judge(message));
      if (judged.every(({ decision }, at) => decision.allow === requests[at]?.decision.allow))
        return { requests: judged, ending };
    }
    const result = await tryCommand({
      ...this.#options,
      command: this.#words,
      hasInput: false,
      judge,
      denialText: ({ violations }) => violations.map(({ rule }) => rule).join(', '),
    });
    if (!result.ok) throw new Error(result.problem.message);
    const { requests, ending } = result.trial;
    this.#runs.push({ requests, ending });
    return { requests, ending };
  }
}
