import { describe, expect, it } from 'vitest';
import type { Container, Mount } from '../model/container.ts';
import type { AdmissionRequest, RequestObject } from '../model/request.ts';
import { silent } from '../normalize/container.ts';
import type { Context, Finding } from './control.ts';
import { binds } from './controls/binds.ts';
import { dockerSocket } from './controls/dockerSocket.ts';
import { hostPathsOf, judgeMounts } from './hostMounts.ts';

const plain: Container = { ...silent, origin: 'create' };
const nothing: ReadonlyMap<string, string> = new Map();

function bind(source: string, readOnly = false): Mount {
  const flag = `-v ${source}:/x${readOnly ? ':ro' : ''}`;
  return { type: 'bind', source, target: '/x', readOnly, writableBelow: false, options: [], flag };
}

function volume(options: Readonly<Record<string, string>>) {
  return { options: new Map(Object.entries(options)), labels: nothing, flag: 'docker volume create v' };
}

/** An object with these binds, of which some lead elsewhere. */
function binding(mounts: readonly Mount[], leads: Readonly<Record<string, string>> = {}) {
  return {
    container: { ...plain, mounts },
    ...(Object.keys(leads).length > 0 && { leads: new Map(Object.entries(leads)) }),
  };
}

describe('hostPathsOf()', () => {
  it('gives each host path of binds and volumes once, clean', () => {
    const object = {
      ...binding([bind('/srv/a'), bind('/srv/a', true), bind('/srv/b'), { ...bind('data'), type: 'volume' }]),
      volumes: [
        volume({ type: 'none', o: 'bind', device: '//srv/./c/' }),
        volume({ type: 'none', o: 'bind', device: '/srv/link/../d' }),
        volume({ type: 'overlay', o: 'lowerdir=/srv/l1:/srv/l2,upperdir=/srv/u,workdir=/srv/w' }),
        volume({ type: 'nfs', device: ':/export' }),
      ],
    };
    expect(hostPathsOf(object)).toEqual([
      '/srv/a',
      '/srv/b',
      '/srv/c',
      '/',
      '/srv/l1',
      '/srv/l2',
      '/srv/u',
      '/srv/w',
    ]);
  });

  it('gives none where there are none', () => {
    expect(hostPathsOf({})).toEqual([]);
    expect(hostPathsOf({ container: plain })).toEqual([]);
  });
});

describe('judgeMounts()', () => {
  const object = binding([bind('/srv/link'), bind('/srv/plain')], { '/srv/link': '/etc' });
  const says = (finding: (path: string) => Finding | undefined) =>
    judgeMounts(object, ({ path }) => finding(path)).map(({ message }) => message);

  it('asks of each path as written and as what it leads to', () => {
    const asked: unknown[] = [];
    judgeMounts(object, ({ path, writtenAs }) => {
      asked.push([path, writtenAs]);
      return undefined;
    });
    expect(asked).toEqual([
      ['/srv/link', undefined],
      ['/etc', '/srv/link'],
      ['/srv/plain', undefined],
    ]);
  });

  it('says of what a link leads to that it does', () => {
    expect(says((path) => (path === '/etc' ? { message: 'It is forbidden.', fix: '' } : undefined))).toEqual([
      'It is forbidden: `/srv/link` leads to `/etc` on this host.',
    ]);
  });

  it('says once what holds for both', () => {
    expect(says(() => ({ message: 'It is forbidden.', fix: '' }))).toEqual([
      'It is forbidden.',
      'It is forbidden.',
    ]);
  });

  it('says both where they break different parts', () => {
    const found = says((path) => ({ ...(path === '/etc' && { part: 'x' }), message: `${path}.`, fix: '' }));
    expect(found).toEqual(['/srv/link.', '/etc: `/srv/link` leads to `/etc` on this host.', '/srv/plain.']);
  });
});

