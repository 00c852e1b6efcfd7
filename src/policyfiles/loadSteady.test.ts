import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { diskState } from './diskState.ts';
import type { loadPolicySet } from './load.ts';
import { loadSteady } from './loadSteady.ts';

/** What happens when everything has been read, before it is looked at again. */
let afterReading: () => void;

vi.mock('./load.ts', async (original) => {
  const module = await original<{ loadPolicySet: typeof loadPolicySet }>();
  return {
    ...module,
    async loadPolicySet(paths: readonly string[]) {
      const result = await module.loadPolicySet(paths);
      afterReading();
      return result;
    },
  };
});

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-steady-'));
  afterReading = () => {};
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, file = 'a.yaml'): void {
  const text = `apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: ${name} }\nspec: { profile: baseline }\n`;
  writeFileSync(join(folder, file), text);
}

async function load(path = folder) {
  const result = await loadSteady([path]);
  const names = result.ok
    ? result.documents.map(({ name }) => name)
    : result.errors.map(({ code, file }) => `${code} ${file}`);
  return { names, disk: result.disk };
}

describe('loadSteady()', () => {
  it('says which state of the disk it has read', async () => {
    write('a');
    expect(await load()).toEqual({ names: ['a'], disk: await diskState([folder]) });
  });

  it('reads again what was changed while it was read', async () => {
    write('a');
    let saves = 3;
    afterReading = () => {
      if (saves > 0) write(`newer-${saves}`);
      saves -= 1;
    };
    expect(await load()).toEqual({ names: ['newer-1'], disk: await diskState([folder]) });
  });

  // Both files of the first version, or both of the second.
  it('reads again where a link was swapped meanwhile', async () => {
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(folder, version));
      for (const file of ['a', 'b']) write(`${version}-${file}`, `${version}/${file}.yaml`);
    }
    symlinkSync('v1', join(folder, 'current'));
    afterReading = () => {
      symlinkSync('v2', join(folder, 'new'));
      renameSync(join(folder, 'new'), join(folder, 'current'));
      afterReading = () => {};
    };
    expect((await load(join(folder, 'current'))).names).toEqual(['v2-a', 'v2-b']);
  });

  it('gives up what never holds still, and has read no state then', async () => {
    let saves = 0;
    write('a');
    afterReading = () => {
      saves += 1;
      write(`newer-${saves}`);
    };
    expect(await load()).toEqual({ names: [`policies-restless ${folder}`], disk: undefined });
    expect(saves).toBe(5);
  });

  it('makes a problem of a bug', async () => {
    write('a');
    afterReading = () => {
      throw new TypeError('undefined is not a function');
    };
    expect((await load()).names).toEqual([`internal-error ${folder}`]);
  });
});

describe('diskState()', () => {
  it('is the same while nothing changes, and leaves other files alone', async () => {
    write('a');
    const before = await diskState([folder]);
    expect(await diskState([folder])).toBe(before);
    expect(before).toContain('a.yaml');
    write('x', '.hidden.yaml');
    write('x', 'README.md');
    expect(await diskState([folder])).not.toContain('hidden');
  });

  it.each(['none', 'a.yaml/below', 'circle'])('of %s is that it cannot be seen', async (name) => {
    write('a');
    symlinkSync('circle', join(folder, 'circle'));
    expect(await diskState([join(folder, name)])).toMatch(/\n(ENOENT|ENOTDIR|ELOOP)$/);
  });
});
