import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { vi } from 'vitest';
import { run } from '../src/cli/program.ts';
import type { DecisionRecord, Draft } from '../src/ledger/record.ts';
import { Store } from '../src/ledger/store.ts';

export type Values = Partial<Draft<DecisionRecord>>;

/** A ledger in a folder of its own, written by the real store. */
export function makeLedger() {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-ledger-'));
  const path = join(folder, 'ledger.db');
  const store = new Store(path);
  return {
    folder,
    path,
    /** Records a denial, or what the values say instead, at a time in milliseconds; gives its id. */
    add(values: Values, at: number): string {
      const draft: Draft<DecisionRecord> = {
        type: 'decision',
        id: ulid(at),
        time: new Date(at).toISOString(),
        host: 'host1',
        decision: 'deny',
        subject: { name: 'alice', groups: ['web'], method: 'tls' },
        action: 'container.create',
        operation: 'CREATE',
        facts: 'off',
        gate: 'request',
        ...values,
      };
      store.append([{ kind: 'decision', draft }], at);
      return draft.id;
    },
    store,
    remove() {
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a command line answers, without running another process. */
export async function answer(...args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  try {
    return { code: await run(args), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
