import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Refusal } from '../model/error.ts';
import { type Beat, Heartbeat } from './heartbeat.ts';

/** What the next look-ups find: undefined, that the daemon asks. */
let found: unknown;
let asked: number;
let told: [string, string][];
let heartbeat: Heartbeat;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-24T10:00:00Z') });
  found = undefined;
  asked = 0;
  told = [];
  heartbeat = make(async () => {
    if (found !== undefined) throw found;
  });
});

afterEach(() => {
  heartbeat.stop();
  vi.useRealTimers();
});

function make(probe: (until: number) => Promise<void>): Heartbeat {
  return new Heartbeat({
    probe(until) {
      asked += 1;
      return probe(until);
    },
    changed: (now, before) => told.push([before.state, now.state]),
  });
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

const wrong = new Refusal('facts-wrong-daemon', 'it answers without asking this Bulwark.');
const gone = new Refusal('facts-unreachable', 'it cannot be reached (ENOENT).');
const starting = new Refusal('facts-starting', 'it cannot be reached yet.');

describe('Heartbeat', () => {
  test('knows nothing before its first look-up, which does not delay who starts it', async () => {
    heartbeat.start();
    expect({ asked, state: heartbeat.current.state }).toEqual({ asked: 0, state: 'waiting' });
    await seconds(0);
    expect({ asked, told }).toEqual({ asked: 1, told: [['waiting', 'asks']] });
  });

  test.each<[string, unknown, Beat['state'], string | undefined]>([
    ['answers and asks', undefined, 'asks', undefined],
    ['answers without asking', wrong, 'silent', 'daemon-silent'],
    ['has not answered yet', starting, 'waiting', 'facts-starting'],
    ['cannot be reached any more', gone, 'unreachable', 'facts-unreachable'],
    ['does not answer in time', new Refusal('facts-slow', 'it is late.'), 'unreachable', 'facts-slow'],
    [
      'lets another plugin refuse',
      new Refusal('facts-refused', 'it says 403.'),
      'unreachable',
      'facts-refused',
    ],
    ['brings out a bug', new TypeError('a bug'), 'unreachable', 'internal-error'],
  ])('a daemon that %s', async (_, what, state, code) => {
    found = what;
    heartbeat.start();
    await seconds(0);
    const { current } = heartbeat;
    expect({ state: current.state, code: 'why' in current ? current.why?.code : undefined }).toEqual({
      state,
      code,
    });
  });

  test('looks every ten seconds and tells each change once, with since when', async () => {
    heartbeat.start();
    await seconds(25);
    expect({ asked, told: told.length }).toEqual({ asked: 3, told: 1 });
    found = wrong;
    await seconds(30);
    expect(heartbeat.current).toMatchObject({ state: 'silent', since: new Date('2026-11-24T10:00:30Z') });
    found = gone;
    await seconds(10);
    found = undefined;
    await seconds(20);
    expect(told).toEqual([
      ['waiting', 'asks'],
      ['asks', 'silent'],
      ['silent', 'unreachable'],
      ['unreachable', 'asks'],
    ]);
  });

  test('shows the latest reason of a state that stays', async () => {
    found = gone;
    heartbeat.start();
    await seconds(0);
    found = new Refusal('facts-slow', 'it is late.');
    await seconds(10);
    expect(heartbeat.current).toMatchObject({
      why: { code: 'facts-slow' },
      since: new Date('2026-11-24T10:00:00Z'),
    });
    expect(told).toHaveLength(1);
  });

  test('has one look-up under way at most, which may take five seconds', async () => {
    let patience = 0;
    heartbeat = make((until) => {
      patience = until - performance.now();
      return new Promise(() => {});
    });
    heartbeat.start();
    await seconds(120);
    expect({ asked, patience }).toEqual({ asked: 1, patience: 5000 });
  });

  test('asks and tells nothing after its stop, not even what was under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    heartbeat = make(() => promise);
    heartbeat.start();
    await seconds(0);
    heartbeat.stop();
    resolve();
    await seconds(60);
    expect({ asked, told, timers: vi.getTimerCount() }).toEqual({ asked: 1, told: [], timers: 0 });
  });
});
