import type { Watching } from '../model/decision.ts';
import { nameIn } from '../policy/imagePattern.ts';
import { watched } from './rules.ts';

/** What decisions are wanted. All that is given must hold; in texts `*` stands for any characters. */
export interface Filter {
  readonly decision?: 'allow' | 'deny';
  /** The subject's name. */
  readonly subject?: string;
  readonly action?: string;
  /** A rule that was broken; one without a part covers its parts: `house/memory` finds `house/memory.max`. */
  readonly rule?: string;
  /** A rule of this mode was broken, which only watches: `rule`, or any. Absent: `rule` is one that denied. */
  readonly mode?: Watching;
  /** A pattern as in a policy: `alpine` is any tag of `docker.io/library/alpine`. */
  readonly image?: string;
  /** Name or id, as it was asked for. */
  readonly resource?: string;
  /** From this time on, in milliseconds since 1970. */
  readonly since?: number;
  /** Before this time. */
  readonly until?: number;
}

interface Conditions {
  readonly from: string;
  readonly where: readonly string[];
  readonly values: readonly Value[];
  /** The table whose columns `time` and `seq` have an index in the order that is wanted. */
  readonly by: 'r' | 'v';
}

type Value = string | number;

/** What a column must be. */
interface Wanted {
  readonly column: 'subject' | 'action' | 'resource' | 'image';
  /** Values outside of these are not wanted: the beginning of the pattern, and a text behind all that begin so. */
  readonly range: readonly [string, string];
  /** In SQL, of the column; true or false for each value. */
  readonly test: string;
  readonly value: string;
  /** Only one value is wanted. */
  readonly exact: boolean;
}

/** The values of a column that are wanted, as far as they are few; undefined: they are too many to be looked up. */
export type Expand = (wanted: Wanted) => readonly string[] | undefined;

/**
 * A filter in SQL. The two words of `type` and `decision` stand in the text, since partial indexes are found by
 * them. All indexes are in the order of time behind what they are of, so a pattern, which SQLite would answer by
 * sorting all that match, is replaced by the one value that it means, or not looked up by index (`+`). For what is
 * read in the order of `seq` no index helps: the table itself is in that order.
 */
export function conditionsOf(filter: Filter, order: 'time' | 'seq', expand: Expand): Conditions {
  const { decision, mode, since, until } = filter;
  const rule = mode === undefined ? filter.rule : watched(mode, filter.rule ?? '');
  const wanted = wantedBy(filter);
  const leads = order === 'time' && wanted.length === 0 && rule !== undefined && !rule.includes('*');
  const by = leads ? 'v' : 'r';
  const where = ["r.type = 'decision'"];
  const values: Value[] = [];
  const add = (condition: string, ...given: readonly Value[]) => {
    where.push(condition);
    values.push(...given);
  };
  if (decision !== undefined) where.push(`r.decision = '${decision === 'deny' ? 'deny' : 'allow'}'`);
  for (const one of wanted) {
    if (one.exact) add(`r.${one.column} = ?`, one.value);
    else {
      const few = order === 'time' ? expand(one) : undefined;
      if (few === undefined) add(`+r.${one.test}`, one.value);
      else if (few.length === 1) add(`r.${one.column} = ?`, ...few);
      else add(`+r.${one.column} IN (${few.map(() => '?').join(', ')})`, ...few);
    }
  }
  if (since !== undefined) add(`${by}.time >= ?`, since);
  if (until !== undefined) add(`${by}.time < ?`, until);
  if (rule !== undefined) add(...ruleCondition(rule, leads, order));
  if (leads) return { from: 'violations v CROSS JOIN records r ON r.seq = v.seq', where, values, by };
  return { from: order === 'time' ? 'records r' : 'records r NOT INDEXED', where, values, by };
}

function wantedBy({ subject, action, resource, image }: Filter): readonly Wanted[] {
  const texts = { subject, action, resource } as const;
  const columns = (['subject', 'action', 'resource'] as const).flatMap((column): Wanted[] => {
    const text = texts[column];
    if (text === undefined) return [];
    const exact = !text.includes('*');
    return [{ column, exact, value: pattern(text), test: `${column} GLOB ?`, range: beginning(text) }];
  });
  if (image === undefined) return columns;
  const test = 'image IS NOT NULL AND image_matches(?, r.image)';
  return [...columns, { column: 'image', exact: false, value: image, test, range: beginning(nameIn(image)) }];
}

/** A range of all texts that a pattern can mean. */
function beginning(text: string): [string, string] {
  const start = /^[^*]*/.exec(text)?.[0] ?? '';
  return [start, `${start}\u{10ffff}`];
}

/** In SQL, of a violation `e`: what its rule is called, see `rulesOf`. */
export const nameInJson =
  "iif(e.value ->> 'mode' IS NULL, '', e.value ->> 'mode' || ':') || (e.value ->> 'rule')";

/** Where nothing else narrows the search, the rule leads; a pattern could find one record twice. */
function ruleCondition(rule: string, leads: boolean, order: 'time' | 'seq'): readonly [string, ...Value[]] {
  if (leads) return ['v.rule = ?', rule];
  if (order === 'time' && !rule.includes('*')) {
    return [
      'EXISTS (SELECT 1 FROM violations v WHERE v.rule = ? AND v.time = r.time AND v.seq = r.seq)',
      rule,
    ];
  }
  // No index is in the order of records: for a pattern SQLite would make one of all violations, each time anew.
  const broken = `SELECT ${nameInJson} AS rule FROM json_each(r.json, '$.violations') e`;
  const condition = `EXISTS (SELECT 1 FROM (${broken}) b WHERE b.rule ${like(rule)} OR b.rule GLOB ?)`;
  // A mode without a rule is that of any.
  const parts = rule.endsWith(':') ? '*' : '.*';
  return [condition, pattern(rule), `${escaped(rule)}${parts}`];
}

function like(text: string): string {
  return text.includes('*') ? 'GLOB ?' : '= ?';
}

function pattern(text: string): string {
  return text.includes('*') ? escaped(text) : text;
}

/** For GLOB, `*` is the only sign that is not itself. */
function escaped(text: string): string {
  return text.replace(/[[?]/g, '[$&]');
}
