import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Admin, makeAdmin } from '../../test/adminOf.ts';
import type { Door } from './door.ts';
import { problemSchema } from './problem.ts';
import { json, route } from './route.ts';

let admin: Admin;

beforeEach(async () => {
  admin = await makeAdmin();
});

afterEach(() => admin.remove());

const hosts = new Set(['127.0.0.1:7000', 'localhost:7000', '[::1]:7000']);
const bearer: NonNullable<Door['bearer']> = async (token) =>
  /^good/.test(token) ? { id: token, expires: new Date(Date.now() + 60_000) } : undefined;
const tcp: Door = { hosts, bearer };

/** What every problem has. */
function expectProblem(response: request.Response, status: number, code: string): void {
  expect(response.status).toBe(status);
  expect(response.type).toBe('application/problem+json');
  expect(problemSchema.parse(response.body)).toMatchObject({ code, status, type: `docs/errors.md#${code}` });
}

describe('a door with hosts', () => {
  it.each([...hosts])('lets %s in', async (host) => {
    const response = await request(admin.app({ door: { hosts } }))
      .get('/healthz')
      .set('Host', host);
    expect(response.status).toBe(200);
  });

  // DNS rebinding: the page's own name leads to loopback.
  it.each([
    'evil.example:7000',
    '127.0.0.1',
    '127.0.0.1:7001',
    'localhost',
    '127.0.0.1:7000.evil.example',
    '',
  ])('refuses the host `%s`, token or not', async (host) => {
    const response = await request(admin.app({ door: tcp }))
      .get('/healthz')
      .set('Host', host)
      .set('Authorization', 'Bearer good');
    expectProblem(response, 421, 'api-host');
  });
});

describe('a door that wants a token', () => {
  const get = (path: string) =>
    request(admin.app({ door: tcp }))
      .get(path)
      .set('Host', 'localhost:7000');

  it('lets the bearer of one in', async () => {
    expect((await get('/healthz').set('Authorization', 'Bearer good')).status).toBe(200);
  });

  it.each(['/healthz', '/readyz', '/metrics', '/v1/policies', '/openapi.json', '/nothing'])(
    'answers %s without one with 401, and tells nothing of what is there',
    async (path) => {
      const response = await get(path);
      expectProblem(response, 401, 'api-token');
      expect(response.headers['www-authenticate']).toBe('Bearer realm="bulwark-admin"');
      expect(response.body.fix).toContain('bulwark token issue --admin');
    },
  );

  it.each(['Bearer bad', 'Basic good', 'good', 'Bearer', 'Bearer good extra', `Bearer ${'g'.repeat(5000)}`])(
    'refuses `%s` and does not repeat it',
    async (authorization) => {
      const response = await get('/healthz').set('Authorization', authorization);
      expectProblem(response, 401, 'api-token');
      expect(admin.logged()).not.toContain(authorization);
      expect(response.body.detail).toBe('the token does not hold: it is over, or not of this Bulwark.');
    },
  );

  it('takes no token from the query', async () => {
    expectProblem(await get('/healthz?access_token=good'), 401, 'api-token');
  });
});

describe('limits', () => {
  const limits = { perMinute: 3, body: 200 };

  it('answers more requests within a minute with 429, each token for itself', async () => {
    const app = admin.app({ door: tcp, limits });
    const get = (token: string) =>
      request(app).get('/healthz').set('Host', 'localhost:7000').set('Authorization', `Bearer ${token}`);
    for (let count = 0; count < 3; count += 1) expect((await get('good1')).status).toBe(200);
    const response = await get('good1');
    expectProblem(response, 429, 'api-rate');
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('good2')).status).toBe(200);
  });

  it('counts those without a token that holds together, and not with the others', async () => {
    const app = admin.app({ door: tcp, limits });
    const get = (token: string) =>
      request(app).get('/healthz').set('Host', 'localhost:7000').set('Authorization', `Bearer ${token}`);
    for (const token of ['bad1', 'bad2', 'bad3']) expect((await get(token)).status).toBe(401);
    expectProblem(await get('bad4'), 429, 'api-rate');
    expect((await get('good')).status).toBe(200);
  });

  it('answers a larger body with 413', async () => {
    const response = await request(admin.app({ limits }))
      .post('/v1/simulate')
      .send({ command: ['docker', 'run', 'x'.repeat(200)] });
    expectProblem(response, 413, 'api-body-too-large');
  });
});

