import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokenRules } from './architecture/rules.ts';
import { importsOf, readSource } from './architecture/source.ts';

const src = join(import.meta.dirname, '..', 'src');

describe('the house', () => {
  it('has its floors, and floors 0 and 1 are pure', () => {
    const paths = globSync('**/*.ts', { cwd: src });
    expect(paths.length).toBeGreaterThan(50);
    expect(brokenRules(new Map(paths.map((path) => [path, readFileSync(join(src, path), 'utf8')])))).toEqual(
      [],
    );
  });
});

// The rules, each seen to fail on a planted violation.
describe('brokenRules()', () => {
  it.each<[string, string, string]>([
    ['policy/a.ts', "import { admit } from '../admit.ts';", 'policy/a.ts imports up: admit.ts'],
    ['model/a.ts', "import type { A } from '../normalize/b.ts';", 'model/a.ts imports up: normalize/b.ts'],
    [
      'policy/a.ts',
      "import {\n  b,\n} from '../normalize/b.ts';",
      'policy/a.ts imports sideways: normalize/b.ts',
    ],
    ['identity/a.ts', "import '../ledger/b.ts';", 'identity/a.ts imports sideways: ledger/b.ts'],
    [
      'policy/controls/a.ts',
      "export * from '../../normalize/b.ts';",
      'policy/controls/a.ts imports sideways: normalize/b.ts',
    ],
    ['authz/a.ts', "export type { B } from '../cli/b.ts';", 'authz/a.ts imports up: cli/b.ts'],
    ['authz/a.ts', "const b = await import('../serve.ts');", 'authz/a.ts imports up: serve.ts'],
    ['authz/a.ts', "type B = typeof import('../cli/b.ts');", 'authz/a.ts imports up: cli/b.ts'],
    ['authz/a.ts', 'const b = await import(name);', 'authz/a.ts computes what it imports'],
    [
      'authz/a.ts',
      "import b from '../../test/b.ts';",
      'authz/a.ts imports ../test/b.ts, which is outside the house',
    ],
    ['attic/a.ts', '', 'attic/a.ts stands on no floor: add it to the house or move it'],
    ['model/a.ts', "import { readFileSync } from 'node:fs';", 'model/a.ts is not pure: it imports node:fs'],
    ['policy/a.ts', "import { ulid } from 'ulid';", 'policy/a.ts is not pure: it imports ulid'],
    ['normalize/a.ts', 'const now = Date.now();', 'normalize/a.ts is not pure: Date'],
    ['normalize/a.ts', `const x = \`\${\`\${new Date()}\`}\`;`, 'normalize/a.ts is not pure: Date'],
    ['normalize/a.ts', 'const x = Math.random();', 'normalize/a.ts is not pure: Math.random'],
    ['gojson/a.ts', "const x = process.env['X'];", 'gojson/a.ts is not pure: process'],
    ['gojson/a.ts', 'async function f() {}', 'gojson/a.ts is not pure: async'],
    ['gojson/a.ts', 'let f: () => Promise<void>;', 'gojson/a.ts is not pure: Promise'],
    ['gojson/a.ts', 'setTimeout(f, 1);', 'gojson/a.ts is not pure: setTimeout'],
    ['gojson/a.ts', 'const x = 4 / 2; const y = Date.now() / 3;', 'gojson/a.ts is not pure: Date'],
  ])('in %s finds `%s`', (path, text, broken) => {
    expect(brokenRules(new Map([[path, text]]))).toEqual([broken]);
  });

  it.each<[string, string]>([
    [
      'policy/a.ts',
      "import { z } from 'zod';\nimport { b } from './b.ts';\nimport { c } from '../model/c.ts';",
    ],
    ['gojson/a.ts', "import { c } from '../model/c.ts';"],
    ['model/a.ts', "import type { Stats } from 'node:fs';"],
    [
      'model/a.ts',
      `// Date.now()\n/* await import(x) */ const a = 'Date', b = /Date'/, c = \`process \${a} async\`;`,
    ],
    ['model/a.ts', 'const route = { process: 1, x: y.process, date: 2 };'],
    ['model/a.test.ts', "import { run } from '../cli/run.ts';"],
    ['cli/a.ts', "import { readFileSync } from 'node:fs';\nawait run(Date.now());"],
  ])('in %s lets `%s` pass', (path, text) => {
    expect(brokenRules(new Map([[path, text]]))).toEqual([]);
  });
});

describe('readSource()', () => {
  it.each([
    ["a('b') // 'c'", "a('0')  ", ['b']],
    ['a(/[\'"/]`/, "b")', "a(/0/, '0')", ['b']],
    ['a / b / c', 'a / b / c', []],
    [`x ? \`a\${ { b: \`c\` } }d\` : e`, "x ? '0'+( { b: '1' } )+'2' : e", ['a', 'c', 'd']],
  ])('reads %s', (text, code, strings) => {
    expect(readSource(text)).toEqual({ code, strings });
  });

  it('finds every form of import', () => {
    const text =
      "import a from 'a';\nimport type { b } from 'b';\nimport 'c';\nexport { d } from 'd';\nimport('e');";
    expect(
      importsOf(readSource(text))
        .map(({ target }) => target)
        .sort(),
    ).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
