import { once } from 'node:events';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer } from '../../test/ledgerOf.ts';
import type { Finding } from '../host/doctor/diagnose.ts';

let folder: string;
let daemon: Server;

const evil = '\u001b]0;x\u0007\u202e\nall is well';

/** What a daemon of 29.2 tells of itself. */
const answers: Readonly<Record<string, unknown>> = {
  '/_ping': 'OK',
  '/version': { Version: '29.2.0', ApiVersion: '1.53' },
  '/info': {
    Plugins: { Authorization: ['first', 'bulwark'] },
    SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
    LiveRestoreEnabled: true,
    ExperimentalBuild: false,
    LoggingDriver: 'local',
    Driver: 'overlayfs',
  },
  '/plugins': [{ Name: 'bulwark:latest', Enabled: false }],
  '/containers/json': [{ Names: [`/${evil}`], Mounts: [{ Source: '/run/docker/plugins', RW: true }] }],
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-doctor-'));
  mkdirSync(join(folder, 'policies'));
  writeFileSync(
    join(folder, 'policies/a.yaml'),
    'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: a }\nspec: { profile: baseline }\n',
  );
  const spec = { policies: ['policies'], data: 'data', authzSocket: 'bulwark.sock' };
  config('config.yaml', spec);
  writeFileSync(
    join(folder, 'daemon.json'),
    JSON.stringify({ 'authorization-plugins': ['first', 'bulwark'], hosts: [`tcp://${evil}`] }),
  );
  daemon = createServer(({ url = '' }, response) => {
    const body = answers[url];
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body));
  }).listen(join(folder, 'docker.sock'));
  await once(daemon, 'listening');
  const dead = createSocket().listen(join(folder, 'bound.sock'));
  await once(dead, 'listening');
  linkSync(join(folder, 'bound.sock'), join(folder, 'bulwark.sock'));
  dead.close();
});

afterAll(() => {
  daemon.close();
  rmSync(folder, { recursive: true });
});

function config(name: string, spec: object): void {
  const head = { apiVersion: 'bulwark/v1', kind: 'Config', metadata: { name: 'x' } };
  writeFileSync(join(folder, name), JSON.stringify({ ...head, spec }));
}

function doctor(...args: readonly string[]) {
  const where = [
    '--docker-host',
    `unix://${join(folder, 'docker.sock')}`,
    '--config-file',
    join(folder, 'daemon.json'),
  ];
  return answer('doctor', '--config', join(folder, 'config.yaml'), ...where, ...args);
}

async function findings(...args: readonly string[]): Promise<readonly Finding[]> {
  return JSON.parse((await doctor('--output', 'json', ...args)).stdout).findings;
}

describe('bulwark doctor', () => {
  it('exits 1 and says in one document what it has found on which daemon', async () => {
    const { code, stdout, stderr } = await doctor('--output', 'json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const { daemon, findings, counts } = JSON.parse(stdout);
    expect(daemon).toEqual({
      socket: join(folder, 'docker.sock'),
      version: '29.2.0',
      configFile: join(folder, 'daemon.json'),
    });
    const ids = findings.map(({ id }: Finding) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        'plugin-missing',
        'managed-plugin-disabled',
        'plugin-in-front',
        'tcp-without-tls',
        'builds-over-http2',
        'build-host-network',
        'live-restore-on',
        'policy-weak',
        'not-looked-at',
      ]),
    );
    expect(counts.error + counts.warning + counts.note).toBe(findings.length);
  });

  it('tells people the same, the worst first, and nothing that a terminal would obey', async () => {
    const { code, stdout } = await doctor();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Docker 29\.2\.0 on .*docker\.sock, configured by .*daemon\.json\n\nerror {4}/);
    expect(stdout).toMatch(
      /\nwarning {2}plugin-in-front\n {9}Asked before Bulwark: first\.\n {9}fix: If the account /,
    );
    expect(stdout).toMatch(/\n\d+ errors, \d+ warnings, \d+ notes; docs\/doctor\.md says what each means\n$/);
    expect(stdout).toContain('\\u001b]0;x');
    expect(stdout + JSON.stringify(await findings())).not.toMatch(/[\u001b\u0007\u202e]|^all is well/m);
  });

  it('says why a file of the daemon is none', async () => {
    writeFileSync(join(folder, 'broken.json'), '{"debug": true,}');
    const found = await findings('--config-file', join(folder, 'broken.json'));
    expect(found.find(({ id }) => id === 'daemon-json-broken')?.remedy).toContain(
      `Mend ${join(folder, 'broken.json')};`,
    );
  });

  it('goes on where the configuration of `serve` is broken, and says so', async () => {
    config('broken.yaml', { polices: [] });
    const found = await findings('--config', join(folder, 'broken.yaml'));
    expect(found.find(({ id }) => id === 'config-broken')?.evidence).toContain('unknown key "polices"');
    expect(found.map(({ id }) => id)).toContain('plugin-in-front');
  });

  it('says who else can write what decides', async () => {
    chmodSync(join(folder, 'policies'), 0o777);
    const found = (await findings()).filter(({ id }) => id === 'writable-by-others');
    chmodSync(join(folder, 'policies'), 0o755);
    const { remedy } = found.find(({ evidence }) => evidence.includes(join(folder, 'policies'))) ?? {};
    expect(remedy).toBe(`\`chmod go-w ${join(folder, 'policies')}\`.`);
  });

  it('says what it could not look at where no daemon answers', async () => {
    const found = await findings('--docker-host', `unix://${join(folder, 'nowhere.sock')}`);
    const evidence = found.map((finding) => `${finding.id}: ${finding.evidence}`);
    expect(evidence).toContain(`daemon-silent: At ${join(folder, 'nowhere.sock')}: ENOENT.`);
    expect(evidence).toContain('not-looked-at: what the daemon says of itself: it does not answer');
  });

  it.each([
    [['--output', 'xml'], /xml/],
    [['--docker-host', 'tcp://127.0.0.1:2375'], /write `unix:\/\/\/PATH`, with three slashes/],
    [['--docker-host', 'off'], /write `unix:\/\/\/PATH`/],
    [['--nonsense'], /unknown option/],
  ])('exits 2 for %j', async (args, message) => {
    const { code, stderr } = await doctor(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
