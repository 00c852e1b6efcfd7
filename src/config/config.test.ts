import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatFileError } from '../policyfiles/fileerror.ts';
import { type Config, type Given, resolveConfig } from './config.ts';
import { ensurePrivateFolder } from './privateFolder.ts';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulwark-')));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const nothing: Given = { configFile: undefined, flags: {}, env: {}, uid: 0 };

async function config(given: Partial<Given>): Promise<Config> {
  const result = await resolveConfig({ ...nothing, ...given });
  if (!result.ok) throw new Error(result.errors.map((error) => formatFileError(error)).join('\n'));
  return result.config;
}

async function errors(given: Partial<Given>): Promise<string[]> {
  const result = await resolveConfig({ ...nothing, ...given });
  return result.ok ? [] : result.errors.map((error) => formatFileError(error));
}

/** A Config file whose spec has these lines. */
function file(...lines: string[]): string {
  const path = join(folder, 'bulwark.yaml');
  const spec = lines.length === 0 ? 'spec: {}' : ['spec:', ...lines.map((line) => `  ${line}`)].join('\n');
  writeFileSync(path, `apiVersion: bulwark/v1\nkind: Config\nmetadata: { name: here }\n${spec}\n`);
  return path;
}

describe('resolveConfig()', () => {
  it('has a default for everything', async () => {
    expect(await config({})).toMatchObject({
      authzSocket: '/run/docker/plugins/bulwark.sock',
      policies: ['/etc/bulwark/policies'],
      data: '/var/lib/bulwark',
      ledger: {
        retention: { age: 34_560_000_000, size: 21_474_836_480 },
        coalesceAbove: 60,
        reserve: 67_108_864,
      },
      admin: { kind: 'unix', path: '/var/lib/bulwark/admin.sock' },
      metrics: { kind: 'off' },
      dockerHost: { kind: 'unix', path: '/var/run/docker.sock' },
      hostRoot: '/',
      deadline: 5000,
      logLevel: 'info',
      protect: { container: undefined, plugin: 'bulwark' },
      privateFolder: undefined,
    });
  });

  it('sees the root of the host where it is told to, or not at all', async () => {
    expect((await config({ flags: { hostRoot: `${folder}//` } })).hostRoot).toBe(folder);
    expect((await config({ env: { BULWARK_HOST_ROOT: 'off' } })).hostRoot).toBeUndefined();
    expect((await config({ configFile: file(`hostRoot: ${folder}`) })).hostRoot).toBe(folder);
  });

  it.each([
    ['/nonexistent', '/nonexistent: error: there is no such folder, in which `hostRoot` says that'],
    ['/etc/passwd', '/etc/passwd: error: there is no such folder'],
    ['host', 'BULWARK_HOST_ROOT: error: write an absolute path, or `off`'],
  ])('refuses %s as the root of the host', async (hostRoot, expected) => {
    expect(await errors({ env: { BULWARK_HOST_ROOT: hostRoot } })).toEqual([
      expect.stringContaining(expected),
    ]);
  });

  // Who is not root cannot write to /run.
  it.each([
    [{ XDG_RUNTIME_DIR: '/run/user/1000' }, '/run/user/1000/bulwark'],
    [{ XDG_RUNTIME_DIR: 'relative' }, '/tmp/bulwark-1000'],
    [{}, '/tmp/bulwark-1000'],
  ])('keeps socket and data of a user with %j in %s', async (env, expected) => {
    expect(await config({ uid: 1000, env })).toMatchObject({
      authzSocket: `${expected}/bulwark.sock`,
      data: expected,
      privateFolder: expected,
    });
  });

  // Whoever is not root has a rootless dockerd.
  it.each([
    [0, { XDG_RUNTIME_DIR: '/run/user/1000' }, '/var/run/docker.sock'],
    [1000, { XDG_RUNTIME_DIR: '/run/x' }, '/run/x/docker.sock'],
    [1000, {}, '/run/user/1000/docker.sock'],
  ])('asks the daemon of user %i with %j at %s', async (uid, env, path) => {
    expect((await config({ uid, env })).dockerHost).toEqual({ kind: 'unix', path });
  });

  it('asks for no private folder where socket and data were named', async () => {
    const chosen = await config({ uid: 1000, flags: { authzSocket: '/srv/x/b.sock', data: '/srv/y' } });
    expect(chosen).toMatchObject({
      authzSocket: '/srv/x/b.sock',
      data: '/srv/y',
      privateFolder: undefined,
      protect: { plugin: 'b' },
    });
  });

  // A flag wins over a variable, a variable over the file, the file over the default.
  it('takes each setting from the first that has it', async () => {
    const configFile = file(
      'deadline: 1s',
      'logLevel: error',
      'authzSocket: /file.sock',
      'policies: [/file]',
    );
    const env = { BULWARK_DEADLINE: '2s', BULWARK_LOG_LEVEL: 'warn', BULWARK_AUTHZ_SOCKET: '/variable.sock' };
    expect(await config({ configFile, env, flags: { deadline: 3000, logLevel: 'debug' } })).toMatchObject({
      deadline: 3000,
      logLevel: 'debug',
      authzSocket: '/variable.sock',
      policies: ['/file'],
    });
  });

  it('asks for it where only one of them was', async () => {
    const found = await config({ uid: 1000, flags: { authzSocket: '/srv/x/b.sock' } });
    expect(found).toMatchObject({ data: '/tmp/bulwark-1000', privateFolder: '/tmp/bulwark-1000' });
  });

  it('reads what the ledger keeps, and has a default for what is not said', async () => {
    const configFile = file('ledger: { retention: { age: 90d }, reserve: 1GiB }');
    expect((await config({ configFile })).ledger).toEqual({
      retention: { age: 7_776_000_000, size: 21_474_836_480 },
      coalesceAbove: 60,
      reserve: 1_073_741_824,
    });
  });

  it.each(['90', '90s', '0d', '1.5d'])('refuses the age `%s`', async (age) => {
    const configFile = file(`ledger: { retention: { age: "${age}" } }`);
    expect(await errors({ configFile })).toEqual([
      expect.stringMatching(/an age is a whole number of hours or days/),
    ]);
  });

  it('divides policy folders in a variable as PATH does', async () => {
    expect((await config({ env: { BULWARK_POLICIES: '/a:/b' } })).policies).toEqual(['/a', '/b']);
  });

  it('finds the file by its variable, and takes an empty variable as unset', async () => {
    const env = { BULWARK_CONFIG: file('deadline: 1s'), BULWARK_DEADLINE: '' };
    expect((await config({ env })).deadline).toBe(1000);
    expect((await config({ env: { BULWARK_CONFIG: '' } })).deadline).toBe(5000);
  });

  it("takes relative paths from the file's folder, or else from the working one", async () => {
    const configFile = file('policies: [mine]', 'authzSocket: ./b.sock', 'data: d');
    const found = await config({ configFile, flags: { policies: ['mine'] } });
    expect(found.authzSocket).toBe(join(folder, 'b.sock'));
    expect(found.data).toBe(join(folder, 'd'));
    expect(found.policies).toEqual([join(process.cwd(), 'mine')]);
    expect((await config({ configFile })).policies).toEqual([join(folder, 'mine')]);
  });

  it('protects what is its own: socket, policies, data, configuration, code, and where links lead', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const configFile = file('protect: { paths: [/srv/secret/../keys/], container: bulwark-1 }');
    const { protect } = await config({ configFile, flags: { policies: [join(folder, 'link')] } });
    expect(protect.container).toBe('bulwark-1');
    expect(protect.paths).toEqual(
      expect.arrayContaining([
        '/srv/keys',
        '/run/docker/plugins',
        '/var/lib/bulwark',
        join(folder, 'link'),
        join(folder, 'real'),
        configFile,
        join(import.meta.dirname, '..', '..'),
      ]),
    );
  });

  it.each([
    ['unix:///run/user/1000/docker.sock', { kind: 'unix', path: '/run/user/1000/docker.sock' }],
    ['off', { kind: 'off' }],
  ])('takes `dockerHost: %s`, whose socket nobody may mount', async (text, dockerHost) => {
    const read = await config({ configFile: file(`dockerHost: ${text}`) });
    expect(read.dockerHost).toEqual(dockerHost);
    expect(read.protect.sockets).toEqual('path' in dockerHost ? [dockerHost.path] : []);
  });

  it.each(['tcp://10.0.0.5:2375', 'ssh://host', 'unix:/run/docker.sock', '/run/docker.sock', 'unix://', ''])(
    'refuses `dockerHost: "%s"`',
    async (text) => {
      expect(await errors({ configFile: file(`dockerHost: "${text}"`) })).toEqual([
        expect.stringMatching(/unix:\/\/\/PATH/),
      ]);
    },
  );

  it.each([
    ['identity: {}', {}],
    ['identity: { precedence: tls, hostGroups: true }', { precedence: 'tls', hostGroups: true }],
    ['identity: { tls: { groupsFrom: [o] } }', { tls: { groupsFrom: ['o'] } }],
    [
      'identity: { tokens: { keys: [k.pem, /a/b.json], issuer: me, audience: all, maxLife: 1d, leeway: 1m } }',
      {
        tokens: {
          keys: ['@/k.pem', '/a/b.json'],
          ...{ issuer: 'me', audience: 'all', maxLife: 86_400_000, leeway: 60_000 },
        },
      },
    ],
  ])('takes `%s` from the file', async (line, said) => {
    const { identity, data } = await config({ configFile: file(line), flags: { hostName: 'lab' } });
    const defaults = {
      tls: { groupsFrom: ['ou', 'o'] },
      tokens: {
        keys: [join(data, 'keys/token.pub.pem')],
        revoked: join(data, 'keys/revoked'),
        ...{ issuer: 'bulwark', audience: 'lab', maxLife: 90 * 86_400_000, leeway: 30_000 },
      },
      ...{ precedence: 'agree', hostGroups: undefined },
    };
    const wanted = JSON.parse(JSON.stringify(said).replaceAll('@', folder));
    expect(identity).toEqual({
      ...{ ...defaults, ...wanted, tokens: { ...defaults.tokens, ...wanted.tokens } },
      hostGroups: wanted.hostGroups ? '/etc' : undefined,
    });
  });

  it.each([
    ['identity: { tokens: { keys: [] } }', /at least one key/],
    ['identity: { tokens: { maxLife: 91d } }', /between 1m and 90d/],
    ['identity: { tokens: { leeway: 1h } }', /a duration is/],
    ['identity: { precedence: both }', /"agree" or "tls"/],
    ['identity: { token: {} }', /did you mean "tokens"/],
    ['identity: { hostGroups: yes }', /hostGroups/],
  ])('refuses `%s`', async (line, says) => {
    expect(await errors({ configFile: file(line) })).toEqual([expect.stringMatching(says)]);
  });

  it('refuses `hostGroups` where the root of the host is not seen', async () => {
    const configFile = file('identity: { hostGroups: true }', 'hostRoot: "off"');
    expect(await errors({ configFile })).toEqual([expect.stringMatching(/`hostGroups`.*`hostRoot`/)]);
  });

  it.each<[string, Config['admin']]>([
    ['off', { kind: 'off' }],
    ['"off"', { kind: 'off' }],
    ['unix:/run/x/admin.sock', { kind: 'unix', path: '/run/x/admin.sock' }],
    ['127.0.0.1:7000', { kind: 'tcp', host: '127.0.0.1', port: 7000 }],
    ['"[::1]:7000"', { kind: 'tcp', host: '::1', port: 7000 }],
    ['127.0.0.1:0', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
  ])('takes `%s` for the address of the admin API', async (text, expected) => {
    expect((await config({ configFile: file(`admin: ${text}`) })).admin).toEqual(expected);
  });

  it('keeps the admin socket in the data folder, or where it is put, and protects it', async () => {
    expect((await config({ flags: { data: '/srv/d' } })).admin).toEqual({
      kind: 'unix',
      path: '/srv/d/admin.sock',
    });
    const elsewhere = await config({ configFile: file('admin: "unix:./a.sock"') });
    expect(elsewhere.admin).toEqual({ kind: 'unix', path: join(folder, 'a.sock') });
    expect(elsewhere.protect.paths).toContain(join(folder, 'a.sock'));
  });

  // What is asked and answered there is not encrypted, and metrics want no login.
  it.each([
    'admin: "0.0.0.0:7000"',
    'admin: "192.168.0.1:7000"',
    'admin: "localhost:7000"',
    'admin: "[::]:7000"',
    'admin: "127.0.0.2:7000"',
    'admin: ":7000"',
    'metrics: "0.0.0.0:9323"',
    'metrics: "[::]:9323"',
  ])('refuses `%s`, which others could reach, and says what to write', async (line) => {
    expect(await errors({ configFile: file(line) })).toEqual([
      expect.stringMatching(/:5:\d+: error: write `127\.0\.0\.1:PORT`/),
    ]);
  });

  it.each([
    'admin: "7000"',
    'admin: "unix:"',
    'admin: /run/a.sock',
    'admin: "127.0.0.1:70000"',
    'metrics: "unix:/run/m.sock"',
    'metrics: "127.0.0.1"',
  ])('refuses `%s`, which is no address', async (line) => {
    expect(await errors({ configFile: file(line) })).toHaveLength(1);
  });

  it('reads the addresses of variables, before those of the file', async () => {
    const env = { BULWARK_ADMIN: 'off', BULWARK_METRICS: '127.0.0.1:9323' };
    const found = await config({ configFile: file('admin: "127.0.0.1:7000"'), env });
    expect(found).toMatchObject({ admin: { kind: 'off' }, metrics: { kind: 'tcp', port: 9323 } });
  });

  it('reports every mistake with its place and a way out', async () => {
    const configFile = file('deadlin: 5s', 'policies: []', 'logLevel: inf', 'protect: { paths: [srv] }');
    const found = await errors({ configFile, env: { BULWARK_DEADLINE: '5' } });
    expect(found).toHaveLength(5);
    expect(found[0]).toBe(
      'BULWARK_DEADLINE: error: a duration is a whole number with its unit, such as `5s` or `500ms`',
    );
    expect(found[1]).toMatch(/:5:3: error: unknown key "deadlin"\n.*\n.*\^{7} did you mean "deadline"\?/);
    expect(found[2]).toMatch(/:6:13: error: at least one folder/);
    expect(found[3]).toMatch(/:7:13: error: .*"inf"[\s\S]*did you mean "info"\?/);
    expect(found[4]).toMatch(/:8:22: error: a path on the host begins with `\/`/);
  });

  it.each<[string, string, RegExp]>([
    ['no document', '', /no Config document/],
    [
      'a document of another kind',
      'apiVersion: bulwark/v1\nkind: Policy\n',
      /:2:7: error: unknown kind "Policy"/,
    ],
    [
      'two documents',
      'apiVersion: bulwark/v1\nkind: Config\nmetadata: { name: a }\nspec: {}\n---\napiVersion: bulwark/v1\nkind: Config\nmetadata: { name: b }\nspec: {}\n',
      /:7:1: error: a second Config document/,
    ],
  ])('refuses a file with %s', async (_, text, message) => {
    writeFileSync(join(folder, 'c.yaml'), text);
    expect(await errors({ configFile: join(folder, 'c.yaml') })).toEqual([expect.stringMatching(message)]);
  });

  it('refuses a file that is not there', async () => {
    expect(await errors({ configFile: join(folder, 'none.yaml') })).toEqual([
      expect.stringMatching(/none\.yaml: error: no such file/),
    ]);
  });

  it.each(['5', '5 s', 's', '-5s', '5h', '1.5s', '', '0s', '9ms', '11m', '99999999s'])(
    'refuses the deadline `%s`',
    async (deadline) => {
      expect(await errors({ configFile: file(`deadline: "${deadline}"`) })).toHaveLength(1);
    },
  );

  it('warns of a variable that nothing reads', async () => {
    const result = await resolveConfig({
      ...nothing,
      env: { BULWARK_POLICY: '/a', BULWARK_PORT: 'tcp://x', HOME: '/' },
    });
    expect(result).toMatchObject({
      warnings: [
        'nothing reads the variable BULWARK_POLICY; did you mean BULWARK_POLICIES?',
        expect.stringContaining('PORT'),
      ],
    });
  });
});

describe('ensurePrivateFolder()', () => {
  const uid = process.getuid?.() ?? -1;

  it('makes the folder, and takes it again', () => {
    const path = join(folder, 'bulwark');
    ensurePrivateFolder(path, uid);
    ensurePrivateFolder(path, uid);
  });

  it.each<[string, (path: string) => void, number]>([
    ['belongs to another user', (path) => mkdirSync(path, { mode: 0o700 }), uid + 1],
    [
      'others may enter',
      (path) => {
        mkdirSync(path);
        chmodSync(path, 0o750);
      },
      uid,
    ],
    [
      'is a link',
      (path) => {
        mkdirSync(`${path}.real`, { mode: 0o700 });
        symlinkSync(`${path}.real`, path);
      },
      uid,
    ],
    ['is a file', (path) => writeFileSync(path, ''), uid],
  ])('refuses one that %s', (_, make, user) => {
    const path = join(folder, 'bulwark');
    make(path);
    expect(() => ensurePrivateFolder(path, user)).toThrow(
      expect.objectContaining({ code: 'folder-not-private' }),
    );
  });
});
