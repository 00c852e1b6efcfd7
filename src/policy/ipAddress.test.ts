import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isIpAddress } from './ipAddress.ts';

test.each([
  ['127.0.0.1', true],
  ['0.0.0.0', true],
  ['::', true],
  ['::1', true],
  ['2001:db8::1', true],
  ['1:2:3:4:5:6:7:8', true],
  ['1:2:3:4:5:6:192.0.2.1', true],
  ['::ffff:192.0.2.1', true],
  ['', false],
  ['127.1', false],
  ['127.0.0.01', false],
  ['127.0.0.256', false],
  ['127.0.0.1 ', false],
  ['127.0.0.1.example.com', false],
  ['localhost', false],
  [':::1', false],
  ['1::2::3', false],
  ['fe80::1%eth0', false],
  ['[::1]', false],
  ['12345::', false],
  ['192.0.2.1::', false],
])('%j is an address: %s', (text, expected) => {
  expect(isIpAddress(text)).toBe(expected);
});

// Node reads them as strictly as Go, but for zones, and for a `::` of no groups, which Go does not take.
test('agrees with Node', () => {
  const written = fc.stringMatching(/^[0-9a-f:.]{0,24}$/);
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), written), (text) => {
      if (isIpAddress(text)) expect(isIPv4(text) || isIPv6(text)).toBe(true);
      if (isIPv4(text)) expect(isIpAddress(text)).toBe(true);
    }),
  );
});
