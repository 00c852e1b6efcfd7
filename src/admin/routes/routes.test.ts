import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import request from 'supertest';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Admin, makeAdmin } from '../../../test/adminOf.ts';
import { Refusal } from '../../model/error.ts';
import type { Question } from '../question.ts';
import { routes } from './index.ts';

const day = Date.UTC(2026, 10, 24);

const silent = new Refusal('daemon-silent', 'so it is.');
const unreachable = new Refusal('facts-unreachable', 'so it is.');

let admin: Admin;

beforeEach(async () => {
  admin = await makeAdmin();
});

afterEach(() => admin.remove());

const get = (path: string) => request(admin.app()).get(path);

/** The body, once the schema that the description shows has taken it as it is. */
async function answered(path: string, target: string, method: 'GET' | 'POST' = 'GET', body?: object) {
  const schema = routes.find((route) => route.path === path && route.method === method)?.answer.schema;
  const response = await (method === 'GET' ? get(target) : request(admin.app()).post(target).send(body));
  expect(response.status, response.text).toBe(200);
  expect(response.type).toBe('application/json');
  expect((schema ?? z.never()).parse(response.body)).toEqual(response.body);
  return response.body;
}

describe('GET /healthz', () => {
  it('says that the process is alive, whatever else is wrong', async () => {
    admin.state.value = {
      queued: 9,
      lag: 9000,
      failure: { code: 'ledger-read-only', detail: 'it is read-only.' },
    };
    expect(await answered('/healthz', '/healthz')).toEqual({ status: 'alive', version: '1.2.3' });
  });
});

describe('GET /readyz', () => {
  it('is 200 while the ledger can be written and the last policies are in force', async () => {
    const { digest } = admin.policies.current.set;
    expect(await answered('/readyz', '/readyz')).toEqual({
      status: 'ready',
      policySet: digest,
      facts: 'unix:///run/docker.sock',
      daemon: 'asks',
      warnings: [],
    });
  });

  it('is 503 while the daemon answers without asking', async () => {
    admin.beat.value = { state: 'silent', since: new Date(0), why: silent };
    const { status, body } = await get('/readyz');
    expect(status).toBe(503);
    expect(body.problems).toEqual([{ code: 'daemon-silent', detail: 'so it is.', fix: silent.fix }]);
  });

  it.each(['unreachable', 'waiting'] as const)(
    'is 200 while the daemon is %s, and says so',
    async (state) => {
      admin.beat.value = { state, since: new Date(0), why: unreachable };
      expect(await answered('/readyz', '/readyz')).toMatchObject({
        daemon: state,
        warnings: [{ code: 'facts-unreachable' }],
      });
    },
  );

  it('says what is lost with --docker-host off', async () => {
    const { beat: _, ...services } = admin.services;
    const { body } = await request(admin.app({ services: { ...services, facts: 'off' } })).get('/readyz');
    expect(body).toMatchObject({ facts: 'off', daemon: 'off', warnings: [{ code: 'facts-off' }] });
    expect(body.warnings[0].detail).toContain('no second gate');
  });

  it('is 503 with each code while it cannot, or they are not, and 200 again afterwards', async () => {
    admin.state.value = {
      queued: 1,
      lag: 0,
      failure: { code: 'ledger-full', detail: 'the disk is full.' },
    };
    admin.policy('kind: Policy\n');
    await admin.policies.reload();
    const { status, type, body } = await get('/readyz');
    expect({ status, type }).toEqual({ status: 503, type: 'application/problem+json' });
    expect(body).toMatchObject({
      code: 'not-ready',
      detail: 'not ready: ledger-full, policies-broken.',
      problems: [{ code: 'ledger-full', detail: 'the disk is full.' }, { code: 'policies-broken' }],
    });
    admin.state.value = { queued: 0, lag: 0, failure: undefined };
    admin.policy('apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: new }\nspec: {}\n');
    await admin.policies.reload();
    expect((await get('/readyz')).status).toBe(200);
  });

  it('is 503 while a batch hangs that has not failed yet', async () => {
    admin.state.value = { queued: 3, lag: 1500, failure: undefined };
    const { body } = await get('/readyz');
    expect(body.problems).toMatchObject([
      { code: 'ledger-stalled', detail: expect.stringContaining('1.5 s') },
    ]);
  });
});

