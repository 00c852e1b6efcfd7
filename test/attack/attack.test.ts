import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Release } from '../daemon/packages.ts';
import { describeReleases } from '../daemon/releases.ts';
import { type Arena, startArena } from './arena.ts';
import { attack, attackTogether, nameOf, type Outcome } from './attack.ts';
import { type Row, stageOn } from './row.ts';
import { rows } from './rows/index.ts';

function bites(row: Row, release: Release): boolean {
  return row.release === undefined || row.release === release;
}

/** Nothing stops these, so they change the daemon and run one by one. */
function isOpen(row: Row, release: Release): boolean {
  return stageOn(row, release) === 'front';
}

/** Denials that tell of a fault of Bulwark's, and nothing of the attack. */
const mishaps = ['internal-error', 'deadline-exceeded', 'shutting-down'];

describe('the attacks', () => {
  test('are at least 150, and no two are the same', () => {
    expect(rows.length).toBeGreaterThanOrEqual(150);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const sent = rows.map(({ before, steps }) => JSON.stringify([before, steps]));
    const twice = rows.filter((_, at) => sent.indexOf(sent[at] ?? '') !== at).map(({ id }) => id);
    expect(twice).toEqual([]);
  });

  test('say why they work on one release alone', () => {
    expect(rows.filter(({ release, why }) => (release === undefined) !== (why === undefined))).toEqual([]);
  });
});

describeReleases('attacks', (release) => {
  let arena: Arena;
  let together = new Map<string, Outcome>();
  const counts = { read: 0, create: 0, start: 0, front: 0 };

  beforeAll(async () => {
    arena = await startArena(release);
    const stopped = rows.filter((row) => !isOpen(row, release) && row.alone === undefined);
    together = await attackTogether(arena.guarded, stopped);
  });
  afterAll(async () => {
    // One that has died fails all that came after, none of which says why.
    for (const place of ['twin', 'guarded'] as const) {
      const { daemon } = arena[place];
      const answer = await daemon.api('GET', '/_ping').catch(String);
      if (typeof answer === 'string')
        console.log(`the ${place} has died (${answer}): ${daemon.logs().slice(-6000)}`);
    }
    await arena?.stop();
    const { read, create, start, front } = counts;
    console.log(
      `attacks (Docker ${release}): ${read} stopped at read, ${create} at create, ${start} at start, ${front} not (front)`,
    );
  });

  test.each(rows.map((row) => [nameOf(row), row] as const))('%s', async (_name, row) => {
    const [free, guarded] = await Promise.all([
      attack(arena.twin, row),
      together.get(row.id) ?? attack(arena.guarded, row),
    ]);
    // Without this the attack might be none, and prove nothing.
    expect(free.held, `without Bulwark: ${free.answers}`).toBe(bites(row, release));
    const stage = stageOn(row, release);
    if (isOpen(row, release)) {
      // Whoever closes it says so in the row.
      expect(guarded.held, `it is closed now: ${guarded.answers}`).toBe(free.held);
    } else {
      expect(guarded.held, `it went through: ${guarded.answers}`).toBe(false);
      // Where the release knows nothing of the kind it may not even ask, or ask for something harmless.
      if (free.held && !guarded.lost) expect(guarded.deniedBy, guarded.answers).toBeDefined();
      expect(mishaps).not.toContain(guarded.deniedBy);
      if (guarded.deniedBy !== undefined) expect(guarded.stage, `denied by ${guarded.deniedBy}`).toBe(stage);
    }
    if (free.held) counts[stage] += 1;
  });
});
