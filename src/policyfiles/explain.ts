import type { z } from 'zod';
import { printable } from '../model/printable.ts';
import { knownKeys } from './knownkeys.ts';
import { suggest } from './suggest.ts';
import { didYouMean, word } from './word.ts';

export type Issue = z.core.$ZodIssue;

/** What a schema says where it has no message of its own, so that the words below are used. */
export const noMessage = '\u0000';

interface Explanation {
  readonly message: string;
  readonly hint?: string;
}

/** The words for a value that its schema refuses; `written` is how a scalar stands in the file. */
export function explain(issue: Issue, written: string | undefined, schema: z.ZodType): Explanation {
  if (issue.message !== noMessage)
    return { message: printable(issue.message, 300), ...nearOf(issue, written) };
  const subject = subjectOf(issue.path);
  switch (issue.code) {
    case 'invalid_type': {
      const message = `${subject} must be ${typeName(issue)}, not ${describe(issue.input, written)}`;
      const isMap = issue.expected === 'object';
      return {
        message,
        ...(isMap ? listed(knownKeys(schema, issue.path)) : correction(issue.expected, written)),
        ...(isMap || issue.expected === 'array' ? shapeOf(issue.expected, issue.input) : {}),
      };
    }
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof issue.input === 'string' ? suggest(issue.input, values) : undefined;
      const message = `${subject} must be ${values.map(word).join(' or ')}, not ${describe(issue.input)}`;
      return near === undefined ? { message } : { message, hint: didYouMean(near) };
    }
    case 'too_small':
      return { message: `${subject} must ${amount(issue, issue.minimum, ['at least', 'more than'])}` };
    case 'too_big':
      return { message: `${subject} must ${amount(issue, issue.maximum, ['at most', 'less than'])}` };
    case 'invalid_key':
      return {
        message:
          issue.issues.find(({ message }) => message !== noMessage)?.message ??
          `${subject} cannot be a key here`,
      };
    case 'invalid_union': {
      const forms = issue.errors.flatMap(([first]) =>
        first?.code === 'invalid_type' ? [typeName(first)] : [],
      );
      return {
        message: `${subject} must be ${[...new Set(forms)].join(' or ')}, not ${describe(issue.input)}`,
      };
    }
    default:
      return { message: `${subject} does not have the form that is wanted here` };
  }
}

/** What a schema's own check knows beside its message: the words that would be right. */
function nearOf(issue: Issue, written: string | undefined): { readonly hint?: string } {
  const known: unknown = issue.code === 'custom' ? issue.params?.['known'] : undefined;
  if (!Array.isArray(known) || written === undefined) return {};
  const near = suggest(written, known.map(String));
  return near === undefined ? {} : { hint: didYouMean(near) };
}

/** A hint that names all keys, unless they are so many that the reference is the better place. */
export function listed(keys: readonly string[]): { readonly hint?: string } {
  return keys.length > 0 && keys.length < 10 ? { hint: `known here: ${keys.join(', ')}` } : {};
}

function subjectOf(path: readonly PropertyKey[]): string {
  const key = path.findLast((step) => typeof step === 'string');
  if (key === undefined) return 'a document';
  return typeof path.at(-1) === 'number' ? `an entry of ${word(key)}` : word(key);
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
};

function typeName({ expected }: { readonly expected: string }): string {
  return typeNames[expected] ?? expected;
}

/** What stands there in the shape of something else. */
function shapeOf(expected: string, input: unknown): { readonly hint?: string } {
  const isList = Array.isArray(input);
  if (expected === 'array' && typeof input === 'object' && input !== null && !isList)
    return { hint: 'begin each of its entries with `- `' };
  if (expected === 'object' && isList && input.some((entry) => typeof entry === 'object'))
    return { hint: 'remove the `- ` before its keys' };
  if (expected === 'object' && typeof input === 'string' && /^\w+:\S/.test(input))
    return { hint: 'a colon behind a key wants a blank behind it' };
  return {};
}

function describe(input: unknown, written?: string): string {
  if (input === null || input === undefined) return 'empty';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a map';
  return typeof input === 'string' ? word(input) : printable(written ?? String(input), 60);
}

function amount(
  { origin, inclusive }: { readonly origin: string; readonly inclusive?: boolean },
  bound: number | bigint,
  [including, excluding]: readonly [string, string],
): string {
  const limit = `${inclusive === false ? excluding : including} ${bound}`;
  const one = Number(bound) === 1;
  if (origin === 'array') return `have ${limit} ${one ? 'entry' : 'entries'}`;
  return origin === 'string' ? `have ${limit} ${one ? 'character' : 'characters'}` : `be ${limit}`;
}

/** What YAML's own traps suggest: a word for a list of one, a number or `true` for text, `yes` for true. */
function correction(expected: string, written: string | undefined): { readonly hint?: string } {
  if (written === undefined || written === '') return {};
  const text = printable(written, 60);
  if (expected === 'array') return { hint: `did you mean [${text}]?` };
  if (expected === 'string') return { hint: `did you mean "${text}", with quotes?` };
  if (expected === 'boolean' && /^(y|yes|on)$/i.test(written)) return { hint: 'did you mean true?' };
  if (expected === 'boolean' && /^(n|no|off)$/i.test(written)) return { hint: 'did you mean false?' };
  return {};
}
