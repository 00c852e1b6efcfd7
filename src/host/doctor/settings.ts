import type { DaemonFacts, Host } from './host.ts';

/** A value of the daemon's configuration and where it is written. */
export interface Setting {
  readonly value: unknown;
  /** For people: a flag with its unit, or a key with its file. */
  readonly where: string;
}

/**
 * What a daemon was told by a flag and by a key of its file; lists one by one, maps as `key=value` each. dockerd refuses
 * most that are in both, so that the order of them says nothing (20.10 to 29).
 */
export function settings({ daemon }: Host, flag: string, key = flag): readonly Setting[] {
  const flags = daemon.process.flags.get(flag) ?? [];
  const where = flagText(daemon, flag);
  return [
    ...flags.map((value) => ({ value, where })),
    ...spread(daemon.json?.[key]).map((value) => ({ value, where: keyText(daemon, key) })),
  ];
}

/** Whether a setting of the form of a switch is on. */
export function isOn(host: Host, flag: string): boolean {
  return settings(host, flag).some(({ value }) => value === true || value === 'true');
}

export function flagText({ process }: DaemonFacts, flag: string): string {
  return `--${flag} of ${process.unit ?? 'the command line of dockerd'}`;
}

function keyText({ process }: DaemonFacts, key: string): string {
  return `"${key}" in ${process.configFile}`;
}

/** A value below keys of the file, such as `builder`, `entitlements`, `network-host`. */
export function below(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((at, key) => (isRecord(at) ? at[key] : undefined), value);
}

function spread(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.entries(value).map(([key, one]) => `${key}=${String(one)}`) : [value];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
