import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answer } from '../../../test/ledgerOf.ts';
import { ecPair, es256, forge, goodClaims } from '../../../test/tokensOf.ts';
import { ownKeyFiles } from '../../identity/ownKeys.ts';
import { Tokens } from '../../identity/tokens.ts';
import { takeNotes } from '../../ledger/leftNotes.ts';

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'bulwark-token-'));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  rmSync(data, { recursive: true });
});

const token = (...args: readonly string[]) => answer('token', ...args, '--data', data);
const issue = (...flags: readonly string[]) => token('issue', ...flags);
const verify = (text: string, options: object = {}) =>
  new Tokens({
    keys: [ownKeyFiles(data).open],
    revoked: join(data, 'keys', 'revoked'),
    issuer: 'bulwark',
    audience: hostname(),
    maxLife: 90 * 24 * 60 * 60_000,
    leeway: 0,
    ...options,
  }).verify(text);

/** Issues a token as JSON; gives it with its id. */
async function made(...flags: readonly string[]): Promise<{ token: string; id: string; expires: string }> {
  return JSON.parse((await issue(...flags, '--output', 'json')).stdout);
}

const stdin = (text: string) =>
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([text]) as typeof process.stdin);

/** A Config file that takes the place of `--data`. */
function configured(identity: object): string {
  const path = join(data, 'config.yaml');
  const spec = { data, hostName: 'host1', identity };
  writeFileSync(
    path,
    JSON.stringify({ apiVersion: 'bulwark/v1', kind: 'Config', metadata: { name: 'x' }, spec }),
  );
  return path;
}

describe('bulwark token issue --subject', () => {
  it('prints the token alone on stdout, for 30 days; the rest, without it, on stderr', async () => {
    const { code, stdout, stderr } = await issue('--subject', 'alice', '--groups', 'web,db');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { id, expires, ...claimed } = await verify(stdout.trim());
    expect(claimed).toEqual({ name: 'alice', groups: ['web', 'db'] });
    expect(Math.round((expires.getTime() - Date.now()) / 60_000)).toBe(30 * 24 * 60);
    expect(stderr).toContain('"X-Bulwark-Token": "TOKEN"');
    expect(stderr).toContain('chmod 600');
    expect(stderr).toContain(`It holds until ${expires.toISOString()} for \`${hostname()}\``);
    expect(stderr).toContain(`bulwark token revoke ${id}`);
    expect(stderr).not.toContain('warning');
  });

  it('shows it in the fragment on a terminal', async () => {
    const before = process.stdout.isTTY;
    process.stdout.isTTY = true;
    const { stdout, stderr } = await issue('--subject', 'alice');
    process.stdout.isTTY = before;
    expect(stderr).toContain(`"X-Bulwark-Token": "${stdout.trim()}"`);
  });

  it('prints a config.json of Docker', async () => {
    const { stdout } = await issue('--subject', 'alice', '--output', 'docker-config');
    const { HttpHeaders, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({});
    expect(await verify(HttpHeaders['X-Bulwark-Token'])).toMatchObject({ name: 'alice', groups: [] });
  });

  it('says other claims, and for another host', async () => {
    const flags = ['--claim', 'team=web', '--claim', 'env=a', '--claim', 'env=b=c', '--audience', 'host2'];
    const { token } = await made('--subject', 'ci', ...flags, '--expires', '1h');
    expect(await verify(token, { audience: 'host2' })).toMatchObject({
      name: 'ci',
      groups: ['claim:team=web', 'claim:env=a', 'claim:env=b=c'],
    });
  });

  it('keeps all but the token, for its owner alone, and notes it for the ledger', async () => {
    const { token, id } = await made('--subject', 'alice', '--groups', 'web');
    const path = join(data, 'keys', 'issued', `${id}.json`);
    const kept = readFileSync(path, 'utf8');
    expect(JSON.parse(kept)).toMatchObject({ id, subject: 'alice', groups: ['web'], by: expect.any(String) });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const part of token.split('.')) expect(kept).not.toContain(part);
    expect(takeNotes(data)).toMatchObject([{ event: 'token-issued', token: { id, subject: 'alice' } }]);
  });

  it('does as the Config says', async () => {
    const tokens = { issuer: 'me', audience: 'here', maxLife: '2h' };
    const config = configured({ tokens });
    const { code, stdout, stderr } = await answer('token', 'issue', '--subject', 'a', '--config', config);
    expect(code).toBe(0);
    const { expires } = await verify(stdout.trim(), { issuer: 'me', audience: 'here' });
    expect(Math.round((expires.getTime() - Date.now()) / 60_000)).toBe(120);
    expect(stderr).not.toContain('warning');
    const longer = ['--subject', 'a', '--config', config, '--expires', '3h'];
    expect(await answer('token', 'issue', ...longer)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: 3h is longer than this host accepts: 2h\.\n.*maxLife/),
    });
  });

  it('warns where the Config has other keys alone', async () => {
    writeFileSync(join(data, 'other.pem'), ecPair().pem);
    const config = configured({ tokens: { keys: [join(data, 'other.pem')] } });
    const { code, stderr } = await answer('token', 'issue', '--subject', 'a', '--config', config);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: .*refuses it: the token is not signed with a key that this host trusts/);
    expect(stderr).toContain(ownKeyFiles(data).open);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['a name of Bulwark', ['--subject', 'system:anonymous'], /system:/],
    ['no name', ['--subject', ''], /is empty/],
    ['a group of Bulwark', ['--subject', 'a', '--groups', 'web,system:x'], /`:`/],
    ['a group that is empty', ['--subject', 'a', '--groups', 'web,'], /is empty/],
    [
      'too many groups',
      ['--subject', 'a', '--groups', Array.from({ length: 101 }, (_, at) => at).join()],
      /100/,
    ],
    ['a claim of every token', ['--subject', 'a', '--claim', 'exp=1'], /the token says this anyway/],
    ['a claim without a value', ['--subject', 'a', '--claim', 'team'], /team=web/],
    ['a claim that is long', ['--subject', 'a', '--claim', `x=${'a'.repeat(300)}`], /makes no group/],
    ['a life beyond all', ['--subject', 'a', '--expires', '91d'], /90d/],
    ['two kinds', ['--subject', 'a', '--admin'], /cannot be used with/],
    ['a config.json for the admin API', ['--admin', '--output', 'docker-config'], /--subject/],
  ])('refuses %s, and keeps nothing', async (_, flags, why) => {
    const { code, stdout, stderr } = await issue(...flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(why);
    expect(takeNotes(data)).toEqual([]);
    expect(JSON.parse((await token('list', '--all', '--output', 'json')).stdout)).toEqual({
      items: [],
      next: null,
    });
  });
});