describe('GET /v1/status', () => {
  const ask = () => answered('/v1/status', '/v1/status');

  it('says that it is asked, what is in force, and how many were allowed and denied', async () => {
    const subject = { name: 'a', groups: [], method: 'none' } as const;
    const counted = { id: '1', subject, violations: [] };
    for (const allow of [true, true, false])
      admin.counters.decided({ ...counted, allow, action: 'image.pull' });
    admin.counters.decided({ ...counted, allow: true, action: 'container.list' });
    const { set, since } = admin.policies.current;
    expect(await ask()).toEqual({
      version: '1.2.3',
      started: expect.any(String),
      facts: 'unix:///run/docker.sock',
      daemon: { state: 'asks', since: '1970-01-01T00:00:00.000Z' },
      policySet: {
        digest: set.digest,
        documents: 1,
        since: since.toISOString(),
        broken: false,
        read: since.toISOString(),
      },
      ledger: { writable: true, queued: 0, lag: 0 },
      decisions: { allowed: 3, denied: 1 },
      problems: [],
      warnings: [],
    });
  });

  it('has what is wrong, a daemon that cannot be reached among it', async () => {
    admin.beat.value = { state: 'unreachable', since: new Date(0), why: unreachable };
    admin.state.value = { queued: 1, lag: 0, failure: { code: 'ledger-full', detail: 'the disk is full.' } };
    admin.policy('kind: Policy\n');
    await admin.policies.reload();
    const { problems, ...status } = await ask();
    expect(status).toMatchObject({
      daemon: { state: 'unreachable' },
      policySet: { broken: true, brokenSince: expect.any(String) },
      ledger: { writable: false, queued: 1 },
      warnings: [],
    });
    expect(problems.map(({ code }: Refusal) => code)).toEqual([
      'facts-unreachable',
      'ledger-full',
      'policies-broken',
    ]);
  });

  it('has the first error of broken policies with its place, and forgets it with the next whole set', async () => {
    admin.policy(
      'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\nspec: { profil: a, b: c }\n',
    );
    await admin.policies.reload();
    expect(await ask()).toMatchObject({
      policySet: { broken: true, brokenSince: admin.policies.current.brokenSince?.toISOString() },
      problems: [
        {
          code: 'policies-broken',
          detail: expect.stringMatching(/house\.yaml:4:9: unknown key "profil", and 1 more\.$/),
        },
      ],
    });
    admin.policy('apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: new }\nspec: {}\n');
    await admin.policies.reload();
    const { policySet, problems } = await ask();
    expect({ broken: policySet.broken, brokenSince: policySet.brokenSince, problems }).toEqual({
      broken: false,
      brokenSince: undefined,
      problems: [],
    });
  });

  // A look takes milliseconds, but on a dead server's mount for ever.
  it.each([
    [14_000, []],
    [16_000, ['policies-unseen']],
  ])('has a warning once nobody has looked at the policy files for long: %i ms', async (ago, codes) => {
    const looked = new Date(Date.now() - ago);
    const policies = () => ({ ...admin.policies.current, looked });
    const app = admin.app({ services: { ...admin.services, policies } });
    const { body } = await request(app).get('/v1/status');
    expect(body.policySet.looked).toBe(looked.toISOString());
    expect(body.warnings.map(({ code }: Refusal) => code)).toEqual(codes);
  });

  it.each(['waiting', 'silent'] as const)('tells a daemon that is %s', async (state) => {
    admin.beat.value = { state, since: new Date(0), why: silent };
    const { problems, warnings } = await ask();
    expect({ problems: problems.length, warnings: warnings.length }).toEqual(
      state === 'silent' ? { problems: 1, warnings: 0 } : { problems: 0, warnings: 1 },
    );
  });
});

