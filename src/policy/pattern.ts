import type { Subject } from '../model/subject.ts';
import { spend } from './work.ts';

type Token =
  | { readonly kind: 'text'; readonly text: string }
  /** `*` */
  | { readonly kind: 'segment' }
  /** `**` */
  | { readonly kind: 'any' }
  /** `/**` at the end */
  | { readonly kind: 'below' }
  | { readonly kind: 'subject' }
  | { readonly kind: 'group' };

const cache = new Map<string, readonly Token[]>();
/** As many patterns as a set may have, about; where it has more, each is read again for each text. */
const cacheSize = 100_000;
const stepsOfReading = 300;

/**
 * Whether a glob pattern matches a whole text: `*` stands for any characters but `/`, `**` for any
 * characters; `/**` at the end also for nothing, so that `/srv/**` matches `/srv`. Linear in the text,
 * which may be a client's and megabytes long: so not by a backtracking regular expression.
 */
export function matches(pattern: string, text: string): boolean {
  if (isLiteral(pattern)) return isEqual(pattern, text);
  return run(tokensOf(pattern), text, '{subject}', '{group}');
}

function isLiteral(pattern: string): boolean {
  return !pattern.includes('*') && !pattern.includes('{');
}

function isEqual(pattern: string, text: string): boolean {
  spend(1);
  return pattern === text;
}

/**
 * As `matches`, with `{subject}` for the caller's name and `{group}` for the name of any one of its groups.
 * What stands for them is literal, never a pattern; a name that is empty or holds `/` or `..`, and so could
 * lead out of the place that the pattern names, never matches.
 */
export function matchesFor(pattern: string, text: string, { name, groups }: Subject): boolean {
  if (isLiteral(pattern)) return isEqual(pattern, text);
  const tokens = tokensOf(pattern);
  if (tokens.some(({ kind }) => kind === 'subject') && !isPlain(name)) return false;
  if (!tokens.some(({ kind }) => kind === 'group')) return run(tokens, text, name, '');
  return groups.some((group) => isPlain(group) && run(tokens, text, name, group));
}

function isPlain(name: string): boolean {
  return name !== '' && !name.includes('/') && !name.includes('..');
}

function tokensOf(pattern: string): readonly Token[] {
  let tokens = cache.get(pattern);
  if (tokens === undefined) {
    spend(stepsOfReading + pattern.length);
    tokens = tokenize(pattern);
    // Patterns come from policy files, so the cache stays small; after many reloads it starts anew.
    if (cache.size >= cacheSize) cache.clear();
    cache.set(pattern, tokens);
  }
  return tokens;
}

function tokenize(pattern: string): Token[] {
  const parts = pattern.split(/(\/\*\*$|\*+|\{subject\}|\{group\})/).filter((part) => part !== '');
  return parts.map((part) => {
    if (part === '/**') return { kind: 'below' };
    if (part === '{subject}') return { kind: 'subject' };
    if (part === '{group}') return { kind: 'group' };
    if (part.startsWith('*')) return { kind: part.length > 1 ? 'any' : 'segment' };
    return { kind: 'text', text: part };
  });
}

/** A pattern with names in place: texts, with one `*` or `**` between two of them. */
type Step = string | typeof segment | typeof any;
const segment = Symbol('*');
const any = Symbol('**');

function run(tokens: readonly Token[], text: string, subject: string, group: string): boolean {
  const steps: Step[] = [];
  for (const token of tokens) {
    if (token.kind === 'segment') steps.push(segment);
    else if (token.kind === 'any') steps.push(any);
    else if (token.kind !== 'below') addText(steps, textOf(token, subject, group));
  }
  if (tokens.at(-1)?.kind !== 'below') return follow(steps, text);
  if (follow(steps, text)) return true;
  addText(steps, '/');
  return follow([...steps, any], text);
}

function textOf(
  token: Extract<Token, { kind: 'text' | 'subject' | 'group' }>,
  subject: string,
  group: string,
) {
  if (token.kind === 'text') return token.text;
  return token.kind === 'subject' ? subject : group;
}

function addText(steps: Step[], text: string): void {
  const last = steps.at(-1);
  if (typeof last === 'string') steps[steps.length - 1] = last + text;
  else steps.push(text);
}

/** Where what comes next may begin: from each of these places to its end, which is the next slash, or is itself. */
interface Starts {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * Follows all readings at once, each step of the pattern once over the text. Of what may begin within one segment only
 * the first is followed: behind it comes a `*`, which reaches whatever the others would.
 */
function follow(steps: readonly Step[], text: string): boolean {
  const last = steps.at(-1);
  if (typeof last === 'string' && !text.endsWith(last)) return false;
  let starts: Starts = { from: [0], to: [0] };
  /** After `**` all places from the first on. */
  let anywhere = false;
  for (const [index, step] of steps.entries()) {
    spend(2 + (text.length >> 8) + starts.from.length);
    const isLast = index === steps.length - 1;
    if (step === any) {
      if (isLast) return true;
      anywhere = true;
    } else if (step === segment) {
      starts = segmentsFrom(starts.from, text);
      if (isLast) return starts.to.at(-1) === text.length;
    } else {
      if (isLast) return mayBegin(text.length - step.length, starts, anywhere);
      const ends = anywhere
        ? endsAnywhere(step, text, starts.from[0] ?? 0, steps[index + 1] === any)
        : endsWithin(step, text, starts);
      starts = { from: ends, to: ends };
      anywhere = false;
    }
    if (starts.from.length === 0) return false;
  }
  return starts.from.at(-1) === text.length;
}

function mayBegin(place: number, { from, to }: Starts, anywhere: boolean): boolean {
  if (anywhere) return place >= (from[0] ?? 0);
  return from.some((start, index) => start <= place && place <= (to[index] ?? start));
}

/** From each place to the next slash; of several in a segment from the first. */
function segmentsFrom(places: readonly number[], text: string): Starts {
  const from: number[] = [];
  const to: number[] = [];
  let covered = -1;
  for (const place of places) {
    if (place <= covered) continue;
    covered = slashAfter(place, text);
    from.push(place);
    to.push(covered);
  }
  return { from, to };
}

function slashAfter(place: number, text: string): number {
  const slash = text.indexOf('/', place);
  return slash < 0 ? text.length : slash;
}

/** Where the first of a text ends that begins in each range; all ranges are passed once. */
function endsWithin(wanted: string, text: string, { from, to }: Starts): number[] {
  const ends: number[] = [];
  let found = -1;
  for (const [index, start] of from.entries()) {
    const end = to[index] ?? start;
    if (start === end) {
      if (text.startsWith(wanted, start)) ends.push(start + wanted.length);
      continue;
    }
    if (found < start) found = text.indexOf(wanted, start);
    if (found < 0) break;
    if (found <= end) ends.push(found + wanted.length);
  }
  return ends;
}

/** Where the first of a text ends in each segment from a place on, or the first of all. */
function endsAnywhere(wanted: string, text: string, place: number, isFirstEnough: boolean): number[] {
  const ends: number[] = [];
  let found = text.indexOf(wanted, place);
  while (found >= 0) {
    ends.push(found + wanted.length);
    if (isFirstEnough) break;
    const next = slashAfter(found, text) + 1;
    if (next > text.length) break;
    found = text.indexOf(wanted, next);
  }
  return ends;
}
