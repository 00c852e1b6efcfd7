const ipv4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;
const group = /^[0-9a-f]{1,4}$/i;

/**
 * Whether Go's `net.ParseIP` takes a text for an address: no zone, no zero in front of a decimal number, no blanks.
 * @param text a client's, of any length
 */
export function isIpAddress(text: string): boolean {
  // The longest has eight groups, the last two of them as IPv4.
  if (text.length > 45) return false;
  if (!text.includes(':')) return ipv4.test(text);
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const parts = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = parts.at(-1) ?? '';
  const tail = ipv4.test(last) && text.endsWith(last) ? 2 : 0;
  const groups = tail > 0 ? parts.slice(0, -1) : parts;
  const count = groups.length + tail;
  return groups.every((part) => group.test(part)) && (halves.length === 2 ? count < 8 : count === 8);
}
