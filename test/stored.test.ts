import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../src/model/error.ts';
import { readContainer } from '../src/normalize/answers.ts';
import { normalize } from '../src/normalize/normalize.ts';
import type { PolicySet } from '../src/policy/compile.ts';
import { evaluate } from '../src/policy/evaluate.ts';
import { loadPolicySet } from '../src/policyfiles/load.ts';
import { type Case, casesOf, messageOf, type Stored } from './reading/cases.ts';
import { inspectAnswer } from './stored/answer.ts';
import { context, rulesOfStored } from './stored/rules.ts';

/**
 * The bodies of `test/fixtures/reading` once more: what two real daemons stored of each, as the second gate would find
 * it when the container is started, beside what the first gate said of the body. Whatever slips past the reader of
 * bodies is stored in plain words.
 */

/** Why a rule that a create breaks may be unbroken once the container is stored. */
const undone: Readonly<Record<string, string>> = {
  'baseline/hostNamespaces.cgroup': 'stored wherever nothing is said (cgroup v1), so judged at create alone',
  'baseline/unknownFields': 'the daemon has dropped the field that nobody knows',
  'baseline/annotations': 'the daemon has dropped them below API 1.43, which a create cannot rely on',
};

/** Rules that only the second gate can find broken, since what breaks them was made by another request. */
const elsewhere: Readonly<Record<string, string>> = {
  'baseline/binds': 'a volume that binds, by its name; what VolumesFrom took over',
  'baseline/volumes': 'a volume with driver options, by its name',
};

/** What the fixtures' volumes are made of; those of a case stand in it. */
const fixtureVolumes: Stored = {
  data1: { driver: 'local' },
  hostvol: { driver: 'local', options: { type: 'none', o: 'bind', device: '/etc' } },
};

/** Its numbers are beyond 2^53, which JSON.parse rounds when the recording is read: not the daemon's answer. */
const rounded = new Set(['number-0144']);

let set: PolicySet;
beforeAll(async () => {
  const loaded = await loadPolicySet([new URL('../policies', import.meta.url).pathname]);
  if (!loaded.ok) throw new Error('the shipped policies are broken');
  set = loaded.set;
});

interface Compared {
  readonly entry: Case;
  readonly stored: Stored;
  /** The rules that the create breaks, or the refusal to read it. */
  readonly first: readonly string[] | Refusal;
  /** The rules that the stored container breaks, or the refusal to read it. */
  readonly second: readonly string[] | Refusal;
}

function compare(daemon: string): Compared[] {
  const cases = casesOf(daemon);
  const baseline = cases.find(({ id }) => id === 'baseline')?.stored ?? {};
  return cases.flatMap((entry) => {
    const { stored, status, id, request } = entry;
    const made = stored !== undefined && status === 201 && /\/containers\/create/.test(request.uri);
    if (!made || id === 'baseline' || rounded.has(id)) return [];
    const first = ruled(() =>
      evaluate(set, normalize(messageOf(entry)), context).violations.map(({ rule }) => rule),
    );
    const volumes = { ...fixtureVolumes, ...Object(stored['volumes']) };
    const second = ruled(() => rulesOfStored(set, inspectAnswer(baseline, stored), { volumes }));
    return [{ entry, stored, first, second }];
  });
}

function ruled(rules: () => readonly string[]): readonly string[] | Refusal {
  try {
    return rules();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The sentences that do not hold, as `ID rule`. */
function missing(
  compared: readonly Compared[],
  from: 'first' | 'second',
  to: 'first' | 'second',
  excused: object,
) {
  return compared.flatMap((one) => {
    const [has, lacks] = [one[from], one[to]];
    if (has instanceof Refusal || lacks instanceof Refusal) return [];
    const rules = has.filter((rule) => !lacks.includes(rule) && !(rule in excused));
    return rules.map((rule) => `${one.entry.id} ${rule}`);
  });
}

/** What a container says in plain words once it is stored, and the rule that it then breaks. */
const plain: readonly (readonly [rule: string, says: (host: Stored) => boolean])[] = [
  ['baseline/privileged', ({ Privileged }) => Privileged === true],
  ['baseline/hostNamespaces.pid', ({ PidMode }) => PidMode === 'host'],
  ['baseline/hostNamespaces.ipc', ({ IpcMode }) => IpcMode === 'host'],
  ['baseline/hostNamespaces.network', ({ NetworkMode }) => NetworkMode === 'host'],
  ['baseline/devices', ({ Devices }) => Array.isArray(Devices) && Devices.length > 0],
  ['baseline/binds', ({ Binds }) => JSON.stringify(Binds)?.includes('"/etc:') === true],
];

describe.each(['20.10.24', '26.1.5'])('what docker %s stored', (daemon) => {
  let all: Compared[];
  beforeAll(() => {
    all = compare(daemon);
  });

  test('is thousands of containers, most of which break nothing', () => {
    expect(all.length).toBeGreaterThan(2900);
    expect(
      all.filter(({ second }) => !(second instanceof Refusal) && second.length === 0).length,
    ).toBeGreaterThan(1000);
  });

  test('breaks every rule that the create broke, or the daemon has undone it', () => {
    expect(missing(all, 'first', 'second', undone)).toEqual([]);
  });

  test('breaks no rule that the create kept, but by what was made elsewhere', () => {
    expect(missing(all, 'second', 'first', elsewhere)).toEqual([]);
    const found = missing(all, 'second', 'first', {}).map((text) => text.split(' ', 1)[0]);
    const fromElsewhere = /hostvol|VolumesFrom/;
    const others = all.filter(({ entry }) => found.includes(entry.id));
    const unexplained = others.filter(({ stored }) => !fromElsewhere.test(JSON.stringify(stored)));
    expect(unexplained.map(({ entry }) => entry.id)).toEqual([]);
    expect(others.length).toBeGreaterThan(3);
  });

  test('cannot be read only where the create could not be read', () => {
    const unread = all.filter(({ second }) => second instanceof Refusal);
    expect(unread.filter(({ first }) => !(first instanceof Refusal)).map(({ entry }) => entry.id)).toEqual(
      [],
    );
    expect(unread.length).toBeLessThan(20);
  });

  test.each(plain)('breaks %s where it says so, in whatever spelling it was asked for', (rule, says) => {
    const saying = all.filter(({ stored }) => says(Object(stored['hostConfig'])));
    const passed = saying.filter(({ second }) => !(second instanceof Refusal) && !second.includes(rule));
    expect(passed.map(({ entry }) => entry.id)).toEqual([]);
    expect(saying.length).toBeGreaterThan(5);
  });
});

/** Inspect answers that passed a plugin while the docker CLI did everyday things, as they were. */
describe.each(['20.10.24', '28.5.2'])('what docker %s told of everyday containers', (daemon) => {
  const file = new URL(`./fixtures/inspect/${daemon}-captured.jsonl`, import.meta.url);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  // The fixture's lines were written in this shape.
  const rows = lines.map((line) => JSON.parse(line) as { readonly name: string; readonly answer: object });

  test.each(rows)('breaks nothing, and has no field that nobody knows: $name', ({ answer }) => {
    const bytes = Buffer.from(JSON.stringify(answer));
    expect(readContainer(bytes).unknown).toEqual([]);
    expect(rulesOfStored(set, bytes)).toEqual([]);
  });
});