describe('a link', () => {
  const context: Context = {
    subject: { name: 'alice', groups: [], method: 'tls' },
    protect: { paths: ['/var/lib/bulwark'], sockets: [], container: undefined, plugin: 'bulwark' },
  };

  function request(object: RequestObject): AdmissionRequest {
    const resource = { kind: 'container' };
    return {
      action: 'container.create',
      operation: 'CREATE',
      resource,
      minor: 41,
      query: new Map(),
      unknown: [],
      object,
    };
  }

  function bindsSays(given: Readonly<Record<string, unknown>>, object: RequestObject): readonly Finding[] {
    return binds.check(request(object), binds.parameters.parse(given), context);
  }

  it.each<[string, string, Readonly<Record<string, unknown>>, boolean]>([
    ['/srv/link', '/etc', {}, true],
    ['/srv/link', '/', {}, true],
    ['/srv/link', '/srv/other', {}, false],
    ['/srv/link', '/var/lib/bulwark/x', { allowProtected: true }, true],
    ['/srv/link', '/etc', { allowProtected: true }, false],
    // A path matches the list as it is written and as what it leads to.
    ['/home/alice/link', '/home/alice/app', { allowPaths: ['/home/{subject}/**'] }, false],
    ['/home/alice/link', '/home/bob/app', { allowPaths: ['/home/{subject}/**'] }, true],
    ['/srv/app', '/data/app', { allowPaths: ['/srv/**'] }, true],
    ['/srv/app', '/data/app', { allowPaths: ['/srv/**', '/data/**'] }, false],
    ['/data/app', '/srv/app', { allowPaths: ['/srv/**'] }, true],
    ['/srv/link', '/data/secret/x', { denyPaths: ['/data/secret'] }, true],
    ['/data/secret/link', '/srv/x', { denyPaths: ['/data/secret'] }, true],
    // ostree
    ['/home/alice/app', '/var/home/alice/app', { allowPaths: ['/home/{subject}/**'] }, false],
    ['/home/alice/app', '/var/home/bob/app', { allowPaths: ['/home/{subject}/**'] }, true],
  ])('from %s to %s under %j: denied %s', (path, place, given, denied) => {
    const found = bindsSays(given, binding([bind(path)], { [path]: place }));
    expect(found.length).toBe(denied ? 1 : 0);
  });

  it.each<[string, string, readonly string[], boolean]>([
    // Whoever lists the host's time zone need not know where the system keeps it.
    ['/etc/localtime', '/usr/share/zoneinfo/Europe/Berlin', ['/etc/localtime:ro'], false],
    ['/etc/localtime', '/etc/shadow', ['/etc/localtime:ro'], true],
    ['/srv/link', '/usr/share/zoneinfo/Europe/Berlin', ['/srv/**'], true],
    ['/srv/link', '/var/log', ['/srv/**'], true],
  ])('read-only from %s to %s with allowPaths %j: denied %s', (path, place, allowPaths, denied) => {
    const found = bindsSays({ allowPaths }, binding([bind(path, true)], { [path]: place }));
    expect(found.length).toBe(denied ? 1 : 0);
  });

  it('is named in what is said, with its place', () => {
    expect(bindsSays({}, binding([bind('/srv/link/ssl')], { '/srv/link/ssl': '/etc/ssl' }))).toEqual([
      {
        message:
          "-v /srv/link/ssl:/x gives the container a part of /etc, the host's configuration and password hashes: `/srv/link/ssl` leads to `/etc/ssl` on this host.",
        fix: expect.stringMatching(/^bind a folder of your own/),
        value: '/etc/ssl',
      },
    ]);
  });

  it('to a socket of a daemon is a matter of dockerSocket alone', () => {
    const object = binding([bind('/srv/s')], { '/srv/s': '/run/docker.sock' });
    expect(bindsSays({}, object)).toEqual([]);
    expect(
      dockerSocket.check(request(object), { allow: false }, context).map(({ message }) => message),
    ).toEqual([
      expect.stringMatching(
        /^-v \/srv\/s:\/x gives the container the socket of the Docker daemon.*: `\/srv\/s` leads to `\/run\/docker.sock` on this host\.$/,
      ),
    ]);
  });

  it('breaks once what its mount breaks anyway', () => {
    const object = binding([bind('/srv/link')], { '/srv/link': '/srv/other' });
    expect(bindsSays({ readOnly: true }, object).map(({ part }) => part)).toEqual(['readOnly']);
    expect(bindsSays({ allowPaths: [] }, object).length).toBe(1);
  });
});