describe('GET /v1/usage', () => {
  beforeEach(() => {
    const subject = (name: string) => ({ subject: { name, groups: ['web'], method: 'tls' as const } });
    for (let hour = 0; hour < 3; hour += 1) {
      const violations = [{ rule: 'house/memory', message: 'm', fix: 'f' }];
      admin.ledger.add({ ...subject('alice'), violations }, day + hour * 3_600_000);
    }
    admin.ledger.add({ ...subject('a/b c'), decision: 'allow', action: 'container.list' }, day);
  });

  const keys = ({ items }: { items: { key: string }[] }) => items.map(({ key }) => key);

  it.each([
    ['', ['alice', 'a/b c']],
    ['?limit=1', ['alice']],
    ['?by=group', ['web']],
    ['?by=action', ['container.create', 'container.list']],
    ['?by=rule', ['house/memory']],
    ['?since=2026-11-24T01:30:00Z', ['alice']],
    ['?until=2026-11-24T00:00:00Z', []],
  ])('counts by %s', async (query, expected) => {
    expect(keys(await answered('/v1/usage', `/v1/usage${query}`))).toEqual(expected);
  });

  it('says what it is of', async () => {
    const target = '/v1/usage?since=2026-11-24T00:30:00Z&until=2026-11-24T01:30:00%2B01:00';
    expect(await answered('/v1/usage', target)).toMatchObject({
      items: [{ requests: 1 }, { requests: 1 }],
      since: '2026-11-24T00:00:00.000Z',
      until: '2026-11-24T01:00:00.000Z',
      account: { since: '2026-11-24T00:00:00.000Z', until: null, behind: 0 },
    });
  });

  it('has a page for each subject, whatever it is called', async () => {
    expect(await answered('/v1/usage/{subject}', '/v1/usage/alice?limit=1')).toMatchObject({
      subject: 'alice',
      requests: 3,
      denied: 3,
      rules: [{ key: 'house/memory', denied: 3 }],
      hours: [{ hour: '2026-11-24T00:00:00.000Z', requests: 1 }, {}, {}],
    });
    const odd = await answered('/v1/usage/{subject}', `/v1/usage/${encodeURIComponent('a/b c')}`);
    expect(odd).toMatchObject({ subject: 'a/b c', requests: 1, denied: 0 });
  });

  it.each<[string, number, string]>([
    ['/v1/usage/nobody', 404, 'subject-unknown'],
    ['/v1/usage?by=image', 400, 'api-query'],
    ['/v1/usage?limit=0', 400, 'api-query'],
    ['/v1/usage?since=today', 400, 'api-query'],
    ['/v1/usage/alice?by=rule', 400, 'api-query'],
  ])('%s is %i', async (target, status, code) => {
    const { body, type } = await get(target);
    expect([type, body.status, body.code]).toEqual(['application/problem+json', status, code]);
  });

  it('is 503 where the ledger has no account', async () => {
    const db = new DatabaseSync(admin.ledger.path);
    db.exec('DROP TABLE account');
    db.close();
    expect((await get('/v1/usage')).body).toMatchObject({ status: 503, code: 'account-absent' });
  });
});

