// Commits decisions without a pause, eight at a time, and says which were acknowledged. To be killed.
import { writeSync } from 'node:fs';
import { ulid } from 'ulid';
import { Ledger } from '../../src/ledger/ledger.ts';
import { anonymous } from '../../src/model/subject.ts';

const [path = '', reserve = ''] = process.argv.slice(2);
const ledger = new Ledger({
  path,
  host: 'h',
  coalesceAbove: 5,
  retention: { age: 1e12, size: 1e12 },
  reserve: { path: reserve, bytes: 0 },
  onHealth: () => {},
});
await ledger.open('a'.repeat(64), [], performance.now() + 10_000);

async function client(nth: number): Promise<never> {
  for (let count = 0; ; count++) {
    // Denials are many and so mostly counted; half of the clients make allowed writes, each a record.
    const allow = nth % 2 === 0;
    const violations = allow ? [] : [{ rule: 'a/b', message: 'no.', fix: 'none.' }];
    const decision = { id: ulid(), allow, action: 'container.create', subject: anonymous, violations };
    const message = { method: 'POST', uri: `/${process.pid}/${nth}/${count}`, headers: {} };
    const request = {
      action: decision.action,
      operation: 'CREATE',
      resource: { kind: 'container' },
      minor: 41,
      query: new Map(),
      object: {},
      unknown: [],
    } as const;
    const { id, allow: allowed } = await ledger.commit(
      { decision, message, request },
      performance.now() + 5000,
    );
    writeSync(1, `${allowed === allow ? `${allow ? 'allowed' : 'denied'} ${id}` : 'failed'}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, (_, nth) => client(nth)));
