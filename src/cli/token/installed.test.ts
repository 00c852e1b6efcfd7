import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { answer } from '../../../test/ledgerOf.ts';
import { places } from '../../host/places.ts';

vi.mock(import('../../host/places.ts'), async (actual) => {
  const { places, ...rest } = await actual();
  return { ...rest, places: { ...places } };
});

it('root, who names nothing, makes tokens for the installed Bulwark', async () => {
  const data = mkdtempSync(join(tmpdir(), 'bulwark-token-'));
  const config = join(data, 'config.yaml');
  Object.assign(places, { config });
  vi.spyOn(process, 'getuid').mockReturnValue(0);
  onTestFinished(() => {
    vi.restoreAllMocks();
    rmSync(data, { recursive: true });
  });
  const spec = { data, identity: { tokens: { audience: 'installed' } } };
  const document = { apiVersion: 'bulwark/v1', kind: 'Config', metadata: { name: 'x' }, spec };
  writeFileSync(config, JSON.stringify(document));
  const issue = async (...flags: readonly string[]) =>
    JSON.parse((await answer('token', 'issue', '--subject', 'alice', '--output', 'json', ...flags)).stdout);
  expect(await issue()).toMatchObject({ audience: 'installed' });
  expect(await issue('--data', data)).not.toMatchObject({ audience: 'installed' });
});