describe('GET /v1/owners', () => {
  const digest = 'd'.repeat(64);
  const hex = (start: string) => start.padEnd(64, '0');
  const ids: string[] = [];

  beforeEach(() => {
    const { add, store } = admin.ledger;
    const make = (user: string, kind: string, newId: string, values: Parameters<typeof add>[0]) => {
      const at = day + ids.length * 1000;
      const subject = { name: user, groups: ['web'], method: 'tls' as const };
      const id = add({ decision: 'allow', subject, action: `${kind}.create`, digest, ...values }, at);
      const settled = {
        type: 'settled',
        time: new Date(at).toISOString(),
        host: 'h',
        outcome: 'done',
      } as const;
      const draft = { ...settled, id: ulid(at), ...(newId !== '' && { newId }) };
      store.append([{ kind: 'response', digest, draft }], at);
      ids.push(id);
    };
    ids.length = 0;
    const named = (kind: string, ref: string) => ({ resource: { kind, ref } });
    make('alice', 'container', hex('aa'), named('container', 'web'));
    make('bob', 'container', hex('ab'), named('container', 'db'));
    make('bob', 'network', hex('n'), named('network', 'net'));
    make('eve', 'volume', '', { obligations: ['own volume \u001b[31m/../x'] });
    make('bob', 'image', '', {
      action: 'image.pull',
      object: { images: [{ role: 'pull', ref: 'quay.io/a/b' }] },
    });
  });

  const list = (query: string) => answered('/v1/owners', `/v1/owners?${query}`);
  const show = (kind: string, id: string) =>
    answered('/v1/owners/{kind}/{id}', `/v1/owners/${kind}/${encodeURIComponent(id)}`);
  const subjects = ({ items }: { items: { kind: string; subject: string }[] }) =>
    items.map(({ kind, subject }) => `${kind} ${subject}`);

  it('lists who made what, newest first, a page at a time', async () => {
    const first = await list('limit=3');
    expect(subjects(first)).toEqual(['image bob', 'volume eve', 'network bob']);
    const second = await list(`limit=3&cursor=${first.next}`);
    expect(subjects(second)).toEqual(['container bob', 'container alice']);
    expect(second).toMatchObject({ next: null, account: { until: null, behind: 0 } });
  });

  it.each([
    ['kind=container', ['container bob', 'container alice']],
    ['subject=bob&kind=network', ['network bob']],
    ['subject=nobody', []],
    ['kind=container&all=true', ['container bob', 'container alice']],
  ])('filters by %s', async (query, expected) => {
    expect(subjects(await list(query))).toEqual(expected);
  });

  it('says what is gone', async () => {
    while (admin.ledger.store.count(1));
    const asked = day + 3_600_000;
    admin.ledger.store.append(
      [{ kind: 'present', of: 'container', things: [{ id: hex('aa') }], asked }],
      asked,
    );
    expect(subjects(await list('kind=container'))).toEqual(['container alice']);
    expect(await show('container', 'db')).toMatchObject({ subject: 'bob', gone: '2026-11-24T01:00:00.000Z' });
  });

  it.each([
    ['container', hex('aa'), 'alice'],
    ['container', 'web', 'alice'],
    ['container', 'ab', 'bob'],
    ['volume', '\u001b[31m/../x', 'eve'],
    ['image', 'quay.io/a/b:latest', 'bob'],
  ])('shows the %s %j', async (kind, id, subject) => {
    expect(await show(kind, id)).toMatchObject({ kind, subject, groups: ['web'], gone: null });
  });

  it('shows of an image who made it', async () => {
    const makers = [{ subject: 'bob', groups: ['web'], action: 'image.pull', decision: ids[4] }];
    expect(await show('image', 'quay.io/a/b')).toMatchObject({ makers, more: false });
  });

  it.each([
    ['/v1/owners/container/none', 404, 'owner-unknown', 'nobody is known to have made the container `none`.'],
    ['/v1/owners/container/%1b%5b31m', 404, 'owner-unknown', 'the container `'],
    [
      '/v1/owners/container/a',
      400,
      'owner-ambiguous',
      'several things of the kind container are meant by `a`:',
    ],
    ['/v1/owners/box/a', 400, 'api-query', 'kind'],
    ['/v1/owners/container/%ff', 404, 'api-route', ''],
    ['/v1/owners?kind=box', 400, 'api-query', 'kind'],
    ['/v1/owners?cursor=x', 400, 'ledger-cursor', '`x`'],
    ['/v1/owners?all=yes', 400, 'api-query', 'all'],
  ])('answers %s with %i', async (target, status, code, detail) => {
    const response = await get(target);
    expect(response.status).toBe(status);
    expect(response.body).toMatchObject({ code, detail: expect.stringContaining(detail) });
    expect(response.text).not.toMatch(/\p{Cc}/u);
  });

  it('stand beside decisions about what is known', async () => {
    const id = admin.ledger.add({ resource: { kind: 'container', ref: 'db' } }, day + 60_000);
    const { items } = await answered('/v1/decisions', '/v1/decisions?limit=1');
    expect(items).toMatchObject([{ id, owner: { subject: 'bob', kind: 'container', id: hex('ab') } }]);
    const { owner } = await answered('/v1/decisions/{id}', `/v1/decisions/${id}`);
    expect(owner).toEqual(items[0].owner);
  });
});

