import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Policies } from './inForce.ts';
import { loadPolicySet } from './load.ts';

let folder: string;
let told: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-in-force-'));
  told = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, spec = '{ profile: baseline }'): void {
  const text = `apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
  writeFileSync(join(folder, 'a.yaml'), text);
}

async function start(): Promise<Policies> {
  write('first');
  const loaded = await loadPolicySet([folder]);
  if (!loaded.ok) throw new Error('the policies of the test are broken');
  return new Policies([folder], loaded, {
    replaced: ({ documents }) => told.push(documents.map(({ name }) => name).join()),
    broken: (errors) => told.push(errors.map(({ code }) => code).join()),
  });
}

const names = ({ current }: Policies) => current.documents.map(({ name }) => name);

describe('Policies', () => {
  it('keeps the last good set in force when the next is broken, and says why', async () => {
    const policies = await start();
    const { set, since } = policies.current;
    write('second', '{ profil: baseline }');
    await policies.reload();
    expect(policies.current).toMatchObject({ set, since, problems: [{ code: 'file-unknown-key' }] });
    expect(told).toEqual(['file-unknown-key']);
  });

  it('forgets what was wrong when a whole set follows', async () => {
    const policies = await start();
    write('second', '{ profil: baseline }');
    await policies.reload();
    write('third');
    await policies.reload();
    expect(names(policies)).toEqual(['third']);
    expect(policies.current.problems).toEqual([]);
  });

  it('reads one after the other, so that the last one asked for is in force', async () => {
    const policies = await start();
    const first = policies.reload();
    const second = policies.reload();
    write('second');
    await Promise.all([first, second]);
    expect(names(policies)).toEqual(['second']);
  });
});
