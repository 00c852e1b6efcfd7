import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cleanPath } from '../model/paths.ts';
import { type Found, follow, HostFiles } from './hostFiles.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulwark-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

const soon = () => performance.now() + 20_000;

/** A host: folders end in `/`, links are `[path, target]`, all else are files. */
function host(things: readonly (string | readonly [string, string | Buffer])[]): HostFiles {
  for (const thing of things) {
    const [path, target] = typeof thing === 'string' ? [thing] : thing;
    mkdirSync(join(folder, path.endsWith('/') ? path : dirname(path)), { recursive: true });
    if (target !== undefined) symlinkSync(target, join(folder, path));
    else if (!path.endsWith('/')) writeFileSync(join(folder, path), '');
  }
  return new HostFiles(folder);
}

async function leadOf(files: HostFiles, path: string): Promise<string | undefined> {
  return (await files.leads([path], soon())).get(path);
}

describe('HostFiles.leads()', () => {
  test.each<[string, string | undefined, string]>([
    ['/srv/plain/sub', undefined, 'no link'],
    ['/', undefined, 'the root'],
    ['/srv/absolute', '/etc', "an absolute target is the host's, wherever Bulwark sees that"],
    ['/srv/absolute/ssl/x', '/etc/ssl/x', 'a link in the middle'],
    ['/srv/up', '/etc', '`..` in a target'],
    ['/srv/too-far-up', '/etc', 'above the root is the root'],
    ['/srv/through', '/deep', '`..` goes up from the place reached, not from the text'],
    ['/srv/chain', '/etc', 'a link to a link'],
    ['/srv/messy', '/etc', 'slashes and dots'],
    ['/srv/root', '/', 'the root itself'],
    ['/srv/plain/new/newer', undefined, 'what does not exist stays as it is'],
    ['/srv/absolute/new/newer', '/etc/new/newer', 'what does not exist below a link'],
    ['/srv/dangling', '/etc/new', 'a link to what does not exist'],
    ['/srv/dangling/x', '/etc/new/x', 'and below it'],
    ['/etc/file/x/y', undefined, 'below a file is nothing'],
    ['/srv/to-file', '/etc/file', 'a link to a file'],
    ['/srv/line\nbreak', '/etc', 'a name with a line break'],
    ['/srv/absolute\0/x', undefined, 'nothing has such a name'],
  ])('%j leads to %j: %s', async (path, expected) => {
    const files = host([
      '/etc/file',
      '/etc/ssl/',
      '/deep/down/',
      '/srv/plain/sub/',
      ['/srv/absolute', '/etc'],
      ['/srv/up', '../etc'],
      ['/srv/too-far-up', '../../../etc'],
      ['/srv/down', '/deep/down'],
      ['/srv/through', 'down/..'],
      ['/srv/chain', 'up'],
      ['/srv/messy', './/.././etc/'],
      ['/srv/root', '/'],
      ['/srv/dangling', '/etc/new'],
      ['/srv/to-file', '../etc/file'],
      ['/srv/line\nbreak', '/etc'],
    ]);
    expect(await leadOf(files, path)).toBe(expected);
  });

  test('follows forty links and no more', async () => {
    const files = host([
      '/end/',
      ...Array.from({ length: 41 }, (_, at) => [`/l${at}`, at === 0 ? '/end' : `l${at - 1}`] as const),
      ['/loop', 'loop'],
    ]);
    expect(await leadOf(files, '/l39')).toBe('/end');
    for (const path of ['/l40', '/loop', '/loop/x']) {
      await expect(leadOf(files, path)).rejects.toMatchObject({
        code: 'host-files-unreadable',
        message: expect.stringContaining('more than 40 links'),
      });
    }
  });

  test('refuses a target that is no text, which would be looked for under another name', async () => {
    const files = host([['/srv/link', Buffer.from([0x2f, 0xff])], '/\u{fffd}/']);
    await expect(leadOf(files, '/srv/link')).rejects.toMatchObject({ code: 'host-files-unreadable' });
  });

  test('takes what is too long for the kernel for what does not exist', async () => {
    const files = host([['/srv/link', '/etc']]);
    const longName = 'n'.repeat(256);
    expect(await leadOf(files, `/srv/link/${longName}/x`)).toBe(`/etc/${longName}/x`);
    expect(await leadOf(files, `/srv/link${'/x'.repeat(2100)}`)).toBeUndefined();
  });

  test('refuses a place that is deeper than one look reaches, though the kernel may walk there', async () => {
    const half = Array.from({ length: 9 }, () => 'n'.repeat(250)).join('/');
    const files = host([['/short', half], `/${half}/`]);
    // Step by step, so that no path on the way is too long.
    const deeper = ['sh', '-c', 'cd -P "$1" && mkdir -p "$2" && cd -P "$2" && ln -s /etc link', '-'];
    execFileSync('env', [...deeper, join(folder, half), half]);
    await expect(leadOf(files, `/short/${half}/link`)).rejects.toMatchObject({
      code: 'host-files-unreadable',
      message: expect.stringContaining('it is too deep'),
    });
    execFileSync('rm', ['-rf', folder]);
    mkdirSync(folder);
  });

  test('never takes the text of a link in procfs for a path: it is the place of a process', async () => {
    const here = new HostFiles();
    symlinkSync(`/proc/${process.pid}/root/etc`, join(folder, 'link'));
    expect(await leadOf(here, join(folder, 'link'))).toBe(`/proc/${process.pid}/root/etc`);
    // Also where procfs is mounted in another place.
    expect(await leadOf(new HostFiles('/proc'), '/self/root/etc')).toBe('/proc/self/root/etc');
  });

  test('goes by the usual names of what this host keeps elsewhere', async () => {
    const ostree = host(['/var/opt/app/', '/run/media/', ['/opt', 'var/opt'], ['/media', 'run/media']]);
    expect(await leadOf(ostree, '/opt/app')).toBeUndefined();
    expect(await leadOf(ostree, '/media/usb')).toBeUndefined();
    rmSync(join(folder, 'opt'));
    host(['/opt/', ['/srv/link', '/var/opt/app']]);
    // The data of a service, as on a Debian.
    expect(await leadOf(ostree, '/srv/link')).toBe('/var/opt/app');
  });

  test('gives many paths at once, and those that lead elsewhere alone', async () => {
    const files = host([['/srv/a', '/etc'], '/srv/b/', ['/srv/c', 'b']]);
    expect(await files.leads(['/srv/a', '/srv/b', '/srv/c', '/'], soon())).toEqual(
      new Map([
        ['/srv/a', '/etc'],
        ['/srv/c', '/srv/b'],
      ]),
    );
  });

  test('refuses when the time is over, and has not begun then', async () => {
    const files = host(['/srv/a/']);
    const late = { code: 'host-files-slow' };
    await expect(files.leads(['/srv/a'], performance.now() - 1)).rejects.toMatchObject(late);
    await expect(files.leads(['/srv/a'], performance.now())).rejects.toMatchObject(late);
    expect(await leadOf(files, '/srv/a')).toBeUndefined();
  });

  test('refuses in time where a file system does not answer, and what waits behind it too', async () => {
    let looks = 0;
    const dead = new HostFiles('/', () => {
      looks += 1;
      return new Promise<Found>(() => {});
    });
    const answers = Array.from({ length: 5 }, () => dead.leads(['/srv'], performance.now() + 20));
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'host-files-slow' });
    // Each keeps a thread of the process, of which there are four.
    expect(looks).toBe(2);
  });

  test('answers many that ask at once', async () => {
    const files = host([['/srv/a', '/etc']]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => leadOf(files, '/srv/a')));
    expect(new Set(answers)).toEqual(new Set(['/etc']));
  });

  test('refuses a folder that it may not search', () => {
    host(['/closed/inside/']);
    chmodSync(join(folder, 'closed'), 0);
    const script = `
      import { HostFiles } from ${JSON.stringify(join(import.meta.dirname, 'hostFiles.ts'))};
      const files = new HostFiles(${JSON.stringify(folder)});
      await files.leads(['/closed/inside'], performance.now() + 20_000).catch(({ code }) => console.log(code));`;
    const node = [process.execPath, '--input-type=module', '--eval', script];
    // Root may search every folder, but for one who has given that up.
    const asUser = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--', ...node];
    const [program = '', ...args] = process.getuid?.() === 0 ? asUser : node;
    expect(execFileSync(program, args, { encoding: 'utf8' })).toBe('host-files-unreadable\n');
    chmodSync(join(folder, 'closed'), 0o700);
  });

  test('agrees with realpath(3) on any tree of links, also about what mkdir makes of the rest', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
    const up = fc.array(fc.oneof({ weight: 3, arbitrary: name }, fc.constantFrom('..', '.', '')), {
      minLength: 1,
      maxLength: 5,
    });
    const target = fc.oneof(
      // No more than to the temporary folder itself.
      fc.tuple(fc.constant('relative' as const), up),
      fc.tuple(fc.constant('absolute' as const), up),
    );
    const thing = fc.oneof(
      fc.record({ kind: fc.constant('folder' as const), path }),
      fc.record({ kind: fc.constant('link' as const), path, target }),
    );
    let existing = 0;
    let made = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(thing, { maxLength: 12 }),
        fc.array(path, { maxLength: 6 }),
        async (things, paths) => {
          const tree = mkdtempSync(join(folder, 't-'));
          for (const one of things) {
            const at = join(tree, one.path);
            try {
              if (one.kind === 'folder') mkdirSync(at, { recursive: true });
              else {
                mkdirSync(dirname(at), { recursive: true });
                const [kind, parts] = one.target;
                symlinkSync(kind === 'absolute' ? `${tree}/${parts.join('/')}` : parts.join('/') || '.', at);
              }
            } catch {
              // Something else is there already, or leads out of the tree.
            }
          }
          for (const one of paths) {
            const asked = join(tree, one);
            const found = await new HostFiles().leads([asked], soon()).then(
              (leads) => leads.get(asked) ?? asked,
              () => 'refused',
            );
            if (real(asked) !== undefined) {
              existing += 1;
              expect(found).toBe(real(asked));
              continue;
            }
            if (!inTree(found, folder)) continue;
            try {
              mkdirSync(asked, { recursive: true });
            } catch {
              continue; // nor can the daemon
            }
            made += 1;
            expect(found).toBe(real(asked));
          }
          rmSync(tree, { recursive: true });
        },
      ),
      { numRuns: 300 },
    );
    expect(existing).toBeGreaterThan(100);
    expect(made).toBeGreaterThan(100);
  });
});

function real(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function inTree(path: string, tree: string): boolean {
  return path.startsWith(`${tree}/`);
}

describe('follow()', () => {
  const target = fc
    .array(fc.constantFrom('a', 'b', '..', '.', ''), { maxLength: 6 })
    .map((parts) => parts.join('/'));
  const found = fc.oneof(
    fc.constantFrom<Found>('place', 'nothing'),
    target.map((text): Found => ({ target: text })),
    target.map((text): Found => ({ target: `/${text}` })),
  );

  test('comes to an end on any host, at a clean path, or refuses', async () => {
    const asked = fc.array(fc.constantFrom('a', 'b'), { maxLength: 6 }).map((parts) => `/${parts.join('/')}`);
    await fc.assert(
      fc.asyncProperty(asked, fc.func(found), async (path, look) => {
        const place = await follow(path, async (at) => look(at)).catch((error) => String(error.code));
        if (place !== 'host-files-unreadable') expect(place).toBe(cleanPath(place));
      }),
    );
  });
});
