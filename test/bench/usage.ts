import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Hours, hoursOf } from '../../src/ledger/account/periods.ts';
import type { AccountReader } from '../../src/ledger/account/reader.ts';
import { groupings } from '../../src/ledger/account/show.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import { subjects } from './account.ts';
import { end } from './generate.ts';
import { median } from './load.ts';
import type { Servers } from './servers.ts';
import type { Row } from './table.ts';

const runs = 9;
const day = 86_400_000;

/** Milliseconds, with the file in the cache of the system. */
const most = 200;

/** How many times fewer records the ledger has that it is held against, which has as many subjects. */
const fewer = 10;

const always = hoursOf({});
/** The worst of a week: twelve hours at both ends. */
const week = hoursOf({ since: end - 9.5 * day, until: end - 2.5 * day });

const list = (by: (typeof groupings)[number], hours: Hours) => (account: AccountReader) =>
  account.lines(by, hours, 50);
const page = (hours: Hours) => (account: AccountReader) => account.subject('user7', hours, 10);

/** What is asked; the last word is whether it has a bound: a list of some hours reads a row an hour of each subject. */
const queries: readonly (readonly [string, (account: AccountReader) => unknown, boolean])[] = [
  ...groupings.map((by) => [`usage --by ${by}`, list(by, always), true] as const),
  ['usage, 7 days from noon', list('user', week), false],
  ['usage user7', page(always), true],
  ['usage user7, 7 days from noon', page(week), true],
];

/** How long an account of so many records takes to read, beside one of a tenth. */
export async function usage(servers: Servers, records: number): Promise<readonly Row[]> {
  const [floor, whole] = await Promise.all(
    [records / fewer, records].map(async (count) => {
      const path = join(servers.folder, `account-${count}.db`);
      const maker = fork(join(import.meta.dirname, 'account.ts'), [path, String(count)]);
      const [code] = await once(maker, 'exit');
      if (code !== 0) throw new Error(`the ledger was not made: ${code}`);
      return path;
    }),
  );
  return usageRows(floor ?? '', whole ?? '');
}

/** The same of ledgers that are there. */
export function usageRows(floor: string, whole: string): readonly Row[] {
  return queries.map(([what, ask, bounded]) => {
    const [less, taken] = [timed(floor, ask), timed(whole, ask)];
    return {
      what: `${what} (${subjects.toLocaleString('en')} subjects)`,
      floor: `${less.toFixed(1)} ms`,
      bulwark: `${taken.toFixed(1)} ms`,
      ratio: (taken / less).toFixed(2),
      bound: bounded ? `< ${most} ms` : '',
      held: !bounded || taken < most,
    };
  });
}

/** Opens the ledger each time, as a command does. */
function timed(path: string, ask: (account: AccountReader) => unknown): number {
  const times = Array.from({ length: runs }, () => {
    const began = performance.now();
    const reader = new LedgerReader(path);
    reader.account(ask);
    reader.close();
    return performance.now() - began;
  });
  return median(times);
}
