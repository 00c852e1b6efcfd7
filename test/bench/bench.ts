// `npm run bench`: what Bulwark costs beside a server that does nothing (design.md, section 8). Both run in one
// run, in turns and in processes of their own, so that only ratios count. Exits 1 where a bound is missed.
//
//     npm run bench -- --records 10000000    searches a ledger of that size (it takes a quarter of an hour to make)
//     npm run bench -- --only policies       measures the groups alone that have this word in their title
import { parseArgs } from 'node:util';
import { answers, memory, named, unasked } from './plugin.ts';
import { largeSets, loading } from './policies.ts';
import { pages } from './queries.ts';
import { realDaemon } from './realDaemon.ts';
import { restartsUnderLoad } from './restarts.ts';
import { Servers } from './servers.ts';
import { start } from './start.ts';
import { type Row, table } from './table.ts';
import { usage } from './usage.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    requests: { type: 'string', default: '1000000' },
    only: { type: 'string', default: '' },
  },
});

const servers = new Servers();

/** A group of rows, shown when it is measured. */
async function show(title: string, measure: () => Promise<readonly Row[]>): Promise<boolean> {
  if (!title.includes(values.only)) return true;
  const rows = await measure();
  process.stdout.write(`${table(title, rows)}\n`);
  await servers.stop();
  return rows.every(({ held }) => held);
}

const requests = Number(values.requests);
const records = Number(values.records);

try {
  const held = [
    await show('a request', () => answers(servers)),
    await show('a request of somebody with a name', () => named(servers)),
    await show('a request that needs no facts, against `off`', () => unasked(servers)),
    await show(`${requests.toLocaleString('en')} requests`, () => memory(servers, requests)),
    await show('a request, large policies against small ones', () => largeSets(servers)),
    await show('loading policies', async () => loading(servers)),
    await show('start', async () => [await start(servers)]),
    // Daemons want root, as the tests do.
    process.getuid?.() !== 0 || (await show('a real daemon', realDaemon)),
    process.getuid?.() !== 0 || (await show('restarts', restartsUnderLoad)),
    await show(`a ledger of ${records.toLocaleString('en')} records`, () => pages(servers, records)),
    await show(`usage of ${records.toLocaleString('en')} records`, () => usage(servers, records)),
  ];
  process.exitCode = held.every(Boolean) ? 0 : 1;
} finally {
  await servers.remove();
}
