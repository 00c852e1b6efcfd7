import { printable } from '../model/printable.ts';

/** Puts back what a step has changed. */
export type Undo = () => Promise<void> | void;

/** One change of the host. */
export interface Step {
  /** What it does, as in `copy the program to ...`. */
  readonly what: string;
  /**
   * Does it, or throws and has changed nothing; gives the way back, or nothing where all was so already.
   *
   * @param changed whether a step before it has changed anything
   */
  run(changed: boolean): Promise<Undo | undefined>;
}

/** Told what happens, one line each. */
export type Tell = (line: string) => void;

/** How a row of steps ended. */
export type Performed =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly step: string;
      readonly error: unknown;
      /** What could not be put back, in words. Empty: all is as it was. */
      readonly left: readonly string[];
    };

/**
 * Does steps one after the other. Where one fails, or `stop` is aborted between two, those before it are put back, the
 * last one first, each whatever becomes of the others. Never throws.
 */
export async function perform(steps: readonly Step[], tell: Tell, stop: AbortSignal): Promise<Performed> {
  const undos: { readonly what: string; readonly undo: Undo }[] = [];
  for (const { what, run } of steps) {
    try {
      stop.throwIfAborted();
      const undo = await run(undos.length > 0);
      if (undo !== undefined) undos.unshift({ what, undo });
      tell(`${undo === undefined ? 'is so    ' : 'done     '}${what}`);
    } catch (thrown) {
      tell(`FAILED   ${what}`);
      const half = thrown instanceof HalfDone;
      const left = half ? [leftText(what, thrown.left, tell)] : [];
      const error = half ? thrown.cause : thrown;
      return { ok: false, step: what, error, left: [...left, ...(await putBack(undos, tell))] };
    }
  }
  return { ok: true };
}

async function putBack(
  undos: readonly { readonly what: string; readonly undo: Undo }[],
  tell: Tell,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { what, undo } of undos) {
    try {
      await undo();
      tell(`undone   ${what}`);
    } catch (error) {
      left.push(leftText(what, error, tell));
    }
  }
  return left;
}

function leftText(what: string, error: unknown, tell: Tell): string {
  const why = printable(error instanceof Error ? error.message : String(error), 1000);
  tell(`NOT UNDONE: ${what}: ${why}`);
  return `${what}: ${why}`;
}

/** A step that failed, and could not put back what it had done by then. */
class HalfDone extends Error {
  readonly left: unknown;

  constructor(cause: unknown, left: unknown) {
    super('a step is half done', { cause });
    this.left = left;
  }
}

/** Within a step: does what may fail halfway, and where it does puts back what was done. Throws what `act` has thrown. */
export async function orPutBack(act: () => Promise<void>, undo: Undo): Promise<void> {
  try {
    await act();
  } catch (error) {
    try {
      await undo();
    } catch (left) {
      throw new HalfDone(error, left);
    }
    throw error;
  }
}