describe('GET /v1/decisions', () => {
  beforeEach(() => {
    for (let hour = 0; hour < 5; hour += 1) {
      admin.ledger.add({ resource: { kind: 'container', ref: `c${hour}` } }, day + hour * 3_600_000);
    }
    admin.ledger.add({ decision: 'allow', subject: { name: 'bob', groups: [], method: 'tls' } }, day - 1000);
  });

  const names = ({ items }: { items: { resource?: { ref?: string } }[] }) =>
    items.map(({ resource }) => resource?.ref);

  it('lists records as stored, newest first, a page at a time to the end', async () => {
    const first = await answered('/v1/decisions', '/v1/decisions?limit=4');
    expect(names(first)).toEqual(['c4', 'c3', 'c2', 'c1']);
    const second = await answered('/v1/decisions', `/v1/decisions?limit=4&cursor=${first.next}`);
    expect(names(second)).toEqual(['c0', undefined]);
    expect(second.next).toBeNull();
  });

  it.each([
    ['decision=allow', [undefined]],
    ['subject=al*&since=2026-11-24T03:00:00Z', ['c4', 'c3']],
    ['until=2026-11-24T02:00:00%2B01:00&resource=c*', ['c0']],
    ['subject=bob&decision=deny', []],
    ['action=container.*&limit=1', ['c4']],
  ])('filters by %s', async (query, expected) => {
    expect(names(await answered('/v1/decisions', `/v1/decisions?${query}`))).toEqual(expected);
  });

  it.each<[string, RegExp]>([
    ['limt=3', /unknown key "limt"; did you mean "limit"\?$/],
    ['zzzzzzz=3', /unknown key "zzzzzzz"/],
    ['limit=0', /"limit": a whole number from 1 to 500\./],
    ['limit=501', /"limit": a whole number/],
    ['limit=1e2', /"limit": a whole number/],
    ['limit=3&limit=4', /"limit" must be text, not a list/],
    ['decision=den', /"decision" must be "allow" or "deny", not "den"; did you mean "deny"\?/],
    ['since=yesterday', /"since": write a time with its offset/],
    ['since=2026-11-24T09:30:00', /"since": write a time with its offset/],
    ['subject=', /"subject": it must not be empty/],
    [`subject=${'x'.repeat(401)}`, /"subject": it has at most 400/],
    ['limit=0&decision=x', /"limit".*"decision"|"decision".*"limit"/],
    ['subject[$ne]=x', /unknown key "subject\[\$ne\]"/],
    ['__proto__=x', /unknown key "__proto__"/],
  ])('refuses %s', async (query, message) => {
    const { status, body } = await get(`/v1/decisions?${query}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'api-query' });
    expect(body.detail).toMatch(message);
  });

  it.each(['soon', '1-2-3', "1' OR 1"])('refuses the cursor `%s`', async (cursor) => {
    const { status, body } = await get(`/v1/decisions?cursor=${encodeURIComponent(cursor)}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'ledger-cursor' });
  });

  it('ends a page before it is larger than 1 MiB, and goes on behind it', async () => {
    const large = { container: { image: 'x'.repeat(14_000) } };
    for (let at = 0; at < 150; at += 1) admin.ledger.add({ object: large }, day + 86_400_000 + at);
    let seen = 0;
    let cursor = '';
    for (let pages = 0; pages < 10; pages += 1) {
      const target = `/v1/decisions?limit=500&since=2026-11-25T00:00:00Z${cursor}`;
      const { text, body } = await get(target);
      expect(text.length).toBeLessThan(1024 * 1024 + 1);
      seen += body.items.length;
      if (body.next === null) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toBe(150);
  });

  it('sends nothing that would steer a terminal', async () => {
    admin.ledger.add({ resource: { kind: 'container', ref: 'a\u202eb\u009b31m' } }, day + 10 * 3_600_000);
    const { text, body } = await get('/v1/decisions?limit=1');
    expect(text).toContain('a\\u202eb\\u009b31m');
    expect(body.items[0].resource.ref).toBe('a\u202eb\u009b31m');
  });
});

