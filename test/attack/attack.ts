/** Runs rows against a daemon. */
import { parseResponse } from '../daemon/rawhttp.ts';
import type { Place } from './arena.ts';
import { get, holds } from './look.ts';
import type { Row, Stage, Step } from './row.ts';
import { asked, askedIn, converse, fillStep, toBytes } from './wire.ts';

export interface Outcome {
  /** The daemon holds, or has done, what the row is after. */
  readonly held: boolean;
  /** Bulwark's first denial on the way: its rule id or code. */
  readonly deniedBy?: string;
  /** The stage at which that stands. */
  readonly stage?: Stage;
  /** No reason came back: the daemon closed the connection before it had read all, or it was asked by HEAD. */
  readonly lost: boolean;
  /** All answers, for a failure's message. */
  readonly answers: string;
}

/** The name of a row's own container, volume, network ... */
export function nameOf({ id }: Row): string {
  return `a-${id}`;
}

/** One attack from its preparation to its cleaning up. */
export async function attack(place: Place, row: Row): Promise<Outcome> {
  const run = new Run(place, row);
  if (run.needsPreparing) await place.past(() => run.prepare());
  await run.send();
  return place.past(() => run.judge());
}

/**
 * Attacks that leave nothing behind where they are stopped: all are prepared, then all are sent, then all are judged.
 * It takes the plugin out of the daemon's way twice instead of twice a row.
 */
export async function attackTogether(place: Place, rows: readonly Row[]): Promise<Map<string, Outcome>> {
  const runs = rows.map((row) => new Run(place, row));
  await place.past(async () => {
    for (const run of runs) await run.prepare();
  });
  for (const run of runs) await run.send();
  return place.past(async () => {
    const outcomes = new Map<string, Outcome>();
    for (const run of runs) outcomes.set(run.row.id, await run.judge());
    return outcomes;
  });
}

/** A rule's id has its document's name and a slash, a refusal is a bare code; the second gate names the container. */
function stageOf(denial: string): Stage {
  if (/^[^\s:]+: the (?:container|service) `[^`]*` as it is stored: /.test(denial)) return 'start';
  return /^[^\s:]*\//.test(denial) ? 'create' : 'read';
}

class Run {
  readonly row: Row;
  readonly #place: Place;
  readonly #values: Map<string, string>;
  readonly #looks: readonly string[];
  #answers = '';
  #lost = false;

  constructor(place: Place, row: Row) {
    this.row = row;
    this.#place = place;
    this.#values = new Map([['me', nameOf(row)]]);
    this.#looks = [...row.steps.flatMap(asked), ...askedIn(JSON.stringify(row.holds))];
  }

  get needsPreparing(): boolean {
    return this.row.before !== undefined || this.#looks.length > 0;
  }

  /** Past the plugin: what was there before. */
  async prepare(): Promise<void> {
    for (const step of this.row.before ?? []) await this.#must(step);
    await this.#look(this.#looks);
  }

  async send(): Promise<void> {
    for (const step of this.row.steps) this.#answers += `${await this.#exchange(step)}\n`;
  }

  /** Past the plugin: what is there now; then it is removed. */
  async judge(): Promise<Outcome> {
    const { daemon } = this.#place;
    const { row } = this;
    const held = await holds(daemon, row.holds, this.#answers, this.#values);
    const denial = /authorization denied by plugin bulwark: (.*)/.exec(this.#answers)?.[1];
    const deniedBy = denial === undefined ? undefined : /^[^\s:]+/.exec(denial)?.[0];
    if (held || row.before !== undefined) {
      await daemon.api('DELETE', `/containers/${nameOf(row)}?force=1&v=1`);
      for (const step of row.after ?? []) await this.#must({ ...step, mayFail: true });
    }
    const denied = denial !== undefined && deniedBy !== undefined ? { deniedBy, stage: stageOf(denial) } : {};
    return { held, lost: this.#lost, answers: this.#answers, ...denied };
  }

  /** A step that must work, since the row rests on it. */
  async #must(step: Step): Promise<void> {
    await this.#look(asked(step));
    const answer = await this.#exchange(step);
    if (step.mayFail) return;
    if (answer.startsWith('(') || parseResponse(Buffer.from(answer)).status >= 400)
      throw new Error(`a step before ${this.row.id} failed: ${step.method} ${step.target}: ${answer}`);
  }

  async #exchange(given: Step): Promise<string> {
    const { daemon } = this.#place;
    const step = fillStep(given, this.#values);
    const timeout = step.patience ?? 20_000;
    // An answer to HEAD has no body, and so no reason in it.
    this.#lost ||= step.method === 'HEAD';
    try {
      if (step.later !== undefined) return await converse(daemon.socket, step, timeout);
      return (await daemon.raw(toBytes(step), { timeout })).toString();
    } catch (error) {
      // A stream that does not end: its beginning is in the message. A denial while a large body is still on its way:
      // EPIPE or ECONNRESET, and no answer.
      this.#lost ||= error instanceof Error && 'code' in error;
      return `(${String(error)})`;
    }
  }

  /** `look:/path#A.B`: values of the daemon's answers. */
  async #look(whats: readonly string[]): Promise<void> {
    for (const what of whats) {
      const [path = '', keys = ''] = what
        .slice('look:'.length)
        .replaceAll('@me', nameOf(this.row))
        .split('#');
      let value: unknown = await get(this.#place.daemon, path);
      for (const key of keys.split('.')) {
        if (value === null || typeof value !== 'object') throw new Error(`${what}: nothing there`);
        value = Reflect.get(value, key);
      }
      this.#values.set(what, String(value));
    }
  }
}
