import { statSync } from 'node:fs';
import { hoursOf } from '../ledger/account/periods.ts';
import { linesJson, subjectJson } from '../ledger/account/show.ts';
import { ownerFoundJson, ownersJson } from '../ledger/account/showOwners.ts';
import { failureOf } from '../ledger/failure.ts';
import type { Filter } from '../ledger/filter.ts';
import { LedgerReader } from '../ledger/reader.ts';
import type { DecisionRecord } from '../ledger/record.ts';
import { Refusal } from '../model/error.ts';
import { inert, safeJson } from '../model/inert.ts';
import { printable, quote } from '../model/printable.ts';
import { explainDecision } from '../tools/explain.ts';
import { eventText } from './events.ts';
import type { Answered, Question } from './question.ts';

/** A page ends before it is larger than this, in characters, so that handing it over holds up nobody. */
const largestPage = 1024 * 1024;

/** How many records are looked at for a stream at once. */
const portion = 100;

/** Answers questions about the ledger at a path, and opens it anew where another file takes its place. */
export class Answerer {
  readonly #path: string;
  #reader: LedgerReader | undefined;
  #file: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Never throws. */
  answer(question: Question): Answered {
    try {
      return { ok: true, ...answer(this.#open(), question) };
    } catch (error) {
      const { code, message, fix } = error instanceof Refusal ? error : unreadable(error, this.#path);
      return { ok: false, code, message, fix };
    }
  }

  #open(): LedgerReader {
    const file = identityOf(this.#path);
    if (this.#reader !== undefined && file === this.#file) return this.#reader;
    this.#reader?.close();
    this.#reader = undefined;
    this.#reader = new LedgerReader(this.#path);
    this.#file = file;
    return this.#reader;
  }
}

type Success = Omit<Extract<Answered, { ok: true }>, 'ok'>;

function answer(reader: LedgerReader, question: Question): Success {
  switch (question.kind) {
    case 'page':
      return page(reader, question);
    case 'explain': {
      const found = reader.get(question.id);
      if (found === undefined) return {};
      return { text: safeJson(explainDecision(found, (digest) => reader.policies(digest))) };
    }
    case 'usage':
      return { text: usage(reader, question) };
    case 'subject':
      return subject(reader, question);
    case 'owners': {
      const { filter, limit, cursor } = question;
      const answered = reader.account((account) =>
        ownersJson(account.owners().list(filter, limit, cursor), account.reach),
      );
      return { text: safeJson(answered) };
    }
    case 'owner':
      return owner(reader, question);
    case 'end': {
      const seq = reader.last();
      const recent = question.recent === 0 ? [] : reader.query(question.filter, question.recent).items;
      return { seq, text: eventsOf(recent.filter((record) => record.seq <= seq).reverse()) };
    }
    case 'after':
      return after(reader, question.seq, question.filter);
  }
}

function page(reader: LedgerReader, { filter, limit, cursor }: Extract<Question, { kind: 'page' }>): Success {
  const { items, next } = reader.query(filter, limit, cursor);
  const text = safeJson({ items, next: next ?? null });
  if (text.length <= largestPage || limit === 1) return { text };
  return page(reader, {
    kind: 'page',
    filter,
    limit: Math.ceil(limit / 2),
    ...(cursor !== undefined && { cursor }),
  });
}

function usage(reader: LedgerReader, { by, times, limit }: Extract<Question, { kind: 'usage' }>): string {
  const hours = hoursOf(times);
  return reader.account((account) => {
    const { lines } = account.lines(by, hours, limit);
    return safeJson(linesJson(by, lines, hours, account.reach));
  });
}

function subject(reader: LedgerReader, question: Extract<Question, { kind: 'subject' }>): Success {
  const hours = hoursOf(question.times);
  return reader.account((account) => {
    const found = account.subject(question.subject, hours, question.limit);
    return found === undefined ? {} : { text: safeJson(subjectJson(found, hours, account.reach)) };
  });
}

function owner(reader: LedgerReader, { of, name, limit }: Extract<Question, { kind: 'owner' }>): Success {
  const found = reader.account((account) => account.owners().find(of, name, limit));
  if (found.is === 'one') return { text: safeJson(ownerFoundJson(found)) };
  if (found.is === 'none') return {};
  const ids = found.ids.map((id) => quote(id)).join(', ');
  throw new Refusal(
    'owner-ambiguous',
    `several things of the kind ${of} are meant by ${quote(name)}: ${ids}.`,
  );
}

/** A ledger that ends before the place is another one, which began since. */
function after(reader: LedgerReader, place: number, filter: Filter): Success {
  // Asked first: what is added meanwhile is behind it and found the next time.
  const end = reader.last();
  const from = end < place ? 0 : place;
  const found = reader.after(from, filter, portion);
  const reached = found.at(-1)?.seq ?? from;
  const more = found.length === portion;
  return { seq: more ? reached : Math.max(end, reached), text: eventsOf(found), more };
}

function eventsOf(records: readonly DecisionRecord[]): string {
  return records.map((record) => eventText('decision', record.seq, inert(JSON.stringify(record)))).join('');
}

function identityOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}

/** What is a matter of writing is none of reading. */
function unreadable(error: unknown, path: string): Refusal {
  const { code } = failureOf(error, path);
  const reason = error instanceof Error ? printable(error.message) : 'an unknown error';
  const known = code === 'ledger-locked' || code === 'ledger-corrupt';
  return new Refusal(known ? code : 'ledger-unreadable', `${quote(path, 4096)} cannot be read: ${reason}.`);
}
