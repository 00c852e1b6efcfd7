import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer } from '../../../test/ledgerOf.ts';
import { adminKeyFiles } from '../../admin/keys.ts';
import { verifyAdminToken } from '../../admin/token.ts';

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'bulwark-token-'));
});

afterEach(() => rmSync(data, { recursive: true }));

const issue = (...flags: readonly string[]) => answer('token', 'issue', '--data', data, ...flags);
const bearer = (token: string) => verifyAdminToken(token, readFileSync(adminKeyFiles(data).open, 'utf8'));
const life = (token: string) => Math.round(((bearer(token)?.expires.getTime() ?? 0) - Date.now()) / 60_000);

describe('bulwark token issue --admin', () => {
  it('prints the token alone on stdout, which holds for 8 hours', async () => {
    const { code, stdout, stderr } = await issue('--admin');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(life(stdout.trim())).toBe(480);
    expect(stderr).toMatch(/^It holds until .*Z\. /);
  });

  it.each([
    ['1m', 1],
    ['90d', 129_600],
  ])('takes a life of %s', async (text, minutes) => {
    const { stdout } = await issue('--admin', '--life', text, '--output', 'json');
    const { token, id, expires } = JSON.parse(stdout);
    expect(bearer(token)).toEqual({ id, expires: new Date(expires) });
    expect(life(token)).toBe(minutes);
  });

  it.each(['91d', '0h', '8', '10s', 'forever'])('refuses a life of %s', async (text) => {
    expect(await issue('--admin', '--life', text)).toMatchObject({ code: 2, stdout: '' });
  });

  it('wants to be told what the token is for', async () => {
    const { code, stdout, stderr } = await issue();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/Add `--admin`/);
  });

  it('says what is wrong with a key that cannot be used, and nothing of it', async () => {
    await issue('--admin');
    writeFileSync(adminKeyFiles(data).secret, 'a secret word');
    const { code, stdout, stderr } = await issue('--admin');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: the key `.*admin\.key\.pem` cannot be used: /);
    expect(stderr).not.toContain('a secret word');
  });
});
