import type { Int } from '../gojson/types.ts';
import { printable } from '../model/printable.ts';
import type { Subject } from '../model/subject.ts';

const units: readonly (readonly [size: bigint, suffix: string])[] = [
  [1n << 40n, 't'],
  [1n << 30n, 'g'],
  [1n << 20n, 'm'],
  [1n << 10n, 'k'],
];

/** Bytes as a docker flag takes them, exactly: `2g`, `1536m`; what is no whole number of KiB ends in `b`. */
export function showBytes(bytes: Int): string {
  const exact = BigInt(bytes);
  for (const [size, suffix] of units) {
    if (exact !== 0n && exact % size === 0n) return `${exact / size}${suffix}`;
  }
  return `${exact}b`;
}

/** Nano-CPUs as `--cpus` takes them: `1.5`. */
export function showCpus(nano: Int): string {
  const exact = BigInt(nano);
  const fraction = (exact % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  const whole = exact / 1_000_000_000n;
  return fraction === '' ? `${whole}` : `${whole}.${fraction}`;
}

/** A list of a policy's patterns as a sentence goes on: `a, b`; `none` where it is empty. */
export function showList(items: readonly (string | number)[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}

/** A list of patterns for the caller who reads it: with its own name in place of `{subject}`. */
export function showPatterns(patterns: readonly string[], { name }: Subject): string {
  return showList(patterns.map((pattern) => pattern.replaceAll('{subject}', () => printable(name))));
}
