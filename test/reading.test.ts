import { expect, test, vi } from 'vitest';
import { Refusal } from '../src/model/error.ts';
import type { AdmissionRequest } from '../src/model/request.ts';
import { normalize } from '../src/normalize/normalize.ts';
import { type Case, casesOf, messageOf } from './reading/cases.ts';
import { type Daemon, differences } from './reading/differences.ts';
import { otherDifferences, otherGroups } from './reading/others.ts';

/**
 * 4,244 bodies, and what two real daemons stored of each (test/fixtures/reading/README.md). Bulwark must
 * derive what the daemon stored, or refuse to read.
 */
const daemons: readonly Daemon[] = [
  { daemon: '20.10.24', newest: 41 },
  { daemon: '26.1.5', newest: 45 },
];

/** Groups of honest requests, which must not be refused, but for these tricks that stand among them. */
const honest = new Set(['plain', 'image', 'version']);
const tricks = new Set([
  'version-too-old',
  'version-form',
  'uri-form',
  'query-duplicate',
  'body-trailing-data',
  'hostconfig-at-top-level',
]);

function tryRead(entry: Case): AdmissionRequest | Refusal {
  try {
    return normalize(messageOf(entry));
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function byId(cases: readonly Case[], id: string): Case {
  const found = cases.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
}

function bytesOf(entry: Case): Uint8Array {
  return messageOf(entry).body ?? new Uint8Array();
}

vi.setConfig({ testTimeout: 60_000 });

for (const { daemon, newest } of daemons) {
  const cases = casesOf(daemon);
  const baseline = cases.find(({ id }) => id === 'baseline')?.stored ?? {};
  const accepted = cases.filter(({ status, group }) => status >= 200 && status < 300 && group !== 'fixture');

  test(`${daemon}: what is read of a container is what the daemon stores, or it is refused`, () => {
    const wrong: string[] = [];
    let compared = 0;
    for (const entry of accepted) {
      const result = tryRead(entry);
      if (result instanceof Refusal || result.action !== 'container.create') continue;
      compared++;
      wrong.push(
        ...differences(result, bytesOf(entry), entry.stored ?? {}, baseline, { daemon, newest }).map(
          (text) => `${entry.id} ${text}`,
        ),
      );
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(1300);
  });

  for (const group of otherGroups) {
    const members = accepted.filter((entry) => entry.group === group && entry.stored !== undefined);

    test(`${daemon}: ${group}: what is read is what the daemon stores, or it is refused`, () => {
      const read = members.flatMap((entry) => {
        const result = tryRead(entry);
        return result instanceof Refusal ? [] : [{ entry, result }];
      });
      const wrong = read.flatMap(({ entry, result }) =>
        otherDifferences(result, entry).map((text) => `${entry.id} ${text}`),
      );
      expect(wrong).toEqual([]);
      expect(read.length).toBeGreaterThan(members.length / 4);
    });
  }

  test(`${daemon}: a start that brings new settings is refused`, () => {
    const starts = accepted.filter(({ group }) => group === 'start');
    const passed = starts.filter((entry) => !(tryRead(entry) instanceof Refusal)).map(({ id }) => id);
    // What every daemon ignores: up to seven bytes.
    expect(passed.filter((id) => bytesOf(byId(starts, id)).length > 7)).toEqual([]);
    expect(passed.length).toBeGreaterThan(0);
  });

  test(`${daemon}: no honest request is refused`, () => {
    const refused = accepted
      .filter(({ group }) => honest.has(group))
      .flatMap((entry) => {
        const result = tryRead(entry);
        return result instanceof Refusal && !(entry.group === 'version' && tricks.has(result.code))
          ? [`${entry.id} ${result.code} ${result.message}`]
          : [];
      });
    expect(refused).toEqual([]);
  });
}
