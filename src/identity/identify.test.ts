import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Openssl } from '../../test/openssl.ts';
import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import { anonymous } from '../model/subject.ts';
import { type IdentityOptions, identifier } from './identify.ts';
import type { Claimed } from './tokens.ts';

let folder: string;
let alice: Partial<Message>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  const { cert } = new Openssl(folder).issue({ subject: '/O=Acme/OU=Web/CN=alice' });
  alice = { user: 'alice', authMethod: 'TLS', certificate: readFileSync(cert).toString('base64') };
  writeFileSync(join(folder, 'passwd'), 'alice:x:1000:1000:::\n');
  writeFileSync(join(folder, 'group'), 'alice:x:1000:\nWeb:x:1001:alice\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Tokens are their subject's name, and hold. */
const tokens = {
  verify: (token: string): Promise<Claimed> =>
    token === ''
      ? Promise.reject(new Refusal('message-unreadable', 'bad'))
      : Promise.resolve({ name: token, groups: ['web', 'ou:x'], id: '1', expires: new Date() }),
};

function identify(message: Partial<Message>, given: Partial<IdentityOptions> = {}) {
  const options: IdentityOptions = {
    tls: { groupsFrom: ['ou', 'o'] },
    tokens: { keys: [], revoked: '', issuer: '', audience: '', maxLife: 0, leeway: 0 },
    ...{ precedence: 'agree', hostGroups: undefined, ...given },
  };
  return identifier(options, tokens)({ method: 'GET', uri: '/info', headers: {}, ...message });
}

const token = (text: string): Partial<Message> => ({ headers: { 'X-Bulwark-Token': text } });
const authenticated = 'system:authenticated';

describe('who asks', () => {
  it('without certificate and token is nobody, at once', () => {
    expect(identify({})).toBe(anonymous);
    expect(identify({ headers: { 'X-Bulwark': 'alice', Authorization: 'alice' } })).toBe(anonymous);
  });

  it('by certificate is its owner, at once', () => {
    expect(identify(alice)).toEqual({
      name: 'alice',
      groups: ['o:Acme', 'ou:Web', authenticated],
      method: 'tls',
    });
  });

  it('by token is its subject', async () => {
    expect(await identify(token('bob'))).toEqual({
      name: 'bob',
      groups: ['ou:x', authenticated, 'web'],
      method: 'token',
    });
  });

  it.each<[Partial<Message>, string]>([
    [{ user: 'alice' }, 'no word of how and no certificate'],
    [{ authMethod: 'TLS' }, '`TLS` and no certificate'],
    [{ user: 'alice', authMethod: 'TLS' }, '`TLS` and no certificate'],
    [{ user: 'alice', authMethod: 'Basic' }, '`Basic` and no certificate'],
    [{ certificate: 'AAAA' }, 'no word of how and a certificate'],
    [{ certificate: 'AAAA', authMethod: 'TLS' }, 'it is not one'],
    [{ user: '', authMethod: '' }, '`` and no certificate'],
  ])('is refused where the daemon says half of it: %j', (message, says) => {
    expect(() => identify(message)).toThrow(
      expect.objectContaining({ code: 'certificate-unreadable', message: expect.stringContaining(says) }),
    );
  });

  it('is refused with a bad token, whatever else there is', async () => {
    for (const precedence of ['agree', 'tls', 'token'] as const) {
      const bad = { headers: { 'X-Bulwark-Token': '' } };
      await expect(identify(bad, { precedence })).rejects.toThrow('bad');
      await expect(identify({ ...alice, ...bad }, { precedence })).rejects.toThrow('bad');
    }
  });

  it('by both must be the same, who has the groups of both', async () => {
    expect(await identify({ ...alice, ...token('alice') })).toEqual({
      name: 'alice',
      groups: ['o:Acme', 'ou:Web', 'ou:x', authenticated, 'web'],
      method: 'tls',
    });
    await expect(identify({ ...alice, ...token('bob') })).rejects.toThrow(
      expect.objectContaining({
        code: 'identities-differ',
        message: 'your client certificate names `alice`, and your token `bob`.',
      }),
    );
  });

  it.each([
    ['tls', 'alice', ['o:Acme', 'ou:Web', authenticated]],
    ['token', 'bob', ['ou:x', authenticated, 'web']],
  ] as const)('by both is who counts where one has precedence: %s', async (precedence, name, groups) => {
    const subject = await identify({ ...alice, ...token('bob') }, { precedence });
    expect(subject).toEqual({ name, groups, method: precedence });
  });

  it('has the groups of the host where that is wanted', async () => {
    const given = { hostGroups: folder };
    expect(await identify(alice, given)).toMatchObject({
      groups: ['Web', 'alice', 'o:Acme', 'ou:Web', authenticated],
    });
    expect(await identify(token('bob'), given)).toMatchObject({ groups: ['ou:x', authenticated, 'web'] });
    expect(identify({}, given)).toBe(anonymous);
    await expect(identify(alice, { hostGroups: join(folder, 'none') })).rejects.toThrow(
      expect.objectContaining({ code: 'host-groups-unreadable' }),
    );
  });
});
