import { nameIn } from '../policy/imagePattern.ts';

/** What decisions are wanted. All that is given must hold; in texts `*` stands for any characters. */
export interface Filter {
  readonly decision?: 'allow' | 'deny';
  /** The subject's name. */
  readonly subject?: string;
  readonly action?: string;
  /** A rule that was broken; one without a part covers its parts: `house/memory` finds `house/memory.max`. */
  readonly rule?: string;
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
  readonly values: readonly (string | number)[];
}

/**
 * A filter in SQL. The two words of `type` and `decision` stand in the text, since partial indexes are found by
 * them. For what is read in the order of `seq` no index helps: the table itself is in that order.
 */
export function conditionsOf(filter: Filter, order: 'time' | 'seq' = 'time'): Conditions {
  const { decision, subject, action, rule, image, resource, since, until } = filter;
  const where = ["r.type = 'decision'"];
  const values: (string | number)[] = [];
  const add = (condition: string, ...given: readonly (string | number)[]) => {
    where.push(condition);
    values.push(...given);
  };
  if (decision !== undefined) where.push(`r.decision = '${decision === 'deny' ? 'deny' : 'allow'}'`);
  if (subject !== undefined) add(`r.subject ${like(subject)}`, pattern(subject));
  if (action !== undefined) add(`r.action ${like(action)}`, pattern(action));
  if (resource !== undefined) add(`r.resource ${like(resource)}`, pattern(resource));
  if (image !== undefined) {
    const name = /^[^*]*/.exec(nameIn(image))?.[0] ?? '';
    add('r.image BETWEEN ? AND ? AND image_matches(?, r.image)', name, `${name}\u{10ffff}`, image);
  }
  if (since !== undefined) add('r.time >= ?', since);
  if (until !== undefined) add('r.time < ?', until);
  const records = order === 'time' ? 'records r' : 'records r NOT INDEXED';
  if (rule === undefined) return { from: records, where, values };
  // Where nothing else narrows the search, the rule leads; a pattern could find one record twice.
  const leads = [subject, action, resource, image].every((one) => one === undefined) && !rule.includes('*');
  if (leads && order === 'time') {
    add('v.rule = ?', rule);
    where.push('v.time = r.time');
    return { from: 'violations v JOIN records r ON r.seq = v.seq', where, values };
  }
  if (order === 'time' && !rule.includes('*')) {
    add('EXISTS (SELECT 1 FROM violations v WHERE v.rule = ? AND v.time = r.time AND v.seq = r.seq)', rule);
    return { from: records, where, values };
  }
  // No index is in the order of records: for a pattern SQLite would make one of all violations, each time anew.
  const broken = "SELECT e.value ->> 'rule' AS rule FROM json_each(r.json, '$.violations') e";
  add(
    `EXISTS (SELECT 1 FROM (${broken}) b WHERE b.rule ${like(rule)} OR b.rule GLOB ?)`,
    pattern(rule),
    `${escaped(rule)}.*`,
  );
  return { from: records, where, values };
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
