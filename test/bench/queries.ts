import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Filter } from '../../src/ledger/filter.ts';
import { type GroupKey, LedgerReader } from '../../src/ledger/reader.ts';
import { end } from './generate.ts';
import { median } from './load.ts';
import type { Servers } from './servers.ts';
import type { Row } from './table.ts';

const runs = 9;
const page = 50;
const day = { since: end - 10 * 86_400_000, until: end - 9 * 86_400_000 };

interface Query {
  readonly what: string;
  readonly filter: Filter;
  readonly groupBy?: GroupKey;
}

const denials = { decision: 'deny' } as const;

/** What an administrator asks. The first is the one that has a bound of its own in the design. */
const queries: readonly Query[] = [
  { what: 'denials --subject --since --until (a day)', filter: { ...denials, subject: 'user7', ...day } },
  { what: 'denials', filter: denials },
  { what: 'denials --rule', filter: { ...denials, rule: 'house/images' } },
  {
    what: 'denials --subject --rule --action',
    filter: { ...denials, subject: 'user7', rule: 'house/memory', action: 'container.*' },
  },
  { what: 'log --image', filter: { image: 'registry.example.com/team3/*' } },
  { what: 'log --resource', filter: { resource: 'app-4711' } },
  { what: 'denials --subject (nobody)', filter: { ...denials, subject: 'nobody' } },
  { what: 'denials --group-by rule (a day)', filter: { ...denials, ...day }, groupBy: 'rule' },
  { what: 'log --group-by subject (a day)', filter: day, groupBy: 'subject' },
];

/** Milliseconds for the first page, with the file in the cache of the system. */
const most = 100;

/** How long a page takes in a ledger of so many records; the file is made first, and is written to by nobody. */
export async function pages(servers: Servers, records: number): Promise<readonly Row[]> {
  const path = join(servers.folder, 'ledger.db');
  const maker = fork(join(import.meta.dirname, 'generate.ts'), [path, String(records)]);
  const [code] = await once(maker, 'exit');
  if (code !== 0) throw new Error(`the ledger was not made: ${code}`);
  return queries.map((query) => row(path, query));
}

/** Opens the ledger each time, as a command does. */
function row(path: string, { what, filter, groupBy }: Query): Row {
  const times = Array.from({ length: runs }, () => {
    const began = performance.now();
    const reader = new LedgerReader(path);
    if (groupBy === undefined) reader.query(filter, page);
    else reader.groups(filter, groupBy, page);
    reader.close();
    return performance.now() - began;
  });
  const taken = median(times);
  // A page is short; a count looks at all that fit.
  const bounded = groupBy === undefined;
  return {
    what,
    bulwark: `${taken.toFixed(1)} ms`,
    bound: bounded ? `< ${most} ms` : '',
    held: !bounded || taken < most,
  };
}
