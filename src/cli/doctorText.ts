import { type Severity, severities } from '../host/doctor/check.ts';
import type { Finding } from '../host/doctor/diagnose.ts';
import type { Host } from '../host/doctor/host.ts';
import { printable } from '../model/printable.ts';
import { type Paint, painted, type Screen } from './textTable.ts';

/** Findings as one document, for programs. */
export function doctorJson({ daemon }: Host, findings: readonly Finding[]) {
  const { socket, version, process } = daemon;
  return {
    daemon: { socket, version: version ?? null, configFile: process.configFile },
    findings,
    counts: Object.fromEntries(severities.map((severity) => [severity, countOf(findings, severity)])),
  };
}

const paints: Readonly<Record<Severity, Paint>> = { error: 'red', warning: 'bold', note: 'dim' };

/** Findings for people; nothing in them steers the terminal. */
export function doctorText({ daemon }: Host, findings: readonly Finding[], screen: Screen): string {
  const { socket, version = 'of an unknown version', process } = daemon;
  const lines = findings.flatMap(({ id, severity, evidence, remedy }) => [
    `${painted(severity.padEnd(7), paints[severity], screen)}  ${id}`,
    `         ${evidence}`,
    `         fix: ${remedy}`,
    '',
  ]);
  const counts = severities.map((severity) => {
    const count = countOf(findings, severity);
    return `${count} ${severity}${count === 1 ? '' : 's'}`;
  });
  return [
    printable(`Docker ${version} on ${socket}, configured by ${process.configFile}`, 10_000),
    '',
    ...lines,
    `${counts.join(', ')}; docs/doctor.md says what each means`,
    '',
  ].join('\n');
}

function countOf(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length;
}