describe('bulwark token verify', () => {
  it('says whom a token names', async () => {
    const { token: text, id, expires } = await made('--subject', 'alice', '--groups', 'web');
    expect(await token('verify', text)).toEqual({
      code: 0,
      stdout: `names   alice\ngroups  web\nuntil   ${expires}\nid      ${id}\n`,
      stderr: '',
    });
    stdin(`${text}\n`);
    expect(JSON.parse((await token('verify', '-', '--output', 'json')).stdout)).toEqual({
      ...{ valid: true, name: 'alice', groups: ['web'], id, expires },
    });
  });

  it('says why a token names nobody, and does not repeat it', async () => {
    await made('--subject', 'alice');
    const foreign = forge({ alg: 'ES256' }, { ...goodClaims(), sub: 'mallory' }, es256(ecPair()));
    const { code, stdout, stderr } = await token('verify', foreign);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^It names nobody: token-untrusted: the token is not signed/);
    for (const part of [...foreign.split('.'), 'mallory']) expect(stdout).not.toContain(part);
    stdin('a secret word');
    const { code: json, stdout: text } = await token('verify', '--output', 'json');
    expect(json).toBe(1);
    expect(JSON.parse(text)).toMatchObject({ valid: false, code: 'token-malformed' });
    expect(text).not.toContain('secret');
  });
});

describe('bulwark token list', () => {
  it('has those that hold, and with --all the others with the reason', async () => {
    const config = configured({ tokens: { maxLife: '1h' } });
    vi.useFakeTimers({ toFake: ['Date'] });
    const old = await made('--subject', 'old', '--expires', '1m');
    vi.setSystemTime(Date.now() + 120_000);
    const stolen = await made('--subject', 'stolen');
    await answer('token', 'rotate', '--now', '--config', config);
    const gone = await made('--subject', 'gone', '--groups', 'web');
    await token('revoke', gone.id);
    await token('revoke', 'foreign');
    const alice = await made('--subject', 'alice', '--groups', 'web,db', '--claim', 'team=web');
    const { stdout } = await token('list');
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^ID +SUBJECT +GROUPS +ISSUED +EXPIRES +STATE +BY$/),
      expect.stringMatching(new RegExp(`^${alice.id}  alice +web,db,claim:team=web .* valid  `)),
    ]);
    const states = async (...flags: readonly string[]) =>
      JSON.parse((await token('list', '--output', 'json', ...flags)).stdout).items.map(
        ({ id, state }: { id: string; state: string }) => [id, state],
      );
    expect(await states('--all')).toEqual([
      [old.id, 'expired'],
      [stolen.id, 'untrusted'],
      [gone.id, 'revoked'],
      [alice.id, 'valid'],
      ['foreign', 'revoked'],
    ]);
    expect(await states('--all', '--subject', 'gone')).toEqual([[gone.id, 'revoked']]);
    expect(await states('--subject', 'gone')).toEqual([]);
  });

  it('says that there are none', async () => {
    expect(await token('list')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^No tokens that hold/),
    });
    expect((await token('list', '--all')).stdout).toBe('No tokens.\n');
  });
});