describe('without a ledger', () => {
  it.each(['/v1/decisions', '/v1/decisions/stream', '/v1/decisions/01M86B8Y4RYV9TWN10H3RDJ8TA'])(
    '%s is 503 with the reason',
    async (path) => {
      rmSync(admin.ledger.path);
      const { status, body } = await get(path);
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'ledger-unreadable' });
      expect(body.detail).toContain('there is no ledger at');
    },
  );
});

describe('GET /v1/decisions/{id}', () => {
  it('tells all about one decision, by its id in either case', async () => {
    const id = admin.ledger.add(
      {
        policySet: admin.policies.current.set.digest,
        violations: [{ rule: 'house/privileged', message: 'it is.', fix: 'drop it.' }],
        object: { container: { origin: 'create', image: 'alpine', privileged: true } },
      },
      day,
    );
    const explained = await answered('/v1/decisions/{id}', `/v1/decisions/${id.toLowerCase()}`);
    expect(explained).toMatchObject({
      decision: { id, decision: 'deny' },
      command: ['docker', 'create', '--privileged', 'alpine'],
      response: { kind: 'denied' },
    });
  });

  it('is 404 for one that is not there', async () => {
    const { status, body } = await get('/v1/decisions/01M86B8Y4RYV9TWN10H3RDJ8TA');
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'decision-unknown' });
  });

  it.each(['01', 'u'.repeat(26), '01M86B8Y4RYV9TWN10H3RDJ8TA%27', 'streams'])(
    'is 400 for `%s`',
    async (id) => {
      const { status, body } = await get(`/v1/decisions/${id}`);
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'api-query' });
    },
  );
});

describe('GET /v1/policies', () => {
  it('names the documents in force, their digest and since when', async () => {
    const { set, since } = admin.policies.current;
    expect(await answered('/v1/policies', '/v1/policies')).toEqual({
      digest: set.digest,
      since: since.toISOString(),
      documents: [
        {
          kind: 'Policy',
          name: 'house',
          description: 'The rules of this lab.',
          file: expect.stringMatching(/house\.yaml$/),
          line: 2,
        },
      ],
      problems: [],
      warnings: [expect.objectContaining({ code: 'access-none', line: 2, column: 7 })],
    });
  });

  it('has the problems of a reload that changed nothing, with their places', async () => {
    const { set } = admin.policies.current;
    admin.policy(
      'apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\nspec: { profil: baseline }\n',
    );
    await admin.policies.reload();
    expect(await answered('/v1/policies', '/v1/policies')).toMatchObject({
      digest: set.digest,
      problems: [
        {
          code: 'file-unknown-key',
          line: 4,
          column: 9,
          message: 'unknown key "profil"',
          hint: 'did you mean "profile"?',
        },
      ],
    });
  });

  it('has warnings of what is in force', async () => {
    admin.policy('apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\nspec: {}\n');
    await admin.policies.reload();
    expect((await answered('/v1/policies', '/v1/policies')).warnings).toMatchObject([
      { code: 'policy-no-control' },
      { code: 'access-none' },
    ]);
  });

  it('takes no parameter', async () => {
    expect((await get('/v1/policies?a=1')).body.detail).toBe('unknown key "a": nothing can be chosen here.');
  });
});

