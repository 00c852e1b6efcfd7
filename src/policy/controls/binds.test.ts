import { describe, expect, test } from 'vitest';
import type { Subject } from '../../model/subject.ts';
import { normalize } from '../../normalize/normalize.ts';
import type { Finding } from '../control.ts';
import { binds } from './binds.ts';
import { dockerSocket } from './dockerSocket.ts';
import { volumes } from './volumes.ts';

const alice: Subject = { name: 'alice', groups: ['web', '../etc'], method: 'tls' };

function context(subject = alice) {
  return {
    subject,
    protect: {
      paths: ['/srv/bulwark'],
      sockets: ['/data/api.sock'],
      container: undefined,
      plugin: 'bulwark',
    },
  };
}

function post(uri: string, content: unknown) {
  const body = new TextEncoder().encode(JSON.stringify(content));
  const headers = { 'Content-Type': 'application/json', 'Content-Length': `${body.length}` };
  return normalize({ method: 'POST', uri, headers, body });
}

function create(bind: string, image = 'alpine') {
  return post('/v1.44/containers/create', { Image: image, HostConfig: { Binds: [bind] } });
}

function judge(bind: string, parameters: object, subject = alice): readonly Finding[] {
  return binds.check(create(bind), binds.parameters.parse(parameters), context(subject));
}

describe('patterns with the name of the caller', () => {
  test.each([
    // Everybody has a folder of their own.
    ['/srv/alice:/x', { allowPaths: ['/srv/{subject}/**'] }, 0],
    ['/srv/alice/project:/x', { allowPaths: ['/srv/{subject}/**'] }, 0],
    ['/srv/bob:/x', { allowPaths: ['/srv/{subject}/**'] }, 1],
    ['/srv/alice/../bob:/x', { allowPaths: ['/srv/{subject}/**'] }, 1],
    ['/srv/alice2:/x', { allowPaths: ['/srv/{subject}/**'] }, 1],
    ['/srv/web/x:/x', { allowPaths: ['/srv/{group}/**'] }, 0],
    ['/srv/lab/x:/x', { allowPaths: ['/srv/{group}/**'] }, 1],
    // A list that opens a folder leaves the protected ones closed.
    ['/etc/nginx:/x:ro', { allowPaths: ['/etc/nginx:ro'] }, 1],
    ['/etc/localtime:/x:ro', { allowPaths: ['/srv/{subject}/**', '/etc/localtime:ro'] }, 0],
    ['/etc/localtime:/x', { allowPaths: ['/etc/localtime:ro'], allowProtected: true }, 1],
    // Both names of a well-known link are the same place.
    ['/run/app:/x', { allowPaths: ['/var/run/app'], allowProtected: true }, 0],
    ['/var/run/app:/x', { denyPaths: ['/run/app'], allowProtected: true }, 1],
    // Above, below and beside what is denied.
    ['/srv/alice:/x', { denyPaths: ['/srv/*/keys'] }, 1],
    ['/srv:/x', { denyPaths: ['/srv/*/keys'] }, 1],
    ['/srv/alice/keys/a:/x', { denyPaths: ['/srv/*/keys'] }, 1],
    ['/srv/alice/src:/x', { denyPaths: ['/srv/*/keys'] }, 0],
    ['/srv/alice:/x', { denyPaths: ['/srv/{subject}'] }, 1],
    ['/srv/bob:/x', { denyPaths: ['/srv/{subject}'] }, 0],
    // Bulwark's own stays out of reach under any policy; what is above it may be opened.
    ['/srv/bulwark:/x', { allowProtected: true }, 1],
    ['/srv/bulwark/ledger.db:/x:ro', { allowProtected: true, allowPaths: ['/**'] }, 1],
    ['/srv:/x', { allowProtected: true }, 0],
    ['/srv:/x', {}, 1],
    ['/:/x', { allowProtected: true }, 0],
  ])('%s under %j: %i findings', (bind, parameters, expected) => {
    expect(judge(bind, parameters)).toHaveLength(expected);
  });

  test.each(['..', '', 'a/b', '../etc'])('the name %j opens nothing', (name) => {
    const subject: Subject = { name, groups: [name], method: 'token' };
    for (const bind of ['/srv/x:/x', '/srv:/x', `/srv/${name}:/x`]) {
      expect(judge(bind, { allowPaths: ['/srv/{subject}/**', '/srv/{group}/**'] }, subject)).toHaveLength(1);
    }
  });
});

