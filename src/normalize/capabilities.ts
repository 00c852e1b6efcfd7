import type { Capability } from '../model/container.ts';

/** Docker takes capabilities in any letter case, with or without `CAP_`; `ALL` has no prefix. */
export function parseCapabilities(list: readonly string[] | undefined): Capability[] {
  return (list ?? []).map((given) => ({ name: given.toUpperCase().replace(/^CAP_/, ''), given }));
}
