import { describe, expect, it } from 'vitest';
import { policySetOf } from '../../test/policySetOf.ts';
import { draftOf } from '../ledger/draft.ts';
import type { DecisionRecord, Draft } from '../ledger/record.ts';
import { anonymous } from '../model/subject.ts';
import { normalize } from '../normalize/normalize.ts';
import { compileSet } from '../policy/compile.ts';
import { setSchemas } from '../policy/schema.ts';
import { sha256 } from '../policy/sha256.ts';
import { revive } from './revive.ts';
import { whatIf } from './whatIf.ts';

const now = Date.parse('2026-11-24T09:30:00Z');
const protect = { paths: [], sockets: [], container: undefined, plugin: 'bulwark' };

/** The record of a container that is created, as `serve` with a daemon keeps it. */
function created(body: object, more: Partial<Draft<DecisionRecord>> = {}): Draft<DecisionRecord> {
  return recordOf('POST', '/v1.44/containers/create?name=web', { Image: 'alpine', ...body }, more);
}

function recordOf(
  method: string,
  uri: string,
  body: object | undefined,
  more: Partial<Draft<DecisionRecord>> = {},
): Draft<DecisionRecord> {
  const bytes = body && new TextEncoder().encode(JSON.stringify(body));
  const headers = { 'Content-Type': 'application/json', 'Content-Length': `${bytes?.length ?? 0}` };
  const request = normalize({ method, uri, headers, ...(bytes && { body: bytes }) });
  const decision = { id: '', allow: true, action: request.action, subject: anonymous, violations: [] };
  const draft = draftOf({ decision, request, policySet: 'a'.repeat(64), facts: 'none' }, 'host1');
  return JSON.parse(JSON.stringify({ ...draft, ...more }));
}

const by = (decision: Draft<DecisionRecord>, set = policySetOf('next', { profile: 'baseline' })) =>
  whatIf({ decision, later: [] }, set, { protect, now });
const kinds = (answer: ReturnType<typeof by>) => answer.gaps.map(({ kind }) => kind);
const rules = (answer: ReturnType<typeof by>) => answer.answer?.violations.map(({ rule }) => rule);

const said = { message: 'no.', fix: 'yes.' };