describe('POST /v1/simulate with a request', () => {
  const create = { method: 'POST', uri: '/v1.41/containers/create' };
  const privileged = { Image: 'alpine', HostConfig: { Privileged: true } };
  const simulate = (body: object) => answered('/v1/simulate', '/v1/simulate', 'POST', body);

  it('judges it by the policies in force, and not by those on the disk', async () => {
    admin.policy('apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: house }\nspec: {}\n');
    const request = { ...create, body: privileged };
    const before = await simulate({ request, as: 'user:alice,group:web' });
    expect(before).toMatchObject({
      verdict: 'deny',
      subject: { name: 'alice', groups: ['web', 'system:authenticated'] },
      requests: [{ allow: false, action: 'container.create', violations: [{ rule: 'house/privileged' }] }],
    });
    await admin.policies.reload();
    expect(await simulate({ request })).toMatchObject({
      verdict: 'allow',
      subject: { name: 'system:anonymous' },
    });
  });

  it('takes a body as base64 too, byte for byte', async () => {
    const body = Buffer.from('{"Image":"a","image":"b"}').toString('base64');
    expect(await simulate({ request: { ...create, body } })).toMatchObject({
      verdict: 'deny',
      requests: [{ violations: [{ rule: 'body-duplicate-key' }] }],
    });
  });

  it('shows of it what dockerd would show: no body of another type', async () => {
    const request = { ...create, headers: { 'content-type': 'text/plain' }, body: privileged };
    expect(await simulate({ request })).toMatchObject({
      verdict: 'deny',
      requests: [{ violations: [{ rule: 'body-absent' }] }],
    });
  });

  it('judges what cannot be read, as a denial', async () => {
    expect(await simulate({ request: { method: 'GET', uri: '/v1.41/nothing' } })).toMatchObject({
      verdict: 'deny',
      requests: [{ action: 'unknown', violations: [{ rule: 'unknown-route' }] }],
    });
  });

  it.each<[object, RegExp]>([
    [{}, /give either `command` or `request`/],
    [{ request: create, command: ['docker', 'ps'] }, /give either/],
    [{ request: { ...create, body: 'no base64!' } }, /"body" is text, but no base64/],
    [{ request: { method: 'post', uri: '/' } }, /"method": a method has capital letters/],
    [{ request: { uri: '/' } }, /missing key "method"/],
    [{ request: { ...create, hedaers: {} } }, /unknown key "hedaers"; did you mean "headers"\?/],
    [{ request: create, as: 'alice' }, /"as": write who asks as/],
    [{ command: [] }, /"command": the command has no word/],
    [{ command: ['docker', 7] }, /"command" must be text/],
    [{ command: ['docker', 'run', 'a\0b'] }, /"command": a word has no zero byte/],
    [{ command: 'docker ps' }, /"command" must be a list/],
    [[], /must be a map/],
  ])('refuses %j', async (body, message) => {
    const { status, body: problem } = await request(admin.app()).post('/v1/simulate').send(body);
    expect({ status, code: problem.code }).toEqual({ status: 400, code: 'api-body' });
    expect(problem.detail).toMatch(message);
  });
});

describe('GET /metrics', () => {
  it('is text for Prometheus', async () => {
    admin.counters.decided({
      id: '1',
      allow: false,
      action: 'container.create',
      subject: { name: 'a', groups: [], method: 'none' },
      violations: [{ rule: 'house/memory', message: '', fix: '' }],
    });
    const { status, headers, text } = await get('/metrics');
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
    });
    expect(text).toContain('bulwark_decisions_total{action="container.create",decision="deny"} 1\n');
    expect(text).toContain('bulwark_violations_total{rule="house/memory"} 1\n');
  });
});

describe('GET /openapi.json', () => {
  it('describes every route', async () => {
    const described = await answered('/openapi.json', '/openapi.json');
    expect(described).toMatchObject({ openapi: '3.1.1', info: { version: '1.2.3' } });
    // A schema's own definitions would be looked for in the whole document.
    expect(JSON.stringify(described)).not.toContain('$defs');
    const refs = JSON.stringify(described).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
    for (const [, name = ''] of refs) expect(described.components.schemas).toHaveProperty(name);
    expect(Object.keys(described.paths).sort()).toEqual([...new Set(routes.map(({ path }) => path))].sort());
  });
});

describe('what fails on the way to the ledger', () => {
  it.each<[Refusal['code'], number]>([
    ['api-busy', 503],
    ['api-slow', 503],
    ['ledger-corrupt', 503],
  ])('%s is a %i', async (code, expected) => {
    const ledger = { ask: (_: Question) => Promise.reject(new Refusal(code, 'so it is.')) };
    const app = admin.app({ services: { ...admin.services, ledger } });
    const { status, body } = await request(app).get('/v1/decisions');
    expect({ status, code: body.code, detail: body.detail }).toEqual({
      status: expected,
      code,
      detail: 'so it is.',
    });
  });
});