describe('bulwark token revoke', () => {
  it('ends a token at once, says so, and notes it for the ledger', async () => {
    const { token: text, id } = await made('--subject', 'alice');
    takeNotes(data);
    expect(await token('revoke', id)).toEqual({
      code: 0,
      stdout: `\`${id}\` of \`alice\` is revoked.\n`,
      stderr: '',
    });
    await expect(verify(text)).rejects.toMatchObject({ code: 'token-revoked' });
    expect((await token('revoke', id)).stdout).toBe(`\`${id}\` of \`alice\` was revoked before.\n`);
    expect(takeNotes(data)).toMatchObject([{ event: 'token-revoked', token: { id, subject: 'alice' } }]);
  });

  it('takes the whole token too, and does not repeat it', async () => {
    const { token: text, id } = await made('--subject', 'alice');
    const { stdout } = await token('revoke', text);
    expect(stdout).toBe(`\`${id}\` of \`alice\` is revoked.\n`);
    const again = await token('revoke', text);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toMatch(/^error: the token .* was revoked/);
    for (const part of text.split('.')) expect(again.stderr).not.toContain(part);
  });

  it('takes all tokens of a user', async () => {
    const [one, two, other] = [
      await made('--subject', 'alice'),
      await made('--subject', 'alice'),
      await made('--subject', 'bob'),
    ];
    expect((await token('revoke', '--subject', 'alice')).stdout).toBe(
      `\`${one.id}\` of \`alice\` is revoked.\n\`${two.id}\` of \`alice\` is revoked.\n`,
    );
    expect(await verify(other.token)).toMatchObject({ name: 'bob' });
    expect((await token('revoke', '--subject', 'alice')).stdout).toBe('No token of `alice` holds.\n');
  });

  it('takes an id that is not known here, and warns', async () => {
    const { code, stdout, stderr } = await token('revoke', '../../etc/passwd');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '`../../etc/passwd` is revoked.\n' });
    expect(stderr).toMatch(/^warning: no token with this id was made here\./);
    expect(readdirSync(join(data, 'keys', 'revoked'))).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it('works where the keys are broken', async () => {
    const { id } = await made('--subject', 'alice');
    writeFileSync(ownKeyFiles(data).open, 'broken');
    expect(await token('revoke', id)).toMatchObject({ code: 0 });
  });

  it.each([
    ['nothing', []],
    ['an empty id', ['']],
    ['an id that does not print', ['a\u001b[2J']],
    ['an id that is long', ['a'.repeat(201)]],
  ])('refuses %s', async (_, words) => {
    expect(await token('revoke', ...words)).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('bulwark token rotate', () => {
  it('makes a new key, and lets the tokens of the old one hold', async () => {
    const old = await made('--subject', 'alice');
    takeNotes(data);
    const { code, stdout } = await token('rotate');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^New tokens are made with the key [\w-]+\.\nThose made with [\w-]+ hold until they expire, 20.*Z at the latest\.\n$/,
    );
    expect(takeNotes(data)).toMatchObject([{ event: 'token-keys-rotated' }]);
    expect(await verify(old.token)).toMatchObject({ name: 'alice' });
    expect(await verify((await made('--subject', 'bob')).token)).toMatchObject({ name: 'bob' });
  });

  it('ends the tokens of the old key with --now, and says how many', async () => {
    const [one, two] = [await made('--subject', 'alice'), await made('--subject', 'bob')];
    await token('revoke', two.id);
    const { stdout } = await token('rotate', '--now', '--output', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ kept: [], dropped: [expect.any(String)], ended: 1 });
    await expect(verify(one.token)).rejects.toMatchObject({ code: 'token-untrusted' });
  });
});

describe('a folder that cannot be used', () => {
  it.each([[['issue', '--subject', 'a']], [['list']], [['revoke', 'a']], [['rotate']]])(
    'is told by %s, with a way out',
    async (args) => {
      writeFileSync(join(data, 'file'), '');
      const { code, stdout, stderr } = await answer('token', ...args, '--data', join(data, 'file'));
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^error: the key.*cannot be used: ENOTDIR.*\n.+/);
    },
  );
});
