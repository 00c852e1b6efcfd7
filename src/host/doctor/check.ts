import type { Host } from './host.ts';

/** From the worst on: what leaves the host open or stops Docker; what is weak or soon a problem; what is good to know. */
export const severities = ['error', 'warning', 'note'] as const;

export type Severity = (typeof severities)[number];

/** One thing that a check has found on a host. */
export interface Found {
  /** What was seen, in words of the host, which need not be printable. */
  readonly evidence: string;
  /** What the remedy is about, such as a path, where that differs from host to host. */
  readonly subject?: string;
}

/** The words of a host that remedies use. */
export interface Names {
  /** The daemon's configuration file, as a shell takes it. */
  readonly daemonJson: string;
  /** The commands that let the daemon read it, without and with an end of its process. */
  readonly reload: string;
  readonly restart: string;
  /** Where the flags of dockerd are edited, for people. */
  readonly flags: string;
  /** How Bulwark is started. */
  readonly start: string;
  /** The name by which the daemon knows Bulwark. */
  readonly plugin: string;
}

/** One thing that can be wrong with a host, or is good to know. */
export interface Check {
  /** Stable, in kebab case. */
  readonly id: string;
  readonly severity: Severity;
  /** What it means, and why it is as severe as that. */
  readonly means: string;
  /** Empty: all is well, or it cannot be known, which `unseen` says. */
  readonly find: (host: Host) => readonly Found[];
  /** What to do, as it can be followed to the letter on this host. */
  readonly remedy: (names: Names, subject: string) => string;
  /** What stands for the subject where no host is meant; absent: there is none, or it is a path. */
  readonly example?: string;
}

/** One found thing, or none, where something is so. */
export function when(isSo: boolean | undefined, evidence: string, subject?: string): readonly Found[] {
  return isSo === true ? [{ evidence, ...(subject !== undefined && { subject }) }] : [];
}

/** A word as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w/.:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