describe('a body', () => {
  const post = () => request(admin.app()).post('/v1/simulate');

  it.each([
    ['text/plain', '{}', 415, 'api-body-type'],
    ['application/x-www-form-urlencoded', 'a=1', 415, 'api-body-type'],
    ['application/json; charset=latin1', '{}', 415, 'api-body-type'],
    ['application/json', '{"command":', 400, 'api-body'],
    ['application/json', '7', 400, 'api-body'],
    ['application/json', '{}', 400, 'api-body'],
  ])('of type %s and text %s is a %s', async (type, text, status, code) => {
    const response = await post().set('Content-Type', type).send(text);
    expectProblem(response, status, code);
  });

  it('that is compressed is refused, not unpacked', async () => {
    const response = await post()
      .set('Content-Type', 'application/json')
      .set('Content-Encoding', 'gzip')
      .send('{}');
    expectProblem(response, 415, 'api-body-type');
  });

  it('that is missing is a 400', async () => {
    expectProblem(await post(), 400, 'api-body');
  });

  it('that is broken is not repeated', async () => {
    const response = await post().set('Content-Type', 'application/json').send('{"secret-word":');
    expect(response.text).not.toContain('secret-word');
  });
});

describe('paths and methods', () => {
  it.each(['/', '/v1', '/v1/Policies', '/v1/policies/', '/healthz/x', '/v1/decisions/a/b'])(
    'knows no %s',
    async (path) => {
      expectProblem(await request(admin.app()).get(path), 404, 'api-route');
    },
  );

  it('shows nothing of a path that could steer a terminal or a page', async () => {
    const response = await request(admin.app()).get('/%1b%5b31m<script>%e2%80%ae');
    expectProblem(response, 404, 'api-route');
    expect(response.text).not.toMatch(/[\u001b\u202e]/);
  });

  it('takes a path that does not decode for none', async () => {
    expectProblem(await request(admin.app()).get('/v1/decisions/%ff'), 404, 'api-route');
  });

  it.each([
    ['post', '/v1/policies', 'GET, HEAD'],
    ['delete', '/v1/decisions', 'GET, HEAD'],
    ['get', '/v1/simulate', 'POST'],
    ['options', '/v1/simulate', 'POST'],
    ['head', '/v1/decisions/stream', 'GET, HEAD'],
  ] as const)('answers %s %s with 405 and what is allowed', async (method, path, allow) => {
    const response = await request(admin.app())[method](path);
    expect(response.status).toBe(405);
    expect(response.headers['allow']).toBe(allow);
  });

  it('answers HEAD as GET, without a body', async () => {
    const response = await request(admin.app()).head('/healthz');
    expect(response.status).toBe(200);
    expect(response.headers['content-length']).toBe('36');
    expect(response.text).toBeUndefined();
  });
});

describe('every answer', () => {
  it.each(['/healthz', '/nothing'])('of %s has the usual headers and is not kept', async (path) => {
    const { headers } = await request(admin.app()).get(path);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    });
    for (const absent of ['x-powered-by', 'etag', 'access-control-allow-origin', 'strict-transport-security'])
      expect(headers).not.toHaveProperty(absent);
  });

  it('to a preflight of a browser allows nothing', async () => {
    const response = await request(admin.app())
      .options('/v1/policies')
      .set('Origin', 'https://evil.example')
      .set('Access-Control-Request-Method', 'GET');
    expect(response.status).toBe(405);
    expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('a bug', () => {
  it('is a 500 that says nothing of itself, and a line in the log that does', async () => {
    const broken = route({
      method: 'GET',
      path: '/broken',
      summary: 'Fails.',
      answer: json('Nothing', z.null()),
      handle: () => {
        throw new Error('the reason');
      },
    });
    const response = await request(admin.app({ routes: [broken] })).get('/broken');
    expectProblem(response, 500, 'internal-error');
    expect(response.text).not.toMatch(/the reason|at .*\.ts|node_modules/);
    expect(admin.logged()).toMatch(/"msg":"the admin API failed"/);
    expect(admin.logged()).toContain('the reason');
  });
});
