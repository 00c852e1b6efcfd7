import { expect, test } from 'vitest';
import type { SecurityOptions } from '../../model/container.ts';
import { anonymous } from '../../model/subject.ts';
import { normalize } from '../../normalize/normalize.ts';
import { sha256 } from '../sha256.ts';
import { seccomp } from './seccomp.ts';

const profile = '{"defaultAction":"SCMP_ACT_ALLOW"}';
const context = {
  subject: anonymous,
  protect: { paths: [], sockets: [], container: undefined, plugin: 'bulwark' },
};

/** What the control says of a container with these options, as a create would ask for it. */
function judge(security: Partial<SecurityOptions>, allowProfiles: string[]): number {
  const body = new TextEncoder().encode('{"Image":"alpine"}');
  const headers = { 'Content-Type': 'application/json', 'Content-Length': `${body.length}` };
  const request = normalize({ method: 'POST', uri: '/v1.44/containers/create', headers, body });
  const { container } = request.object;
  if (container === undefined) throw new Error('a create has a container');
  const object = {
    ...request.object,
    container: { ...container, security: { ...container.security, ...security } },
  };
  return seccomp.check({ ...request, object }, { allowProfiles }, context).length;
}

test.each([
  [profile, [`sha256:${sha256(profile)}`], 0],
  [profile, [`sha256:${sha256('{}')}`], 1],
  [profile, ['builtin', 'unconfined'], 1],
  [profile, ['sha256:*'], 0],
  // One whose text did not come along has no digest.
  [undefined, [`sha256:${sha256(profile)}`, 'sha256:*'], 1],
])('a profile in the request passes by its digest alone: %j under %j', (text, allowProfiles, expected) => {
  const security = { seccomp: 'custom' as const, ...(text !== undefined && { seccompProfile: text }) };
  expect(judge(security, allowProfiles)).toBe(expected);
});
