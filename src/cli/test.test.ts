import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from './program.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-test-'));
  write('house.yaml', house);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const house = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house }
spec:
  controls:
    privileged: {}
    memory: { required: true, max: 2GiB }
    user: { nonRoot: require, mode: warn }
    volumes: { drivers: [local] }
---
apiVersion: bulwark/v1
kind: Exception
metadata: { name: big }
spec:
  rules: [house/memory.max]
  match: { subjects: ["user:bob"], hosts: [lab-*] }
  reason: bob's models are large
  expires: 2027-03-31
`;

function write(name: string, text: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** A PolicyTest with these lines of cases, of which the first stands on line 6. */
function cases(...lines: readonly string[]): string {
  const list = lines.map((line) => `    - { ${line} }\n`).join('');
  return `apiVersion: bulwark/v1\nkind: PolicyTest\nmetadata: { name: t }\nspec:\n  cases:\n${list}`;
}

/** What `bulwark test` answers, with the folder written as DIR. */
async function test(...args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text).replaceAll(folder, 'DIR');
      return true;
    }),
  );
  try {
    const code = await run(['test', ...args.map((arg) => arg.replace(/^DIR/, folder))]);
    return { code, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** What is printed of the cases, without the coverage. */
async function told(...lines: readonly string[]): Promise<string> {
  write('house.test.yaml', cases(...lines));
  const { stdout, stderr } = await test('DIR');
  return stderr + stdout.slice(0, stdout.indexOf('coverage:'));
}

/** A container.create with these settings of HostConfig. */
const create = (settings: string, more = '') =>
  `request: { action: container.create, object: { Image: alpine, User: "1", HostConfig: { ${settings} }${more} } }`;
const privileged = create('Privileged: true, Memory: 1024');
const fine = create('Memory: 1024');
const big = create('Memory: 4294967296');

describe('bulwark test', () => {
  it('says ok, and which controls no case breaks', async () => {
    write(
      'house.test.yaml',
      cases(`name: a, ${privileged}, expect: { decision: deny, rules: [house/privileged] }`),
    );
    expect(await test('DIR')).toEqual({
      code: 0,
      stdout: `ok: 1 case
coverage: 1 of 4 controls are broken by a case; not
      house/volumes (DIR/house.yaml:9)
      house/memory (DIR/house.yaml:7)
      house/user (DIR/house.yaml:8)
`,
      stderr: '',
    });
  });

  it.each<[string, readonly string[], string]>([
    [
      'a denial that does not come',
      [`${fine}, expect: { decision: deny, rules: [house/privileged] }`],
      `      decision    expected deny, got allow
      rules       missing house/privileged
`,
    ],
    [
      'a denial that should not come, and what denies',
      [`${privileged}, expect: { decision: allow }`],
      `      decision    expected allow, got deny
      denied by   house/privileged: --privileged gives the container full control of the host. (DIR/house.yaml:6)
`,
    ],
    [
      'another rule than the one that was meant',
      [`${privileged}, expect: { decision: deny, rules: [house/memory, house/privileged] }`],
      `      rules       missing house/memory
      denied by   house/privileged: --privileged gives the container full control of the host. (DIR/house.yaml:6)
`,
    ],
    [
      'a rule too many where exactly these are meant',
      [`${create('Privileged: true')}, expect: { decision: deny, rules: [house/privileged], exactly: true }`],
      `      rules       not expected: house/memory.required
      denied by   house/privileged: --privileged gives the container full control of the host. (DIR/house.yaml:6)
      denied by   house/memory.required: --memory is missing: without a limit one container can take all of the host's memory. (DIR/house.yaml:7)
