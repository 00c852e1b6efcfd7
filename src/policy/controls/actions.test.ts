import { describe, expect, test } from 'vitest';
import { anonymous } from '../../model/subject.ts';
import { normalize } from '../../normalize/normalize.ts';
import { actions } from './actions.ts';

const id = '4f1c2e5a9b7d'.padEnd(64, '0');

/** Whether stopping a container breaks `self` where Bulwark runs in `own`. */
function stops(ref: string, own: string | undefined): boolean {
  const request = normalize({ method: 'POST', uri: `/v1.41/containers/${ref}/stop`, headers: {} });
  const protect = { paths: [], sockets: [], container: own, plugin: 'bulwark' };
  const findings = actions.check(request, { deny: [] }, { subject: anonymous, protect });
  return findings.some(({ part }) => part === 'self');
}

describe("Bulwark's own container", () => {
  // The daemon takes a full id, then an exact name, then an unambiguous prefix of an id.
  test.each([
    [id, id, true],
    [id.slice(0, 12), id, true],
    ['4', id, true],
    [id, id.slice(0, 12), true],
    ['4f1c2e5a9b7d1', id, false],
    ['5', id, false],
    ['web', id, false],
    ['bulwark', 'bulwark', true],
    ['bulwark2', 'bulwark', false],
    ['bul', 'bulwark', false],
    // A name of hex digits is no id.
    ['fa', 'facade', false],
    ['web', undefined, false],
  ])('stop of %s with %s protected is %j', (ref, own, expected) => {
    expect(stops(ref, own)).toBe(expected);
  });
});
