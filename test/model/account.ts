import type { DecisionRecord, Draft, LedgerRecord } from '../../src/ledger/record.ts';

/** One request, as somebody would count it who has a sheet of paper and all of the log before him. */
interface Asked {
  readonly id: string;
  readonly time: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly action: string;
  denied: boolean;
  rules: readonly string[];
}

/** Something that was made. */
interface Made {
  readonly time: string;
  readonly by: DecisionRecord;
  readonly what: string;
}

const makes: Readonly<Record<string, readonly string[]>> = {
  'container.create': ['containers'],
  'network.create': ['networks'],
  'exec.create': ['execs'],
  'service.create': ['services'],
  'secret.create': ['secrets'],
  'config.create': ['configs'],
  'container.commit': ['images'],
  'image.pull': ['images'],
  'image.load': ['images'],
  'image.import': ['images'],
  build: ['builds', 'images'],
};

/** The lines of an account as text, sorted: `user hour 2026-11-24T08 alice - requests=3 denied=1`. What is zero is not named. */
export function naiveAccount(
  records: readonly LedgerRecord[],
  pending: readonly Draft<DecisionRecord>[],
): readonly string[] {
  const asked = [...records.filter((record) => record.type === 'decision'), ...pending].flatMap(requestsOf);
  const decisions = new Map(
    records.filter((record) => record.type === 'decision').map((record) => [record.id, record]),
  );
  for (const record of records) {
    if (record.type !== 'corrected') continue;
    const one = asked.find(({ id, denied }) => id === record.of && !denied);
    if (one !== undefined) Object.assign(one, { denied: true, rules: [record.reason] });
  }
  const lines = new Map<string, Map<string, number>>();
  const add = (time: string, place: string, what: string) => {
    for (const period of [
      `month ${time.slice(0, 7)}`,
      `day ${time.slice(0, 10)}`,
      `hour ${time.slice(0, 13)}`,
    ]) {
      const [dim, ...rest] = place.split('\n');
      const line = [dim, period, ...rest].join(' ');
      const counts = lines.get(line) ?? new Map<string, number>();
      lines.set(line, counts.set(what, (counts.get(what) ?? 0) + 1));
    }
  };
  const everywhere = (user: string, groups: readonly string[], action: string) => [
    `user\n${user}\n-`,
    `action\n${action}\n-`,
    `user-action\n${user}\n${action}`,
    ...new Set(groups.map((group) => `group\n${group}\n-`)),
  ];
  for (const { time, user, groups, action, denied, rules } of asked) {
    for (const place of everywhere(user, groups, action)) {
      add(time, place, 'requests');
      if (denied) add(time, place, 'denied');
    }
    for (const rule of new Set(rules)) {
      for (const place of [`rule\n${rule}\n-`, `user-rule\n${user}\n${rule}`]) {
        add(time, place, 'requests');
        add(time, place, 'denied');
      }
    }
  }
  for (const { time, by, what } of thingsMade(records, decisions)) {
    for (const place of everywhere(by.subject.name, by.subject.groups, by.action)) add(time, place, what);
  }
  return Array.from(lines, ([line, counts]) =>
    [line, ...Array.from(counts, ([what, count]) => `${what}=${count}`).sort()].join(' '),
  ).sort();
}

function requestsOf({
  id,
  time,
  subject,
  action,
  decision,
  violations = [],
  count = 1,
}: Draft<DecisionRecord>) {
  return Array.from({ length: count }, (): Asked => {
    const denied = decision === 'deny';
    const rules = denied ? violations.filter(({ mode }) => !mode).map(({ rule }) => rule) : [];
    return { id, time, user: subject.name, groups: subject.groups, action, denied, rules };
  });
}

function thingsMade(records: readonly LedgerRecord[], decisions: ReadonlyMap<string, DecisionRecord>) {
  const things: Made[] = [];
  for (const record of records) {
    if (record.type !== 'settled') continue;
    const by = decisions.get(record.of);
    if (by === undefined) continue;
    const streams = by.action === 'build' || /^image\.(pull|load|import)$/.test(by.action);
    if (record.outcome === 'failed' || (record.outcome === 'unknown' && !streams)) continue;
    const volumes = new Set(by.obligations?.filter((text) => text.startsWith('own volume ')));
    // The daemon chose a name for it.
    const unnamed = by.action === 'volume.create' && by.resource?.ref === undefined ? ['volumes'] : [];
    const what = [...(makes[by.action] ?? []), ...unnamed, ...Array.from(volumes, () => 'volumes')];
    things.push(...what.map((one) => ({ time: record.time, by, what: one })));
  }
  return things;
}
