import { describe, expect, it } from 'vitest';
import { matchRoute } from './match.ts';

describe('matchRoute()', () => {
  /** Names may hold slashes, and of several routes that match the daemon takes the first. */
  it.each([
    ['GET', '/containers/json', 'container.list', {}],
    ['GET', '/containers/json/json', 'container.inspect', { name: 'json' }],
    ['GET', '/containers/a/b/json', 'container.inspect', { name: 'a/b' }],
    ['GET', '/containers/x/attach/ws', 'container.attach_ws', { name: 'x' }],
    ['DELETE', '/containers/x/checkpoints/c', 'checkpoint.delete', { name: 'x', checkpoint: 'c' }],
    // One slash more, and it is the container of that odd name.
    ['DELETE', '/containers/x/y/checkpoints/c', 'container.delete', { name: 'x/y/checkpoints/c' }],
    ['GET', '/images/reg.example:5000/a/b/json', 'image.inspect', { name: 'reg.example:5000/a/b' }],
    ['POST', '/images/create', 'image.pull', {}],
    ['GET', '/images/get', 'image.save', {}],
    ['POST', '/networks/create', 'network.create', {}],
    ['POST', '/networks/create/connect', 'network.connect', { name: 'create' }],
    ['GET', '/networks/', 'network.list', {}],
    ['GET', '/volumes/a\nb', 'volume.inspect', { name: 'a\nb' }],
    ['GET', '/services/create', 'service.inspect', { name: 'create' }],
    ['GET', '/debug/pprof/', 'system.debug', {}],
    ['HEAD', '/_ping', 'system.ping', {}],
    ['OPTIONS', '/anything/at/all', 'system.options', {}],
  ])('%s %s is %s', (method, path, action, names) => {
    const match = matchRoute(method, path);
    expect(match?.route.action).toBe(action);
    expect({ ...match?.names }).toEqual(names);
  });

  /** HEAD is not GET, letter case counts, a slash at the end is another path: dockerd answers 404 or 405. */
  it.each([
    ['HEAD', '/containers/json'],
    ['GET', '/Containers/json'],
    ['GET', '/containers/json/'],
    ['GET', '/containers//json'],
    ['GET', '/services/a/b'],
    ['POST', '/containers/x/copy'],
    ['get', '/info'],
    ['BREW', '/info'],
    ['GET', ''],
  ])('knows no route for %s %j', (method, path) => {
    expect(matchRoute(method, path)).toBeUndefined();
  });
});
