import { describe, expect, it } from 'vitest';
import { normalize } from './normalize.ts';

function object(method: string, path: string, body?: object) {
  return normalize({
    method,
    uri: `/v1.41${path}`,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    ...(body && { body: new TextEncoder().encode(JSON.stringify(body)) }),
  });
}

/** The images of a request in short: role, reference, `*` for all tags, where it comes from. */
function images(method: string, path: string): string[] {
  return (object(method, path).object.images ?? []).map(({ role, ref, allTags, from }) => {
    const tag = ref?.tag === undefined ? '' : `:${ref.tag}`;
    const name = ref && `${ref.registry}/${ref.repository}${tag}${ref.digest ? `@${ref.digest}` : ''}`;
    return [role, name, allTags && '*', from].filter(Boolean).join(' ');
  });
}

describe('images/create', () => {
  it('refuses a form body behind a second Content-Type, where no tar is read', () => {
    const headers = { 'Content-Type': 'application/x-tar', 'Content-Length': '30' };
    const message = (query: string) => ({ method: 'POST', uri: `/v1.41/images/create?${query}`, headers });
    for (const query of ['fromImage=alpine', 'fromSrc=https://x/y.tar', 'repo=x'])
      expect(() => normalize(message(query)), query).toThrow(
        expect.objectContaining({ code: 'body-unexpected' }),
      );
    expect(normalize(message('fromSrc=-&repo=x')).action).toBe('image.import');
  });
});

describe('images by the part that they play', () => {
  it.each<[string, string, string[]]>([
    ['POST', '/images/create?fromImage=alpine&tag=3', ['pull docker.io/library/alpine:3']],
    // `tag` wins over the tag of the name, and may be a digest.
    ['POST', '/images/create?fromImage=alpine:2&tag=3', ['pull docker.io/library/alpine:3']],
    ['POST', '/images/create?fromImage=alpine:2&tag=sha256:ab', ['pull docker.io/library/alpine@sha256:ab']],
    [
      'POST',
      '/images/create?fromImage=alpine@sha256:ab&tag=3',
      ['pull docker.io/library/alpine:3@sha256:ab'],
    ],
    // Without either all tags come; the daemon cuts a colon off the end.
    ['POST', '/images/create?fromImage=reg.io:5000/a/b', ['pull reg.io:5000/a/b *']],
    ['POST', '/images/create?fromImage=alpine:', ['pull docker.io/library/alpine *']],
    ['POST', '/images/create?fromImage=alpine:3', ['pull docker.io/library/alpine:3']],
    // An empty `fromImage` is an import.
    ['POST', '/images/create?fromImage=&fromSrc=-&repo=app:1', ['import docker.io/library/app:1']],
    [
      'POST',
      '/images/create?fromSrc=http://x/y.tar&repo=app&tag=2',
      ['import docker.io/library/app:2 http://x/y.tar'],
    ],
    ['POST', '/images/create?fromSrc=-', ['import']],
    ['POST', '/images/load?quiet=1', ['load']],
    ['POST', '/images/x/tag?repo=reg.io/app&tag=1', ['tag reg.io/app:1']],
    ['POST', '/images/x/tag?repo=app:9&tag=1', ['tag docker.io/library/app:1']],
    ['POST', '/commit?container=c&repo=app', ['commit docker.io/library/app:latest']],
    ['POST', '/commit?container=c', ['commit']],
    ['POST', '/images/reg.io/app/push?tag=1', ['push reg.io/app:1']],
    ['POST', '/images/reg.io/app/push', ['push reg.io/app *']],
    ['GET', '/images/app/get', ['save docker.io/library/app:latest']],
    [
      'GET',
      '/images/get?names=a&names=b:1',
      ['save docker.io/library/a:latest', 'save docker.io/library/b:1'],
    ],
    ['POST', '/build?t=a&t=b:1', ['build docker.io/library/a:latest', 'build docker.io/library/b:1']],
    ['POST', '/build', ['build']],
    [
      'POST',
      `/build?version=2&outputs=${encodeURIComponent('[{"Type":"image","Attrs":{"name":"reg.io/a,reg.io/b","push":""}}]')}`,
      ['build reg.io/a:latest', 'build reg.io/b:latest', 'push reg.io/a:latest', 'push reg.io/b:latest'],
    ],
  ])('%s %s', (method, path, expected) => {
    expect(images(method, path)).toEqual(expected);
  });
});

describe('the configuration that an image gets', () => {
  it('is that of the body, changed by the lines', () => {
    const { resource, object: made } = object(
      'POST',
      '/commit?container=c1&changes=USER%200&changes=ENV%20B=2',
      {
        User: '1000',
        Env: ['A=secret'],
        Labels: { a: '1' },
        Volumes: { '/data': {} },
        HostConfig: { Privileged: true },
      },
    );
    expect(resource).toEqual({ kind: 'container', ref: 'c1' });
    expect(made.container).toMatchObject({
      origin: 'image',
      privileged: false,
      user: { root: 'yes' },
      env: ['A', 'B'],
      labels: new Map([['a', '1']]),
      mounts: [{ type: 'volume', target: '/data' }],
    });
  });

  it('is judged for imports too', () => {
    const { object: made } = object('POST', '/images/create?fromSrc=-&changes=USER%20app');
    expect(made.container?.user).toMatchObject({ name: 'app', root: 'unknown' });
  });
});
