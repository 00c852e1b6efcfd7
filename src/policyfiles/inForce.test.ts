import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Policies } from './inForce.ts';
import { loadPolicySet } from './load.ts';

let folder: string;
let told: string[];
let running: Policies[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-in-force-'));
  told = [];
  running = [];
});

afterEach(() => {
  for (const policies of running) policies.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (...names: readonly string[]) => join(folder, ...names);

const document = (name: string, spec = '{ profile: baseline }') =>
  `apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: ${name} }\nspec: ${spec}\n`;

function write(name: string, spec?: string): void {
  writeFileSync(at('a.yaml'), document(name, spec));
}

/** The policies of a path, which are read with the first looks as well. */
async function open(path: string): Promise<Policies> {
  const loaded = await loadPolicySet([path]);
  if (!loaded.ok) throw new Error('the policies of the test are broken');
  const policies = new Policies([path], loaded, {
    replaced: ({ documents }) => told.push(documents.map(({ name }) => name).join()),
    unchanged: () => told.push('unchanged'),
    broken: (errors) => told.push(errors.map(({ code }) => code).join()),
  });
  running.push(policies);
  await looks(policies, 3);
  return policies;
}

async function start(): Promise<Policies> {
  write('first');
  return open(folder);
}

/** So many looks: what `watch` does in as many seconds. */
async function looks(policies: Policies, count: number): Promise<void> {
  for (let look = 0; look < count; look += 1) await policies.look();
}

/** Replaces a link at once, as `ln -sfn` and Kubernetes do. */
function swapLink(target: string, path: string): void {
  symlinkSync(target, `${path}.new`);
  renameSync(`${path}.new`, path);
}

const names = ({ current }: Policies) => current.documents.map(({ name }) => name);

describe('Policies', () => {
  it('keeps the last good set in force when the next is broken, and says why and since when', async () => {
    const policies = await start();
    const { set, since } = policies.current;
    write('second', '{ profil: baseline }');
    await policies.reload();
    expect(policies.current).toMatchObject({ set, since, problems: [{ code: 'file-unknown-key' }] });
    const { brokenSince } = policies.current;
    expect(brokenSince).toBeInstanceOf(Date);
    write('third', '{ profile: bseline }');
    await policies.reload();
    expect(policies.current.brokenSince).toBe(brokenSince);
    expect(told).toEqual(['file-unknown-key', 'file-invalid']);
  });

  it('forgets what was wrong when a whole set follows', async () => {
    const policies = await start();
    write('second', '{ profil: baseline }');
    await policies.reload();
    write('third');
    await policies.reload();
    expect(names(policies)).toEqual(['third']);
    expect(policies.current).toMatchObject({ problems: [], brokenSince: undefined });
  });

  it('reads one after the other, so that the last one asked for is in force', async () => {
    const policies = await start();
    const first = policies.reload();
    const second = policies.reload();
    write('second');
    await Promise.all([first, second]);
    expect(names(policies)).toEqual(['second']);
  });

  it('tells who asked that nothing has changed, and keeps the set as it is', async () => {
    const policies = await start();
    const { set, since } = policies.current;
    await policies.reload();
    expect(told).toEqual(['unchanged']);
    expect(policies.current.set).toBe(set);
    expect(policies.current.since).toBe(since);
  });

  it('takes files of other names for another set: a denial names the file', async () => {
    const policies = await start();
    renameSync(at('a.yaml'), at('b.yaml'));
    await policies.reload();
    expect(told).toEqual(['first']);
    expect(policies.current.texts).toMatchObject([{ file: expect.stringMatching(/b\.yaml$/) }]);
  });

  it('counts how reloads ended', async () => {
    const policies = await start();
    const { reloads } = policies.current;
    write('second');
    await policies.reload();
    await policies.reload();
    write('third', '{ profil: baseline }');
    await policies.reload();
    expect(policies.current.reloads).toEqual({
      replaced: reloads.replaced + 1,
      unchanged: reloads.unchanged + 1,
      broken: reloads.broken + 1,
    });
  });

  it('of two folders are two, each with its own state', async () => {
    for (const name of ['one', 'two']) {
      mkdirSync(at(name));
      writeFileSync(at(name, 'a.yaml'), document(name));
    }
    const [one, two] = [await open(at('one')), await open(at('two'))];
    writeFileSync(at('two', 'a.yaml'), document('newer'));
    await Promise.all([looks(one, 3), looks(two, 3)]);
    expect([names(one), names(two)]).toEqual([['one'], ['newer']]);
  });

  it('puts nothing into force and tells nothing any more once it is closed', async () => {
    const policies = await start();
    write('second');
    const reloading = policies.reload();
    policies.close();
    await reloading;
    expect(names(policies)).toEqual(['first']);
    expect(told).toEqual([]);
  });

  it('goes on when whoever is told fails', async () => {
    const policies = await start();
    told.push = () => {
      throw new Error('the log is full');
    };
    await expect(policies.reload()).rejects.toThrow('the log is full');
    told = [];
    write('second');
    await policies.reload();
    expect(told).toEqual(['second']);
  });
});

// Each save comes into force with the third look: one sees it, and two that nothing has changed since.
describe('Policies#look() notices', () => {
  it.each<[string, () => void]>([
    ['a file that is written in place', () => write('second')],
    [
      'a file that is renamed into place, as editors do',
      () => {
        writeFileSync(at('.a.yaml.swp'), document('second'));
        renameSync(at('.a.yaml.swp'), at('a.yaml'));
      },
    ],
    [
      'a file that is renamed away and written anew, as editors with backups do',
      () => {
        renameSync(at('a.yaml'), at('a.yaml~'));
        write('second');
      },
    ],
    [
      'a file that is as long and as old as the one before',
      () => {
        const old = new Date('2020-01-01');
        utimesSync(at('a.yaml'), old, old);
        write('secnd');
        utimesSync(at('a.yaml'), old, old);
      },
    ],
    [
      'a link in place of the file',
      () => {
        mkdirSync(at('elsewhere'));
        writeFileSync(at('elsewhere', 'b'), document('second'));
        swapLink('elsewhere/b', at('a.yaml'));
      },
    ],
    [
      'a hard link in place of the file',
      () => {
        writeFileSync(at('b'), document('second'));
        rmSync(at('a.yaml'));
        linkSync(at('b'), at('a.yaml'));
      },
    ],
  ])('%s', async (_, save) => {
    const policies = await start();
    save();
    await looks(policies, 2);
    expect(told).toEqual([]);
    await looks(policies, 1);
    expect(told).toEqual([expect.stringMatching(/^secn?o?nd$/)]);
    expect(names(policies)).toEqual(told);
  });

  it('one more file', async () => {
    const policies = await start();
    writeFileSync(at('b.yaml'), document('second'));
    await looks(policies, 3);
    expect(names(policies)).toEqual(['first', 'second']);
  });

  it('a file that is named as none is, and its right name', async () => {
    const policies = await start();
    writeFileSync(at('b.yml'), document('second'));
    await looks(policies, 3);
    renameSync(at('b.yml'), at('b.yaml'));
    await looks(policies, 3);
    expect(told).toEqual(['file-name', 'first,second']);
  });

  // Versions of a folder beside each other, and a link to the one that counts.
  describe('where links lead to', () => {
    beforeEach(() => {
      for (const version of ['v1', 'v2']) {
        mkdirSync(at(version, 'policies'), { recursive: true });
        writeFileSync(at(version, 'policies', 'a.yaml'), document(version));
      }
      symlinkSync('v1', at('current'));
    });

    it.each<[string, () => string]>([
      [
        'a folder',
        () => {
          symlinkSync('v1/policies', at('link'));
          return at('link');
        },
      ],
      ['a parent of a folder', () => at('current', 'policies')],
      ['a parent of a file', () => at('current', 'policies', 'a.yaml')],
    ])('%s', async (_, make) => {
      const policies = await open(make());
      swapLink('v2', at('current'));
      swapLink('v2/policies', at('link'));
      await looks(policies, 3);
      expect(told).toEqual(['v2']);
    });

    it('a file that is written behind a link', async () => {
      const policies = await open(at('current', 'policies'));
      writeFileSync(at('v1', 'policies', 'a.yaml'), document('edited'));
      await looks(policies, 3);
      expect(told).toEqual(['edited']);
    });

    it('the files of a ConfigMap, which are links through the link `..data`', async () => {
      const map = at('map');
      mkdirSync(map);
      symlinkSync('../v1/policies', join(map, '..data'));
      symlinkSync('..data/a.yaml', join(map, 'a.yaml'));
      const policies = await open(map);
      swapLink('../v2/policies', join(map, '..data'));
      rmSync(at('v1'), { recursive: true });
      await looks(policies, 3);
      expect(told).toEqual(['v2']);
    });

    it('a folder that is replaced', async () => {
      const policies = await open(at('v1'.concat('/policies')));
      renameSync(at('v1'), at('old'));
      renameSync(at('v2'), at('v1'));
      await looks(policies, 3);
      expect(told).toEqual(['v2']);
    });
  });

  it('ten quick saves as one, once they are over', async () => {
    const policies = await start();
    const { reloads } = policies.current;
    for (let save = 1; save <= 10; save += 1) {
      write(`save-${save}`);
      await looks(policies, 1);
    }
    expect(told).toEqual([]);
    await looks(policies, 5);
    expect(told).toEqual(['save-10']);
    expect(policies.current.reloads.replaced).toBe(reloads.replaced + 1);
  });

  it('nothing where only the time has changed, or another file', async () => {
    const policies = await start();
    const { set } = policies.current;
    utimesSync(at('a.yaml'), new Date(), new Date());
    writeFileSync(at('README.md'), 'read me');
    writeFileSync(at('a.test.yaml'), 'kind: PolicyTest');
    await looks(policies, 12);
    expect(told).toEqual([]);
    expect(policies.current.set).toBe(set);
  });

  it('by itself, again and again', async () => {
    const policies = await start();
    policies.watch(5);
    write('second');
    await expect.poll(() => told).toEqual(['second']);
    const looked = policies.current.looked?.getTime() ?? Number.POSITIVE_INFINITY;
    await expect.poll(() => policies.current.looked?.getTime()).toBeGreaterThan(looked);
  });
});

describe('Policies#look() with what is broken', () => {
  it('keeps the last good set, says so once, and takes the next whole one', async () => {
    const policies = await start();
    write('second', '{ profil: baseline }');
    await looks(policies, 25);
    expect(told).toEqual(['file-unknown-key']);
    expect(names(policies)).toEqual(['first']);
    write('third');
    await looks(policies, 3);
    expect(told).toEqual(['file-unknown-key', 'third']);
    expect(policies.current.problems).toEqual([]);
  });

  it('tells when what is in force is on the disk again', async () => {
    const policies = await start();
    const { set, since } = policies.current;
    const text = readFileSync(at('a.yaml'));
    write('second', '{ profil: baseline }');
    await looks(policies, 3);
    writeFileSync(at('a.yaml'), text);
    await looks(policies, 3);
    expect(told).toEqual(['file-unknown-key', 'unchanged']);
    expect(policies.current).toMatchObject({ since, problems: [], brokenSince: undefined });
    expect(policies.current.set).toBe(set);
  });

  it.each<[string, () => void, () => void]>([
    [
      'a folder that vanishes',
      () => renameSync(folder, `${folder}.away`),
      () => renameSync(`${folder}.away`, folder),
    ],
    ['its only file', () => renameSync(at('a.yaml'), at('away')), () => renameSync(at('away'), at('a.yaml'))],
  ])('takes %s back when it returns', async (_, away, back) => {
    const policies = await start();
    away();
    try {
      await looks(policies, 3);
      expect(told).toEqual([expect.stringMatching(/^(file-unreadable|policy-none)$/)]);
      expect(names(policies)).toEqual(['first']);
    } finally {
      back();
    }
    await looks(policies, 3);
    expect(told.slice(1)).toEqual(['unchanged']);
    expect(policies.current.problems).toEqual([]);
  });

  // A disk that fails and is back leaves the file as it was.
  it('reads it again though it has not changed', async () => {
    const policies = await start();
    mkdirSync(at('b.yaml'));
    await looks(policies, 3);
    expect(told).toEqual(['file-unreadable']);
    const { read } = policies.current;
    await expect.poll(() => Date.now()).toBeGreaterThan(read.getTime());
    await looks(policies, 10);
    expect(policies.current.read.getTime()).toBeGreaterThan(read.getTime());
    expect(told).toEqual(['file-unreadable']);
  });

  it('says so where it never holds still, and takes it once it does', async () => {
    const policies = await start();
    for (let save = 0; save < 35; save += 1) {
      write(`save-${save}`);
      await looks(policies, 1);
    }
    expect(told).toEqual(['policies-restless']);
    expect(names(policies)).toEqual(['first']);
    await looks(policies, 3);
    expect(told).toEqual(['policies-restless', 'save-34']);
  });
});

// Found by 200 reloads on a busy machine.
it('Policies#look() has nothing against files that change all the time where somebody has each of them read', async () => {
  const policies = await start();
  for (let save = 0; save < 35; save += 1) {
    write(`save-${save}`);
    await policies.reload();
    await looks(policies, 1);
  }
  expect(policies.current.problems).toEqual([]);
  expect(told).not.toContain('policies-restless');
});

// A set without what is missing is looser, so what may be half of something waits for the other half.
describe('Policies#look() with what may be half written', () => {
  beforeEach(() => {
    writeFileSync(at('b.yaml'), `${document('b1')}---\n${document('b2')}`);
  });

  it.each<[string, () => void]>([
    ['ends within a line, though it is a set', () => truncateSync(at('b.yaml'), document('b1').length - 1)],
    ['is empty', () => truncateSync(at('b.yaml'))],
    ['is gone', () => rmSync(at('b.yaml'))],
  ])('waits for a file that %s', async (_, cut) => {
    const policies = await start();
    cut();
    await looks(policies, 9);
    writeFileSync(at('b.yaml'), `${document('b1')}---\n${document('b3')}`);
    await looks(policies, 2);
    expect(told).toEqual([]);
    await looks(policies, 1);
    expect(told).toEqual(['first,b1,b3']);
  });

  it.each<[string, () => void, string]>([
    [
      'ends within a line',
      () => truncateSync(at('b.yaml'), readFileSync(at('b.yaml')).length - 1),
      'first,b1,b2',
    ],
    ['is empty', () => truncateSync(at('b.yaml')), 'first'],
    ['is gone', () => rmSync(at('b.yaml')), 'first'],
  ])('takes a file that %s after ten looks', async (_, cut, taken) => {
    const policies = await start();
    cut();
    await looks(policies, 10);
    expect(told).toEqual([]);
    await looks(policies, 1);
    expect(told).toEqual([taken]);
  });

  it('does not wait where somebody asks', async () => {
    const policies = await start();
    rmSync(at('b.yaml'));
    await looks(policies, 3);
    await policies.reload();
    expect(told).toEqual(['first']);
    await looks(policies, 12);
    expect(told).toEqual(['first']);
  });

  it('reads it broken in the worst case, and then whole', async () => {
    const policies = await start();
    const text = readFileSync(at('b.yaml'));
    writeFileSync(at('b.yaml'), text.subarray(0, 70));
    await looks(policies, 3);
    appendFileSync(at('b.yaml'), text.subarray(70));
    await looks(policies, 3);
    expect(told).toEqual([expect.any(String), 'unchanged']);
    expect(names(policies)).toEqual(['first', 'b1', 'b2']);
  });
});
