import { describe, expect, it } from 'vitest';
import type { Decision } from '../model/decision.ts';
import { Counters } from './counters.ts';
import { bounds, Histogram } from './histogram.ts';

function decision(action: string, ...rules: readonly string[]): Decision {
  return {
    id: '1',
    allow: rules.length === 0,
    action,
    subject: { name: 'alice', groups: [], method: 'none' },
    violations: rules.map((rule) => ({ rule, message: '', fix: '' })),
  };
}

describe('Counters', () => {
  it('counts decisions by action and answer, and each broken rule', () => {
    const counters = new Counters();
    for (const one of [
      decision('container.create'),
      decision('container.create', 'house/memory', 'house/cpus'),
      decision('container.create', 'house/memory'),
      decision('image.pull'),
    ])
      counters.decided(one);
    expect(Object.fromEntries(counters.actions)).toEqual({
      'container.create': { allow: 1, deny: 2 },
      'image.pull': { allow: 1, deny: 0 },
    });
    expect(Object.fromEntries(counters.rules)).toEqual({ 'house/memory': 2, 'house/cpus': 1 });
  });

  // Whatever gets among the names, a label has no more values than these.
  it('counts names beyond all reason together', () => {
    const counters = new Counters();
    for (let at = 0; at < 5000; at += 1) counters.decided(decision(`action.${at}`, `house/rule${at}`));
    expect(counters.actions.size).toBe(2001);
    expect(counters.rules.size).toBe(2001);
    expect(counters.rules.get('other')).toBe(3000);
    expect(counters.actions.get('other')).toEqual({ allow: 0, deny: 3000 });
  });
});

describe('Histogram', () => {
  // Prometheus' `le` is less or equal, and each bucket has those below it too.
  it.each([
    [0, 0],
    [0.05, 0],
    [0.06, 1],
    [1, 4],
    [10_000, 16],
    [10_001, 17],
  ])('counts %d ms from bucket %i on', (milliseconds, first) => {
    const histogram = new Histogram();
    histogram.observe(milliseconds);
    const { buckets, count, sum } = histogram.read();
    expect(buckets).toEqual(bounds.map((_, at) => Number(at >= first)));
    expect(count).toBe(1);
    expect(sum).toBeCloseTo(milliseconds / 1000, 9);
  });

  it('adds up', () => {
    const histogram = new Histogram();
    for (let at = 1; at <= 100; at += 1) histogram.observe(at);
    const { buckets, count, sum } = histogram.read();
    expect([buckets[bounds.indexOf(0.01)], buckets[bounds.indexOf(0.05)], buckets.at(-1)]).toEqual([
      10, 50, 100,
    ]);
    expect(count).toBe(100);
    expect(sum).toBeCloseTo(5.05, 9);
  });
});
