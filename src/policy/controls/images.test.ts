import { describe, expect, test } from 'vitest';
import type { FoundImage } from '../../model/objects.ts';
import type { AdmissionRequest } from '../../model/request.ts';
import { anonymous } from '../../model/subject.ts';
import { parseImage } from '../../normalize/image.ts';
import { images } from './images.ts';

const context = {
  subject: anonymous,
  protect: { paths: [], sockets: [], container: undefined, plugin: 'bulwark' },
};

function found(tags: readonly string[], digests: readonly string[]): FoundImage {
  const byDigest = digests.map((name) => parseImage(`${name}@sha256:${'a'.repeat(64)}`));
  return { names: [...tags.map(parseImage), ...byDigest], digests: byDigest };
}

/** The parts that a run of `ref` breaks where the daemon has that under its name. */
function broken(ref: string, image: FoundImage | 'absent', given: object): string[] {
  const request: AdmissionRequest = {
    action: 'container.create',
    operation: 'CREATE',
    resource: { kind: 'container' },
    minor: 44,
    query: new Map(),
    object: { images: [{ role: 'run', ref: parseImage(ref), found: image }] },
    unknown: [],
  };
  return images.check(request, images.parameters.parse(given), context).map(({ part = '' }) => part);
}

const ours = { allowRegistries: ['registry.example.com'] };
const app = 'registry.example.com/team/app:1';
const repository = 'registry.example.com/team/app';

/** What stands behind a name counts, and not what somebody wrote on it. */
describe('an image under a list of those allowed', () => {
  test.each([
    ['comes from its registry', found([app], [repository]), []],
    ['has other names beside', found([app, 'mine:1'], [repository, 'alpine']), []],
    ['comes from another allowed repository', found([app], ['registry.example.com/base']), []],
    ['is not here yet, so that the client pulls it', 'absent', []],
    ['was built, committed, imported or loaded here', found([app], []), ['local']],
    ['is another one with its name', found([app, 'alpine:3.20'], ['alpine']), ['local']],
    [
      'has a registry whose name only begins so',
      found([app], ['registry.example.com.evil.org/team/app']),
      ['local'],
    ],
  ] as const)('that %s', (_, image, parts) => {
    expect(broken(app, image, ours)).toEqual(parts);
    expect(broken(app, image, { allow: ['registry.example.com/**'] })).toEqual(parts);
  });

  test('may have been made here where that is said, but not be another one with its name', () => {
    expect(broken(app, found([app], []), { ...ours, allowLocal: true })).toEqual([]);
    expect(broken(app, found([app], ['alpine']), { ...ours, allowLocal: true })).toEqual(['local']);
  });

  test('passes by a digest of its own repository, whatever tags the list speaks of', () => {
    expect(broken(app, found([app], [repository]), { allow: [app] })).toEqual([]);
    // Of another one nobody knows the tag.
    const other = found([app], ['registry.example.com/other']);
    expect(broken(app, other, { allow: [app, 'registry.example.com/other:2'] })).toEqual(['local']);
  });
});

describe('an image that is denied', () => {
  const deny = { deny: ['evil/**', 'alpine:3.1*'] };

  test.each([
    ['by another of its names', found(['mine:1', 'evil/tool:2'], []), ['']],
    ['by the repository from which it came', found(['mine:1'], ['evil/tool']), ['']],
    ['by a tag that it has too', found(['mine:1', 'alpine:3.10'], []), ['']],
    ['by none of its names', found(['mine:1', 'alpine:3.20'], ['alpine']), []],
  ] as const)('%s', (_, image, parts) => {
    expect(broken('mine:1', image, deny)).toEqual(parts);
  });
});

test('an image is not looked at where only versions matter', () => {
  expect(images.needs?.(images.parameters.parse({ denyTags: ['latest'] }))).toEqual([]);
  expect(images.needs?.(images.parameters.parse(ours))).toEqual(['image']);
});

test('patterns stand for the caller', () => {
  const alice = { name: 'alice', groups: ['web'], method: 'tls' } as const;
  const use = (given: string) => ({
    ...{ action: 'image.pull', operation: 'CREATE' as const, resource: { kind: 'image' } },
    ...{ minor: 44, query: new Map(), unknown: [] },
    object: { images: [{ role: 'pull' as const, ref: parseImage(given) }] },
  });
  const parameters = images.parameters.parse({
    allow: ['r.example.com/{subject}/**', 'r.example.com/{group}/app'],
  });
  const parts = (given: string) => images.check(use(given), parameters, { ...context, subject: alice });
  expect(parts('r.example.com/alice/x')).toEqual([]);
  expect(parts('r.example.com/web/app')).toEqual([]);
  expect(parts('r.example.com/bob/x')).toMatchObject([
    { fix: expect.stringContaining('r.example.com/alice/**') },
  ]);
});