describe('a socket is the matter of dockerSocket alone, its parents are of both', () => {
  test.each([
    ['/run/docker.sock:/s', 1, 0],
    ['/data/api.sock:/s', 1, 0],
    ['/run/docker/plugins:/s', 1, 0],
    ['/run:/s', 1, 1],
    ['/:/s', 1, 1],
    ['/data:/s', 1, 1],
    ['/etc:/s', 0, 1],
  ])('%s: %i, %i', (bind, ofSocket, ofBinds) => {
    expect(dockerSocket.check(create(bind), { allow: false }, context())).toHaveLength(ofSocket);
    expect(judge(bind, {})).toHaveLength(ofBinds);
  });

  test('an allowed socket is no bind either', () => {
    expect(dockerSocket.check(create('/run/docker.sock:/s'), { allow: true }, context())).toEqual([]);
    expect(judge('/run/docker.sock:/s', { allowPaths: [] })).toEqual([]);
  });
});

describe('what the messages say', () => {
  test('the root of the host is called so', () => {
    expect(judge('/:/host', {})).toMatchObject([
      { message: '-v /:/host gives the container the root of the host.' },
    ]);
  });

  test("a client's text is made printable", () => {
    const [finding] = judge('/etc/\u001b[2J\u202e:/x', {});
    expect(finding?.message).toContain('\\u001b[2J\\u202e');
    expect(finding?.value).toContain('\\u001b');
  });

  test.each([
    ['testcontainers/ryuk:0.12.0', 'TESTCONTAINERS_RYUK_DISABLED=true'],
    ['traefik:v3', 'file provider'],
    ['portainer/portainer-ce', 'certificate'],
    ['portainer/agent', 'certificate'],
    ['containrrr/watchtower', 'timer'],
    ['alpine', 'TESTCONTAINERS_RYUK_DISABLED=true'],
  ])('%s is told its own way out: %s', (image, words) => {
    const request = create('/var/run/docker.sock:/var/run/docker.sock', image);
    const [finding] = dockerSocket.check(request, { allow: false }, context());
    expect(finding?.fix).toContain(words);
    expect(finding?.fix.length).toBeLessThan(250);
  });

  test("a network share's password is not shown", () => {
    const options = { type: 'cifs', device: '//nas/x', o: 'username=a,password=hunter2' };
    const mount = {
      Type: 'volume',
      Source: 'v',
      Target: '/x',
      VolumeOptions: { DriverConfig: { Options: options } },
    };
    const request = post('/v1.44/containers/create', { Image: 'alpine', HostConfig: { Mounts: [mount] } });
    const found = volumes.check(request, { types: [], names: [] }, context());
    expect(found).toHaveLength(2);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });
});

describe('paths that a volume names', () => {
  function volume(options: Record<string, string>, driver = 'local') {
    return post('/v1.44/volumes/create', { Name: 'v1', Driver: driver, DriverOpts: options });
  }
  test.each([
    [{ type: 'none', o: 'bind', device: '/srv/alice/x' }, 0],
    [{ type: 'none', o: 'bind', device: '/srv/bob' }, 1],
    // The kernel follows links before `..`, so nobody knows where that leads.
    [{ type: 'none', o: 'bind', device: '/srv/alice/link/../x' }, 1],
    [{ type: 'none', o: 'bind', device: 'srv/bob' }, 1],
    [{ type: 'overlay', device: 'overlay', o: 'lowerdir=/srv/alice/a:/srv/bob,upperdir=/srv/alice/u' }, 1],
    [{ type: 'overlay', device: 'overlay', o: 'lowerdir=/srv/alice/a\\,b' }, 1],
    [{ type: 'ext4', device: '/dev/sda1' }, 1],
    [{ type: 'nfs', device: ':/export', o: 'addr=10.0.0.5' }, 0],
    [{ type: 'tmpfs', device: 'tmpfs' }, 0],
  ])('%j: %i findings', (options, expected) => {
    const parameters = binds.parameters.parse({ allowPaths: ['/srv/{subject}/**'] });
    expect(binds.check(volume(options), parameters, context())).toHaveLength(expected);
  });

  test('a driver that takes a place on the host is held to it', () => {
    const request = volume({ mountpoint: '/etc' }, 'local-persist');
    expect(binds.check(request, binds.parameters.parse({}), context())).toHaveLength(1);
  });
});
