import { expect, it } from 'vitest';
import { normalize } from '../../normalize/normalize.ts';
import { routes } from '../../normalize/routes.ts';
import { requestSchema } from './request.ts';

/** A request as dockerd would tell it: method, target, and the body as text. */
function shown(given: unknown): string {
  const { method, uri, body } = requestSchema.parse(given);
  return [method, uri, ...(body === undefined ? [] : [new TextDecoder().decode(body)])].join(' ');
}

it.each([
  [{ action: 'container.start', resource: { name: 'web' } }, 'POST /v1.56/containers/web/start'],
  // A name stands in the path, the query or the body, as the API has it.
  [{ action: 'image.delete', resource: { name: 'a.b/c d:1' } }, 'DELETE /v1.56/images/a.b/c%20d%3A1'],
  [
    { action: 'container.create', resource: { name: 'web' }, object: { Image: 'alpine' } },
    'POST /v1.56/containers/create?name=web {"Image":"alpine"}',
  ],
  [
    { action: 'volume.create', resource: { name: 'data' }, object: { Driver: 'local' } },
    'POST /v1.56/volumes/create {"Name":"data","Driver":"local"}',
  ],
  [
    { action: 'image.pull', resource: { name: 'alpine:3' } },
    'POST /v1.56/images/create?fromImage=alpine%3A3',
  ],
  [{ action: 'image.import', query: { fromSrc: '-' } }, 'POST /v1.56/images/create?fromSrc=-'],
  // Of two routes of one action the one that has room for the name.
  [{ action: 'image.save', resource: { name: 'a' } }, 'GET /v1.56/images/a/get'],
  [{ action: 'image.save', query: { names: ['a', 'b'] } }, 'GET /v1.56/images/get?names=a&names=b'],
  [
    { action: 'container.delete', resource: { name: 'a' }, query: { force: true, v: 1 } },
    'DELETE /v1.56/containers/a?force=true&v=1',
  ],
  // What wants a body has one.
  [{ action: 'network.create', resource: { name: 'app' } }, 'POST /v1.56/networks/create {"Name":"app"}'],
  [{ action: 'network.create' }, 'POST /v1.56/networks/create {}'],
  [{ action: 'plugin.set', resource: { name: 'p' }, object: ['A=1'] }, 'POST /v1.56/plugins/p/set ["A=1"]'],
  // A raw request is what a client sends; dockerd shows what it shows.
  [{ method: 'GET', uri: '/_ping' }, 'GET /_ping'],
  [
    { method: 'POST', uri: '/v1.44/containers/create', body: { Image: 'a' } },
    'POST /v1.44/containers/create {"Image":"a"}',
  ],
  [
    { method: 'POST', uri: '/v1.44/containers/create', body: '{"a":1,"A":2}' },
    'POST /v1.44/containers/create {"a":1,"A":2}',
  ],
  [
    { method: 'POST', uri: '/v1.44/containers/create', headers: { 'content-type': 'text/plain' }, body: {} },
    'POST /v1.44/containers/create',
  ],
])('%#: %j', (given, message) => {
  expect(shown(given)).toBe(message);
});

// `checkpoint.delete` has two names, and is written as it is sent.
const named = [...new Set(routes.map(({ action }) => action))].filter(
  (action) => action !== 'checkpoint.delete',
);

it.each(named)('%s becomes a request of that action', (action) => {
  const query = action === 'image.pull' ? { query: { fromImage: 'a' } } : {};
  const names = [{}, { resource: { name: 'web' } }];
  const bodies = [{}, { object: action.startsWith('plugin.') ? [] : {} }];
  const made = names
    .flatMap((name) => bodies.map((body) => ({ action, ...query, ...name, ...body })))
    .flatMap((given) => requestSchema.safeParse(given).data ?? []);
  expect(new Set(made.map((message) => normalize(message).action))).toEqual(new Set([action]));
});
