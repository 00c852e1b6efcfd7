/**
 * Whether the daemon could take a network's name for an id, or the beginning of one: ids are hexadecimal, and those of a
 * swarm in base 36 (20.10 to 29.7).
 */
export function mayBeNetworkId(ref: string): boolean {
  return /^[0-9a-z]+$/.test(ref);
}