describe('whatIf()', () => {
  it('holds what is recorded against another set, and says what becomes of the rules of then', () => {
    const set = policySetOf('house', {
      controls: { memory: { max: '1GiB' }, pids: { required: true, mode: 'audit' }, cpus: { max: 2 } },
    });
    const answer = by(
      created(
        { HostConfig: { Memory: 2 ** 31 } },
        {
          decision: 'deny',
          violations: [
            { rule: 'house/memory.max', ...said },
            { rule: 'house/pids.required', ...said },
            { rule: 'house/cpus.max', ...said },
            { rule: 'old/cpus.max', ...said },
            { rule: 'access/not-granted', ...said },
            { rule: 'busy', ...said },
          ],
        },
      ),
      set,
    );
    expect(answer.answer).toMatchObject({
      allow: false,
      violations: [{ rule: 'house/memory.max', value: '2g' }],
      observed: [{ rule: 'house/pids.required', mode: 'audit' }],
    });
    expect(answer.before.map((one) => one.now)).toEqual([
      'broken',
      'watched',
      'passes',
      'absent',
      'passes',
      'no-policy',
    ]);
    expect(answer.gaps).toEqual([]);
  });

  it('asks for the subject and the host of the record, and exceptions by the time that is given', () => {
    const documents = [
      {
        kind: 'Policy' as const,
        spec: { match: { hosts: ['host1'] }, controls: { privileged: { allow: false } } },
      },
      {
        kind: 'Exception' as const,
        spec: {
          rules: ['x/privileged'],
          match: { subjects: ['user:alice'] },
          reason: 'r',
          expires: '2026-12-31',
        },
      },
    ].map((one) => setSchemas[one.kind].parse({ apiVersion: 'bulwark/v1', metadata: { name: 'x' }, ...one }));
    const set = compileSet(
      'c'.repeat(64),
      documents.map((value) => ({ value, source: () => ({ file: 'x.yaml', line: 1 }) })),
    );
    const privileged = { HostConfig: { Privileged: true } };
    const alice = { subject: { name: 'alice', groups: [], method: 'tls' as const } };
    expect(rules(by(created(privileged), set))).toEqual(['x/privileged']);
    expect(rules(by(created(privileged, { host: 'host2' }), set))).toEqual([]);
    expect(by(created(privileged, alice), set).answer).toMatchObject({
      allow: true,
      exceptions: [{ exception: 'x', rules: ['x/privileged'] }],
    });
    const late = whatIf({ decision: created(privileged, alice), later: [] }, set, {
      protect,
      now: now + 1e11,
    });
    expect(late.answer?.allow).toBe(false);
  });

  // What is hidden matters where the set asks for it, and only there.
  it('tells of hidden values at which the set has looked', () => {
    const record = created({ Labels: { team: 'web' } });
    expect(by(record).gaps).toEqual([]);
    const labelled = policySetOf('x', {
      match: { labels: { team: 'web' } },
      controls: { pids: { max: 1 } },
    });
    expect(by(record, labelled).gaps).toEqual([{ kind: 'hidden', fields: ['container.labels'] }]);
  });

  it('tells what a record does not have of what the set would look at before it allows', () => {
    const start = recordOf('POST', '/v1.44/containers/web/start', undefined);
    expect(kinds(by(start))).toEqual(['stored']);
    // Where nothing is ever asked, nothing is missing.
    expect(kinds(by({ ...start, facts: 'off' }))).toEqual([]);
    expect(kinds(by(start, policySetOf('x', { profile: 'privileged' })))).toEqual([]);
    expect(kinds(by(created({ HostConfig: { Binds: ['/home/a:/a'] } })))).toEqual(['links']);
    expect(kinds(by(created({ HostConfig: { Binds: ['data:/a'] } })))).toEqual(['facts']);
    expect(kinds(by(created({ HostConfig: { Privileged: true, Binds: ['data:/a'] } })))).toEqual([]);
    expect(kinds(by(created({}, { truncated: true })))).toEqual(['truncated']);
  });

  it('does not hold against a request what only the daemon could mend, where there is one', () => {
    const nonRoot = policySetOf('x', { controls: { user: { nonRoot: 'require' } } });
    const answer = by(created({}), nonRoot);
    expect([answer.answer?.allow, kinds(answer)]).toEqual([true, ['facts']]);
    expect(rules(by(created({}, { facts: 'off' }), nonRoot))).toEqual(['x/user']);
  });

  it('has of requests that were counted the action alone', () => {
    const { object: _, ...record } = created({ HostConfig: { Privileged: true } });
    const answer = by({ ...record, count: 7 });
    expect([answer.answer?.allow, kinds(answer)]).toEqual([true, ['counted']]);
  });

  it('gives no answer to what was never read, which no set is asked about', () => {
    const { operation: _, policySet: __, ...record } = created({});
    const refused = { ...record, violations: [{ rule: 'unknown-route', ...said }] };
    expect(by(refused)).toMatchObject({ before: [{ rule: 'unknown-route', now: 'no-policy' }], gaps: [] });
    expect(by(refused)).not.toHaveProperty('answer');
  });
});

describe('revive()', () => {
  it('knows a seccomp profile by its digest', () => {
    const record = created({ HostConfig: { SecurityOpt: ['seccomp={"defaultAction":"x"}'] } });
    const listed = (text: string) =>
      policySetOf('x', { controls: { seccomp: { allowProfiles: [`sha256:${sha256(text)}`] } } });
    expect(rules(by(record, listed('{"defaultAction":"x"}')))).toEqual([]);
    expect(rules(by(record, listed('{}')))).toEqual(['x/seccomp']);
  });

  it('keeps whole numbers that no double holds', () => {
    const memory = 2n ** 62n;
    const record = created({});
    const container = { origin: 'create', limits: { memory: String(memory) } };
    expect(revive({ ...record, object: { container } })?.object.container?.limits.memory).toBe(memory);
  });

  it('words flags anew', () => {
    const record = created({ HostConfig: { Binds: ['/etc:/h:ro'] } });
    expect(revive(record)?.object.container?.mounts[0]?.flag).toBe('--volume /etc:/h:ro');
  });
});
