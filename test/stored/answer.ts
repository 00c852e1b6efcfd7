import type { Stored } from '../reading/cases.ts';

/**
 * The inspect answer that a daemon would give of a container of `test/fixtures/reading`: `baseline` is that of a
 * container made without any setting, stored whole; `stored` is what differs from it.
 */
export function inspectAnswer(baseline: Stored, stored: Stored): Buffer {
  const part = (name: string) => ({ ...objectOf(baseline[name]), ...objectOf(stored[name]) });
  return Buffer.from(
    JSON.stringify({
      Id: '0123456789ab'.repeat(6).slice(0, 64),
      Name: '/stored',
      // What every answer has, and the recording left out.
      HostConfig: { Runtime: 'runc', ...part('hostConfig') },
      Config: part('config'),
      Mounts: stored['mounts'] ?? baseline['mounts'],
      NetworkSettings: { Networks: stored['networks'] ?? baseline['networks'] },
    }),
  );
}

function objectOf(value: unknown): object {
  return value instanceof Object ? value : {};
}