`,
    ],
    [
      'words that nothing says',
      [`${privileged}, expect: { decision: deny, message: "*the root of the host*" }`],
      `      message     nothing says \`*the root of the host*\`
      denied by   house/privileged: --privileged gives the container full control of the host. (DIR/house.yaml:6)
`,
    ],
    [
      'what only watches and should not',
      [
        'request: { action: container.create, object: { Image: alpine, HostConfig: { Memory: 1024 } } }, expect: { decision: allow, observed: [], exactly: true }',
      ],
      `      observed    not expected: house/user
      observed    house/user: --user is missing: without it the image's USER counts, which is mostly root. (DIR/house.yaml:8)
`,
    ],
    [
      'what only watches and finds nothing',
      [`${fine}, expect: { decision: allow, observed: [house/user] }`],
      '      observed    missing house/user\n',
    ],
    [
      'an exception that nobody needs',
      [`${fine}, expect: { decision: allow, exceptions: [big] }`],
      '      exceptions  missing big\n',
    ],
    [
      'facts of a container that no request reaches',
      [`${fine}, facts: { container: {} }, expect: { decision: allow }`],
      '      facts       no request starts, reaches into or joins a container, so `container` says nothing\n',
    ],
    [
      'a command that the CLI does not take',
      ['docker: run --no-such-flag alpine, expect: { decision: allow }'],
      '      docker      the docker CLI ended with exit code 125: unknown flag: --no-such-flag\n',
    ],
  ])('tells of %s', async (_what, [given = ''], lines) => {
    expect(await told(`name: it is so, ${fine}, expect: { decision: allow }`, `name: a case, ${given}`)).toBe(
      `FAIL  DIR/house.test.yaml:7  a case\n${lines}failed: 1 of 2 cases\n`,
    );
    expect((await test('DIR')).code).toBe(1);
  });

  // Each passes.
  it.each([
    [
      'a rule stands for its parts',
      `${big}, expect: { decision: deny, rules: [house/memory], exactly: true }`,
    ],
    ['a part is itself', `${big}, expect: { decision: deny, rules: [house/memory.max], exactly: true }`],
    ['a rule may be a pattern', `${big}, expect: { decision: deny, rules: ["house/*"], exactly: true }`],
    [
      'a star of a message takes slashes',
      `${privileged}, expect: { decision: deny, message: "*use --cap-add*" }`,
    ],
    [
      'a code is a rule',
      'request: { method: GET, uri: /nowhere }, expect: { decision: deny, rules: [unknown-route] }',
    ],
    [
      'an exception lets off whom it means',
      `${big}, as: user:bob, host: lab-1, now: 2027-03-31T23:59:59Z, expect: { decision: allow, exceptions: [big] }`,
    ],
    [
      'an exception ends',
      `${big}, as: user:bob, host: lab-1, now: 2027-04-01T00:00:00Z, expect: { decision: deny, rules: [house/memory] }`,
    ],
    [
      'nobody is on a host that has no name',
      `${big}, as: user:bob, now: 2027-01-01T00:00:00Z, expect: { decision: deny }`,
    ],
    [
      'a stored container is judged as it is stored',
      'request: { action: container.start, resource: { name: old } }, facts: { container: { HostConfig: { Privileged: true, Memory: 1024 } } }, expect: { decision: deny, rules: [house/privileged], exactly: true, message: the container `old` as it is stored* }',
    ],
    [
      'without it a start is judged as it is asked for',
      'request: { action: container.start, resource: { name: old } }, expect: { decision: allow }',
    ],
    [
      'an exec is where its container is',
      'request: { action: exec.start, resource: { name: e1 }, object: {} }, facts: { container: { HostConfig: { Privileged: true, Memory: 1024 } } }, expect: { decision: deny, rules: [house/privileged] }',
    ],
    [
      "an image's user counts",
      'request: { action: container.create, object: { Image: app, HostConfig: { Memory: 1024 } } }, facts: { image: { Config: { User: "1000" } } }, expect: { decision: allow, observed: [], exactly: true }',
    ],
    [
      "an image's root counts",
      'request: { action: container.create, object: { Image: app, HostConfig: { Memory: 1024 } } }, facts: { image: { Config: { User: root } } }, expect: { decision: allow, observed: [house/user] }',
    ],
    [
      "an image's user counts for the stored container too",
      'request: { action: container.start, resource: { name: w } }, facts: { container: { Config: { Image: app, User: "7" }, HostConfig: { Memory: 1024 } } }, expect: { decision: allow, observed: [], exactly: true }',
    ],
    [
      'a volume is what it was made of',
      `${create('Memory: 1024, Binds: ["data:/d"]')}, facts: { volumes: { data: { Driver: rclone } } }, expect: { decision: deny, rules: [house/volumes.driver] }`,
    ],
  ])('%s', async (what, given) => {
    expect(await told(`name: ${what}, ${given}`)).toBe('ok: 1 case\n');
  });

  it('knows a network by its id, as far as a test says which it is', async () => {
    write('house.yaml', house.replace('volumes:', 'networks: { names: [app] }\n    volumes:'));
    const id = 'f'.repeat(64);
    const given = create('Memory: 1024', `, NetworkingConfig: { EndpointsConfig: { ${id}: {} } }`);
    expect(
      await told(
        `name: a, ${given}, facts: { networks: { app: { Id: ${id} } } }, expect: { decision: allow }`,
        `name: b, ${given}, facts: { networks: { lan: { Id: ${id} } } }, expect: { decision: deny, rules: [house/networks] }`,
      ),
    ).toBe('ok: 2 cases\n');
  });

  it('takes who asks from the case, then the document, then the command line', async () => {
    write(
      'a.yaml',
      'apiVersion: bulwark/v1\nkind: Access\nmetadata: { name: web }\nspec: { subjects: ["user:alice"], allow: [{ actions: [system.info] }] }\n',
    );
    const ask = 'request: { action: system.info }';
    const both = (say: string) =>
      cases(
        `name: a, ${ask}, expect: { decision: allow }`,
        `name: b, ${ask}, as: user:bob, expect: { decision: deny }`,
      ).replace('  cases:', `${say}  cases:`);
    write('a.test.yaml', both(''));
    expect((await test('DIR')).code).toBe(1);
    expect((await test('DIR', '--as', 'user:alice')).code).toBe(0);
    write('a.test.yaml', both('  as: user:alice\n'));
    expect((await test('DIR', '--as', 'user:carol')).code).toBe(0);
  });

  // Each case of a command gets its own answer, also where the CLI was run for another one.
  it('runs docker commands, and adds up what each asks', async () => {
    const line = 'docker: run -m 3g -v ./x:/x alpine';
    expect(
      await told(
        `name: a, ${line}, expect: { decision: deny, rules: [house/memory.max], exactly: true }`,
        `name: b, ${line}, as: user:bob, host: lab-1, now: 2027-01-01T00:00:00Z, expect: { decision: allow, exceptions: [big], observed: [house/user] }`,
        `name: c, ${line}, as: user:carol, expect: { decision: deny, rules: [house/memory.max], exactly: true }`,
        `name: d, ${line}, as: user:bob, host: lab-2, now: 2027-01-01T00:00:00Z, facts: { container: { HostConfig: { Privileged: true, Memory: 1 } } }, expect: { decision: deny, rules: [house/privileged], exactly: true }`,
      ),
    ).toBe('ok: 4 cases\n');
  });

  it('counts Access documents that deny, and lets tests name what nothing breaks', async () => {
    write(
      'a.yaml',
      'apiVersion: bulwark/v1\nkind: Access\nmetadata: { name: all }\nspec: { subjects: ["*"], allow: [{ actions: ["**"] }], deny: [{ actions: [swarm.init] }] }\n',
    );
    write(
      'house.test.yaml',
      cases(
        `name: a, request: { action: swarm.init }, expect: { decision: deny, rules: [access/all], exactly: true }`,
      ).replace('  cases:', '  neverBroken: [access/not-granted, "house/*"]\n  cases:'),
    );
    expect(await test('DIR', '--require-coverage')).toEqual({
      code: 0,
      stdout: `ok: 1 case
coverage: 1 of 1 controls are broken by a case; 5 more that nothing breaks, as the tests say
`,
      stderr: '',
    });
  });

  it('fails for a control that no case breaks, where coverage is required', async () => {
    write('house.test.yaml', cases(`name: a, ${privileged}, expect: { decision: deny }`));
    const { code, stdout } = await test('DIR', '--require-coverage');
    expect(code).toBe(1);
    expect(stdout).toContain('failed: coverage: 1 of 4 controls are broken by a case; not\n');
  });

  it('answers programs', async () => {
    write('house.test.yaml', cases(`name: a, ${privileged}, expect: { decision: allow }`));
    const { code, stdout } = await test('DIR', '--output', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      suites: [
        {
          passed: 0,
          failed: 1,
          cases: [
            {
              file: 'DIR/house.test.yaml',
              line: 6,
              name: 'a',
              passed: false,
              problems: [{ of: 'decision', text: 'expected allow, got deny' }],
              decision: 'deny',
              violations: [{ rule: 'house/privileged' }],
            },
          ],
          coverage: {
            rules: 4,
            unbroken: [{ rule: 'house/volumes' }, { rule: 'house/memory' }, { rule: 'house/user' }],
          },
        },
      ],
    });
  });

  describe('finds', () => {
    const passes = cases(`name: a, ${privileged}, expect: { decision: deny, rules: [house/privileged] }`);
    const team = house
      .replace('name: house', 'name: team')
      .replace('name: big', 'name: team')
      .replace('house/memory', 'team/memory');

    beforeEach(() => {
      write('house.test.yaml', passes);
      write('other/team.yaml', team);
      write('other/team.test.yaml', passes.replace('house/privileged', 'team/privileged'));
    });

    it('the policies of each folder, and of the folder of a test', async () => {
      expect((await test('DIR', 'DIR/other/team.test.yaml')).stdout.match(/^ok: 1 case$/gm)).toHaveLength(2);
    });

    it('a test beside a file of policies', async () => {
      write('other/more.yaml', 'broken: [');
      expect((await test('DIR/other/team.yaml')).stdout).toMatch(/^ok: 1 case$/m);
    });

    it('the tests of all policies that are named as one set', async () => {
      const { stdout } = await test('--policies', folder, '--policies', join(folder, 'other'));
      expect(stdout).toMatch(/^ok: 2 cases$/m);
      expect(stdout).toMatch(/of 8 controls/);
    });

    it('tests of another place for a set that is named', async () => {
      expect((await test('--policies', folder, 'DIR/other')).stdout).toMatch(/^failed: 1 of 1 case$/m);
    });

    it('the policies of `serve` where nothing is named', async () => {
      vi.stubEnv('BULWARK_POLICIES', folder);
      expect((await test()).stdout).toMatch(/^ok: 1 case$/m);
    });
  });

  it.each<[string, readonly string[], string]>([
    [
      'a folder without tests',
      ['DIR'],
      'DIR: error: no test: it has no *.test.yaml directly in it; docs/testing.md shows one\n',
    ],
    [
      'an empty test',
      ['DIR/empty/a.test.yaml'],
      'DIR/empty/a.test.yaml: error: no document in it; docs/testing.md shows one\n',
    ],
    ['a path that is not there', ['DIR/none'], 'DIR/none: error: no such file or folder\n'],
    [
      'policies in the place of tests',
      ['DIR/wrong'],
      `DIR/wrong/a.test.yaml:2:7: error: policies belong in a file that does not end in .test.yaml, for here nothing would read them
    2 | kind: Policy
      |       ^^^^^^
DIR/wrong/b.test.yaml:6:52: error: missing key "decision"
    6 |     - { name: a, request: { action: system.ping }, expect: {} }
      |                                                    ^^^^^^
`,
    ],
    [
      'a broken set and a broken test at once',
      ['DIR/broken'],
      `DIR/broken: error: no document in it
DIR/broken/a.test.yaml:4:16: error: a test without a case shows nothing
    4 | spec: { cases: [] }
      |                ^^
`,
    ],
  ])('refuses %s', async (_what, args, stderr) => {
    write('empty/a.yaml', house);
    write('empty/a.test.yaml', '# nothing\n');
    write('wrong/a.yaml', house);
    write('wrong/a.test.yaml', house.split('---')[0] ?? '');
    write('wrong/b.test.yaml', cases('name: a, request: { action: system.ping }, expect: {}'));
    write('broken/a.yaml', '# nothing\n');
    write(
      'broken/a.test.yaml',
      'apiVersion: bulwark/v1\nkind: PolicyTest\nmetadata: { name: t }\nspec: { cases: [] }\n',
    );
    expect(await test(...args)).toEqual({ code: 1, stdout: '', stderr });
  });

  it('says that there is no docker CLI, only where a case wants it', async () => {
    vi.stubEnv('PATH', folder);
    write('house.test.yaml', cases(`name: a, ${fine}, expect: { decision: allow }`));
    expect((await test('DIR')).code).toBe(0);
    write('house.test.yaml', cases('name: a, docker: run alpine, expect: { decision: deny }'));
    expect(await test('DIR')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: there is no docker CLI on PATH.\nInstall the command line alone (package docker-cli, or docker-ce-cli; no daemon is needed), or put its folder on PATH.\n',
    });
  });

  it('refuses to speak for nobody that it can tell', async () => {
    expect(await test('DIR', '--as', 'alice')).toMatchObject({ code: 2, stdout: '' });
  });
});
