import { denialText, violationLine } from '../authz/denial.ts';
import type { Decision } from '../model/decision.ts';
import { inert, safeJson } from '../model/inert.ts';
import { printable } from '../model/printable.ts';
import type { Subject } from '../model/subject.ts';
import type { PolicySet } from '../policy/compile.ts';
import { trialAnswer, verdictOf } from '../tools/trialAnswer.ts';
import type { Trial, TriedRequest } from '../tools/try.ts';

/** What was asked, for the answer to say. */
export interface Told {
  readonly command: readonly string[];
  readonly subject: Subject;
  readonly set: PolicySet;
  /** In milliseconds. */
  readonly deadline: number;
}

/** What a command writes. */
export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
}

/** For people: a line a request that matters, below a denial what the docker CLI would print of it, and the sum. */
export function trialText(trial: Trial, told: Told, verbose: boolean): Answer {
  const shown = repeated(trial.requests.filter(matters(trial.requests)), look);
  const width = Math.max(0, ...shown.map(([{ decision }]) => decision.action.length));
  const lines = shown.flatMap(([request, times]) => requestLines(request, times, width));
  const stderr = [...(verbose ? said(trial.output) : []), ...notes(trial, told)];
  return { stdout: text([...lines, ...summary(trial, told)]), stderr: text(stderr) };
}

/** For programs: one document with every request. */
export function trialJson(trial: Trial, told: Told): Answer {
  const { command, subject, set } = told;
  const answer = trialAnswer(trial, { command, subject, policySet: set.digest });
  return { stdout: `${safeJson(answer, 2)}\n`, stderr: text(notes(trial, told)) };
}

/** Writes, denials and what only watches matter; of a command that does nothing but read, its reads do. */
export function matters(requests: readonly TriedRequest[]): (request: TriedRequest) => boolean {
  const isWrite = ({ request }: TriedRequest) => request !== undefined && request.operation !== 'READ';
  const isTalk = ({ decision }: TriedRequest) => /^system\.(?:ping|version|info)$/.test(decision.action);
  const isNews = ({ decision }: TriedRequest) => !decision.allow || decision.observed !== undefined;
  for (const one of [isWrite, (request: TriedRequest) => !isTalk(request)]) {
    if (requests.some(one)) return (request) => one(request) || isNews(request);
  }
  return ({ decision }) => decision.action !== 'system.ping';
}

/** Neighbours that look the same, once, and how many they are. */
export function repeated<T>(
  requests: readonly T[],
  look: (request: T) => string,
): readonly (readonly [T, number])[] {
  const groups: [T, number][] = [];
  for (const request of requests) {
    const last = groups.at(-1);
    if (last !== undefined && look(last[0]) === look(request)) last[1] += 1;
    else groups.push([request, 1]);
  }
  return groups;
}

function look(request: TriedRequest): string {
  const { allow, action, violations, observed, exceptions } = request.decision;
  return JSON.stringify([allow, action, nameOf(request), violations, observed, exceptions]);
}

function requestLines(request: TriedRequest, times: number, width: number): readonly string[] {
  const { decision } = request;
  const head = [
    decision.allow ? 'allow ' : 'DENY  ',
    decision.action.padEnd(width),
    nameOf(request),
    times > 1 ? `(${times} times)` : '',
  ];
  const line = head
    .filter((part) => part !== '')
    .join('  ')
    .trimEnd();
  return [line, ...[...deniedBy(decision), ...besideIt(decision)].map((text) => `        ${text}`)];
}

/** The last line of a denial names the decision, which is on no record here, and who asked, which the sum says. */
function deniedBy(decision: Decision): readonly string[] {
  return decision.allow ? [] : denialText(decision).split('\n').slice(0, -1);
}

/** What only watches, and the exceptions without which there would be more. */
function besideIt({ observed = [], exceptions = [] }: Decision): readonly string[] {
  return [
    ...observed.map((violation) => `${violation.mode ?? 'audit'}: ${inert(violationLine(violation))}`),
    ...exceptions.map((name) => `let off by the exception ${printable(name)}`),
  ];
}

/** The thing that a request speaks of: its image, its name, or nothing where the id was made up here. */
export function nameOf({ request, message, ofOwn }: TriedRequest): string {
  if (request === undefined) return printable(`${message.method} ${message.uri}`, 100);
  const { resource, object } = request;
  const image = object.images?.find(({ ref }) => ref !== undefined)?.ref;
  const name = ofOwn ? '' : (resource.ref ?? '');
  const of = image === undefined ? '' : image.given;
  return printable([name, of === name ? '' : of].filter((part) => part !== '').join(' of '), 100);
}

function summary(trial: Trial, { subject }: Told): readonly string[] {
  const { requests } = trial;
  const verdict = verdictOf(trial);
  if (verdict === 'unknown') return [];
  if (requests.length === 0) return ['allowed: no daemon is asked for anything'];
  const by = `asked by ${printable(subject.name)}`;
  const denied = requests.filter(({ decision }) => !decision.allow).length;
  if (verdict === 'deny') return ['', `denied: ${denied} of ${count(requests.length, 'request')}, ${by}`];
  return ['', `allowed: ${count(requests.length, 'request')}, ${by}`];
}

/** What limits the answer, or why there is none. */
export function notes({ ending }: Trial, { deadline }: Pick<Told, 'deadline'>): readonly string[] {
  switch (ending.kind) {
    case 'whole':
      return [];
    case 'buildkit':
      return ['note: BuildKit asks the daemon over connections into which no authorization plugin sees.'];
    case 'interrupted':
      return ['error: interrupted.'];
    case 'late':
      return [
        `error: the docker CLI had not ended after ${deadline / 1000} s.`,
        'What it would have asked then is not judged. Raise --deadline if the machine is busy.',
      ];
    case 'stopped':
      return [
        `error: the docker CLI ended with exit code ${ending.code ?? 'unknown'}:`,
        ...said(ending.said),
        'What it would have asked then is not judged. Mend the command and try again.',
      ];
  }
}

/** What another program wrote, so that it can only be read. */
export function said(output: string): readonly string[] {
  const lines = output.split(/\r*\n|\r/).filter((line) => line.trim() !== '');
  return lines.slice(-200).map((line) => `  | ${printable(line, 500)}`);
}

export function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
