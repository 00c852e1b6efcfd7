import { type Hours, hoursOf, timeOf } from './periods.ts';
import type { Line, Reach, Seen, SubjectAccount } from './reader.ts';
import { made, type Tally } from './tally.ts';

/** What an account of all is counted by. */
export const groupings = ['user', 'group', 'action', 'rule'] as const;
export type Grouping = (typeof groupings)[number];

const iso = (time: number) => new Date(time).toISOString();
const isoOr = (time: number | undefined) => (time === undefined ? null : iso(time));

/** The bounds of some hours as they were counted, and how far the account goes. */
function boundsOf(hours: Hours, reach: Reach) {
  const all = hoursOf({});
  return {
    since: hours.from === all.from ? null : iso(timeOf(hours.from)),
    until: hours.to === all.to ? null : iso(timeOf(hours.to)),
    account: reachJson(reach),
  };
}

/** How far the account goes, for a program. */
export function reachJson({ since, until, behind }: Reach) {
  return { since: isoOr(since), until: isoOr(until), behind };
}

function numbersOf(tally: Tally) {
  return {
    requests: tally.requests,
    allowed: tally.requests - tally.denied,
    denied: tally.denied,
    made: Object.fromEntries(made.map((name) => [name, tally[name]])),
    first: isoOr(tally.first),
    last: isoOr(tally.last),
  };
}

const lineOf = ({ key, tally }: Line) => ({
  key,
  ...numbersOf(tally),
  ...(tally.newest !== undefined && { newest: tally.newest }),
});

/** The lines of an account for a program. */
export function linesJson(by: Grouping, lines: readonly Line[], hours: Hours, reach: Reach) {
  return { items: lines.map(lineOf), next: null, by, ...boundsOf(hours, reach) };
}

/** The account of one subject for a program. */
export function subjectJson(account: SubjectAccount, hours: Hours, reach: Reach) {
  const seen = ({ value, first, lastDay }: Seen) => ({
    value,
    first: iso(first),
    lastDay: iso(lastDay).slice(0, 10),
  });
  const { subject, tally, groups, methods, clients, actions, rules, owns } = account;
  return {
    subject,
    ...numbersOf(tally),
    groups: groups.map(seen),
    methods: methods.map(seen),
    clients: clients.map((one) => ({ ...seen(one), value: one.value === '' ? null : one.value })),
    actions: actions.map(lineOf),
    rules: rules.map(lineOf),
    owns: owns.map(({ kind, count, newest }) => ({
      kind,
      count,
      newest: newest.map(({ id, name, decision, time }) => ({
        id,
        name: name ?? null,
        decision,
        time: iso(time),
      })),
    })),
    hours: account.hours.map(({ hour, requests }) => ({ hour: iso(timeOf(hour)), requests })),
    ...boundsOf(hours, reach),
  };
}

/** What was made, in words: `3 containers, 1 image`. */
export function madeText(tally: Tally): string {
  return made
    .filter((name) => tally[name] > 0)
    .map((name) => `${tally[name]} ${tally[name] === 1 ? name.replace(/s$/, '') : name}`)
    .join(', ');
}
