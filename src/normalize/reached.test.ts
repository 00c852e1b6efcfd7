import { expect, test } from 'vitest';
import { normalize } from './normalize.ts';
import { type Reached, reachedBy } from './reached.ts';

/** What a request reaches; `body` makes it a JSON request. */
function reached(method: string, uri: string, body?: object): Reached | undefined {
  const bytes = body && Buffer.from(JSON.stringify(body));
  const headers = body ? { 'Content-Type': 'application/json' } : {};
  return reachedBy(normalize({ method, uri: `/v1.41${uri}`, headers, ...(bytes && { body: bytes }) }));
}

// What acts inside a container, takes from it or sets it going.
test.each([
  ['POST', '/containers/web/start'],
  ['POST', '/containers/web/restart?t=1'],
  ['POST', '/containers/web/attach?stream=1'],
  ['GET', '/containers/web/attach/ws?stream=1'],
  ['GET', '/containers/web/archive?path=/h'],
  ['HEAD', '/containers/web/archive?path=/h'],
  ['PUT', '/containers/web/archive?path=/h'],
  ['GET', '/containers/web/export'],
  ['POST', '/commit?container=web&repo=x'],
  ['POST', '/containers/web/exec', { Cmd: ['true'] }],
  ['POST', '/networks/app/connect', { Container: 'web' }],
  ['POST', '/containers/create', { Image: 'a', HostConfig: { NetworkMode: 'container:web' } }],
  ['POST', '/containers/create', { Image: 'a', HostConfig: { PidMode: 'container:web' } }],
  ['POST', '/containers/create', { Image: 'a', HostConfig: { IpcMode: 'container:web' } }],
  ['POST', '/containers/create', { Image: 'a', HostConfig: { Cgroup: 'container:web' } }],
  ['POST', '/containers/create', { Image: 'a', HostConfig: { VolumesFrom: ['web:ro', 'web'] } }],
] as const)('%s %s %j reaches web', (method, uri, body?: object) => {
  expect(reached(method, uri, body)).toEqual({ containers: ['web'] });
});

test.each([
  ['/containers/create', { Image: 'a', HostConfig: { Links: ['web:db', 'web'] } }, []],
  [
    '/containers/create',
    { Image: 'a', NetworkingConfig: { EndpointsConfig: { app: { Links: ['web:db'] } } } },
    [],
  ],
  ['/networks/app/connect', { Container: 'own', EndpointConfig: { Links: ['web:db'] } }, ['own']],
] as const)('%s %j is linked to web', (uri, body, containers) => {
  expect(reached('POST', uri, body)).toEqual({ containers, linked: ['web'] });
});

test('an exec that is started reaches a container that only the daemon knows', () => {
  expect(reached('POST', '/exec/e1/start', {})).toEqual({ containers: [], exec: 'e1' });
});

// What only manages it, looks at it from outside, or makes one that stands alone.
test.each([
  ['POST', '/containers/web/stop'],
  ['POST', '/containers/web/kill'],
  ['DELETE', '/containers/web'],
  ['GET', '/containers/web/json'],
  ['GET', '/containers/web/logs?stdout=1'],
  ['POST', '/containers/web/wait'],
  ['GET', '/containers/json'],
  ['POST', '/containers/create', { Image: 'a', HostConfig: { NetworkMode: 'app', PidMode: '' } }],
] as const)('%s %s %j reaches nobody', (method, uri, body?: object) => {
  expect(reached(method, uri, body)).toBeUndefined();
});
