import type { Log } from '../logging/log.ts';
import type { Decision } from '../model/decision.ts';
import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import { anonymous } from '../model/subject.ts';
import { newId } from '../newId.ts';
import { parseMessage } from './wire.ts';

/**
 * The trip of one request, from the daemon's message to the decision, which is to be there by the time `until`
 * (`performance.now()`). May throw or reject, which denies; what it answers later is not heard.
 */
export type Decide = (message: Message, until: number) => Decision | Promise<Decision>;

export interface JudgeOptions {
  readonly decide: Decide;
  /** How long a decision may take, in milliseconds from the first byte of the message. */
  readonly deadline: number;
  readonly log: Log;
  /** Takes a denial that was made here into the account, and gives it back. What it throws is not heard. */
  readonly record?: (decision: Decision, until: number) => Decision | Promise<Decision>;
  /** Told of a decision that came after its request had been denied; `reason` is that denial's code. */
  readonly late?: (decision: Decision, reason: string) => void;
}

/**
 * The request phase, which fails closed: the one place where a failure becomes a decision. `bytes` are the
 * message's, whose first came at the time `began` (`performance.now()`). Gives what `decide` answered in time and in
 * form, and else a denial.
 */
export async function judge(bytes: Promise<Buffer>, options: JudgeOptions, began: number): Promise<Decision> {
  const { decide, deadline, log } = options;
  const until = began + deadline;
  const work = decideOn(bytes, decide, until);
  try {
    const answer: unknown = await within(until, work, deadline);
    if (!isDecision(answer)) throw new TypeError('the decision is malformed');
    return answer;
  } catch (error) {
    const decision = error instanceof Refusal ? refused(error) : failed();
    if (error instanceof Refusal) tellLate(error, work, options);
    else log.error({ decision: decision.id, error }, 'a step of the decision failed');
    return recorded(decision, until, options);
  }
}

/** What comes in spite of all may have been recorded as an allow. */
function tellLate({ code }: Refusal, work: Promise<Decision>, { late }: JudgeOptions): void {
  if (code !== 'deadline-exceeded' || late === undefined) return;
  work.then((decision) => late(decision, code)).catch(() => {});
}

/** A denial stays one, whether it could be recorded or not. */
async function recorded(
  decision: Decision,
  until: number,
  { record, deadline }: JudgeOptions,
): Promise<Decision> {
  if (record === undefined) return decision;
  try {
    const answer = await within(until, Promise.resolve(record(decision, until)), deadline);
    return answer.allow === false ? answer : decision;
  } catch {
    return decision;
  }
}

/** The denial for a failure on Bulwark's own side. */
export function failed(): Decision {
  return refused(new Refusal('internal-error', 'Bulwark could not decide on this request.'));
}

/** The denial for a request of which nothing is known but why it was refused. */
function refused(refusal: Refusal): Decision {
  const violations = [refusal.toViolation()];
  return { id: newId(), allow: false, action: refusal.action, subject: anonymous, violations };
}

async function decideOn(bytes: Promise<Buffer>, decide: Decide, until: number): Promise<Decision> {
  return decide(parseMessage(await bytes), until);
}

/** Timers wait while the main loop is busy, so an answer that comes first is held against the clock too. */
function within<T>(until: number, work: Promise<T>, deadline: number): Promise<T> {
  return new Promise((resolve, reject) => {
    // Most answers are there before the loop turns once, and need no timer.
    let timer: NodeJS.Timeout | undefined;
    const armed = setImmediate(() => {
      timer = setTimeout(() => reject(tooLate(deadline)), until - performance.now());
    });
    const disarm = () => {
      clearImmediate(armed);
      clearTimeout(timer);
    };
    const inTime = (result: T) => {
      disarm();
      if (performance.now() > until) reject(tooLate(deadline));
      else resolve(result);
    };
    const failing = (error: unknown) => {
      disarm();
      reject(error);
    };
    work.then(inTime, failing);
  });
}

function tooLate(deadline: number): Refusal {
  return new Refusal('deadline-exceeded', `the decision took longer than ${deadline} ms.`);
}

/** Types end where other code's answers begin: a decision counts only if it can be read as one. */
function isDecision(value: unknown): value is Decision {
  if (!isRecord(value)) return false;
  const { id, action, allow, subject, violations } = value;
  return (
    isText(id) &&
    isText(action) &&
    isRecord(subject) &&
    typeof subject['name'] === 'string' &&
    Array.isArray(violations) &&
    violations.every(isViolation) &&
    (allow === true || (allow === false && violations.length > 0))
  );
}

function isViolation(value: unknown): boolean {
  return isRecord(value) && isText(value['rule']) && isText(value['message']) && isText(value['fix']);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
