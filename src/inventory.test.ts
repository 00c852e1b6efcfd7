import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Inventory } from './inventory.ts';
import type { Present } from './ledger/entry.ts';
import { Refusal } from './model/error.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a daemon of each release lists, cut to what is read and some of what is not. */
const answers: Readonly<Record<string, unknown>> = {
  '/containers/json?all=1': [
    { Id: 'c1', Names: ['/web', '/other/alias'], State: 'exited' },
    { Id: 'c2', Names: null },
  ],
  '/volumes': { Volumes: [{ Name: 'data', Driver: 'local' }], Warnings: null },
  '/networks': [{ Id: 'n1', Name: 'front', Scope: 'local' }],
  '/images/json': [
    { Id: 'sha256:1', RepoTags: ['alpine:3', 'registry.example.com/a/b:1', '<none>:<none>'] },
    { RepoTags: null },
  ],
  '/services': [{ ID: 's1', Spec: { Name: 'api' } }],
  '/secrets': null,
};

function inventory(get: (path: string) => Promise<Buffer | undefined>) {
  const told: Present[] = [];
  const one = new Inventory({ get, present: (all) => told.push(all), every: 1000, atLeast: 100 });
  return { one, told, looks: () => told.filter(({ of }) => of === 'container').length };
}

const having = async (path: string) => {
  if (!(path in answers)) throw new Refusal('facts-refused', 'no swarm');
  return Buffer.from(JSON.stringify(answers[path]));
};

describe('the inventory', () => {
  it('tells what the daemon has of each kind that it lists', async () => {
    const { one, told } = inventory(having);
    one.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(Object.fromEntries(told.map(({ of, things }) => [of, things]))).toEqual({
      container: [{ id: 'c1', name: 'web' }, { id: 'c2' }],
      volume: [{ id: 'data' }],
      network: [{ id: 'n1', name: 'front' }],
      image: [{ id: 'docker.io/library/alpine:3' }, { id: 'registry.example.com/a/b:1' }],
      service: [{ id: 's1', name: 'api' }],
      secret: [],
    });
  });

  it.each<[string, () => Promise<Buffer | undefined>]>([
    ['knows of none', async () => undefined],
    ['tells nonsense', async () => Buffer.from('[{"Id":1,"RepoTags":1}]')],
    ['tells no JSON', async () => Buffer.from('<html>')],
    ['does not answer', () => Promise.reject(new Refusal('facts-slow', 'slow.'))],
    ['meets a bug', () => Promise.reject(new TypeError('bug'))],
  ])('says nothing where the daemon %s, and goes on', async (_, get) => {
    let broken = true;
    const { one, told } = inventory((path) => (broken ? get() : having(path)));
    one.start();
    await vi.advanceTimersByTimeAsync(500);
    expect(told).toEqual([]);
    broken = false;
    await vi.advanceTimersByTimeAsync(600);
    expect(told).not.toEqual([]);
  });

  it('says when the daemon was asked, not when it answered', async () => {
    const began = Date.now();
    const { one, told } = inventory(async (path) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return having(path);
    });
    one.start();
    await vi.advanceTimersByTimeAsync(60);
    expect(told[0]?.asked).toBe(began);
  });

  it('looks again now and then, and soon where something may have gone, but not all the time', async () => {
    const { one, looks } = inventory(having);
    one.start();
    await vi.advanceTimersByTimeAsync(10);
    expect(looks()).toBe(1);
    for (let at = 0; at < 50; at++) {
      one.soon();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(looks()).toBeGreaterThanOrEqual(4);
    expect(looks()).toBeLessThanOrEqual(6);
    const before = looks();
    await vi.advanceTimersByTimeAsync(3050);
    expect(looks() - before).toBe(3);
    one.stop();
    one.soon();
    await vi.advanceTimersByTimeAsync(5000);
    expect(looks() - before).toBe(3);
  });

  it('looks once more for what goes while it looks', async () => {
    const { one, looks } = inventory(async (path) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return having(path);
    });
    one.start();
    await vi.advanceTimersByTimeAsync(20);
    one.soon();
    await vi.advanceTimersByTimeAsync(300);
    expect(looks()).toBe(2);
  });
});
