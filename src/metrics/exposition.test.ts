import { describe, expect, it } from 'vitest';
import { Counters } from './counters.ts';
import { exposition } from './exposition.ts';
import { bounds } from './histogram.ts';

function make() {
  const counters = new Counters();
  const ledger = { queued: 3, lag: 1500, writable: false };
  const policies = {
    digest: 'abc',
    documents: 2,
    since: new Date(Date.now() - 60_000),
    broken: true,
    reloads: { replaced: 2, broken: 0 },
  };
  const daemon: { asks: boolean | undefined } = { asks: true };
  const read = exposition({
    version: '1.2.3',
    counters,
    asks: () => daemon.asks,
    ledger: () => ledger,
    policies: () => policies,
  });
  return { counters, daemon, policies, read };
}

/** The value of a line by its name and labels. */
function value(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

describe('exposition()', () => {
  it('tells the state at the moment of asking', async () => {
    const { read, policies } = make();
    const text = await read();
    expect(value(text, 'bulwark_info{version="1.2.3"}')).toBe(1);
    expect(value(text, 'bulwark_ledger_queue_entries')).toBe(3);
    expect(value(text, 'bulwark_ledger_lag_seconds')).toBe(1.5);
    expect(value(text, 'bulwark_ledger_writable')).toBe(0);
    expect(value(text, 'bulwark_policy_set_info{digest="abc"}')).toBe(1);
    expect(value(text, 'bulwark_policy_documents')).toBe(2);
    expect(value(text, 'bulwark_policy_set_age_seconds')).toBeGreaterThanOrEqual(60);
    expect(value(text, 'bulwark_policy_reload_failed')).toBe(1);
    expect(value(text, 'bulwark_policy_reloads_total{outcome="replaced"}')).toBe(2);
    expect(value(text, 'bulwark_policy_reloads_total{outcome="broken"}')).toBe(0);
    expect(value(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
    policies.digest = 'def';
    const later = await read();
    expect(later).toContain('bulwark_policy_set_info{digest="def"} 1');
    expect(later).not.toContain('digest="abc"');
  });

  it.each([
    [true, '\nbulwark_daemon_asks 1\n'],
    [false, '\nbulwark_daemon_asks 0\n'],
  ])('tells whether the daemon asks: %s', async (asks, line) => {
    const { read, daemon } = make();
    daemon.asks = asks;
    expect(await read()).toContain(line);
  });

  it('does not tell whether the daemon asks while that is not known', async () => {
    const { read, daemon } = make();
    await read();
    daemon.asks = undefined;
    expect(await read()).not.toMatch(/^bulwark_daemon_asks/m);
  });

  it('tells the counts as they are, however often it is asked', async () => {
    const { counters, read } = make();
    const subject = { name: 'mallory', groups: [], method: 'none' } as const;
    counters.decided({ id: '1', allow: true, action: 'image.pull', subject, violations: [] });
    counters.took('commit', 3);
    await read();
    const text = await read();
    expect(value(text, 'bulwark_decisions_total{action="image.pull",decision="allow"}')).toBe(1);
    expect(text).not.toContain('decision="deny"');
    expect(text).not.toContain('mallory');
  });

  it('has a histogram of each step that Prometheus can read', async () => {
    const { counters, read } = make();
    counters.took('commit', 3);
    counters.took('commit', 30_000);
    const text = await read();
    expect(text).toContain('# TYPE bulwark_step_seconds histogram');
    const buckets = bounds.map((bound) =>
      value(text, `bulwark_step_seconds_bucket{step="commit",le="${bound}"}`),
    );
    expect(buckets).toEqual(bounds.map((bound) => Number(bound >= 0.003)));
    expect(value(text, 'bulwark_step_seconds_bucket{step="commit",le="+Inf"}')).toBe(2);
    expect(value(text, 'bulwark_step_seconds_count{step="commit"}')).toBe(2);
    expect(value(text, 'bulwark_step_seconds_sum{step="commit"}')).toBeCloseTo(30.003);
    expect(value(text, 'bulwark_step_seconds_count{step="read"}')).toBe(0);
  });
});
