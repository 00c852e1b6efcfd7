import fc from 'fast-check';
import type { FoundImage, ImageUse } from '../../src/model/objects.ts';
import type { AdmissionRequest, RequestObject } from '../../src/model/request.ts';
import { anonymous, type Subject } from '../../src/model/subject.ts';
import { normalize } from '../../src/normalize/normalize.ts';
import { compileSet, type PolicySet } from '../../src/policy/compile.ts';
import { evaluate, nothing } from '../../src/policy/evaluate.ts';
import type { Around } from '../../src/policy/match.ts';
import { type SetDocument, setSchemas } from '../../src/policy/schema.ts';
import type { Plain } from './plain.ts';

/** Few words, so that what is asked and what is said meet often. */
const people = ['alice', 'bob', 'team/carol', '..'];
const groups = ['web', 'ops', 'ou:Web', 'claim:team=web'];
const who = [
  '*',
  'user:alice',
  'user:b*',
  'cn:alice',
  'user:system:*',
  'group:web',
  'group:w*',
  'group:g1',
  'ou:Web',
  'ou:*b',
  'claim:team=web',
  'group:system:authenticated',
  'group:system:un*',
];
const actions = [
  '*',
  'container.*',
  'container.create',
  '*.create',
  'exec.*',
  'image.pull',
  'volume.*',
  'system.info',
  'build',
  'nothing.*',
];
const images = [
  'docker.io/library/alpine',
  'docker.io/library/**',
  'docker.io/library/alpine:3.*',
  'reg.example.com/{subject}/**',
  'reg.example.com/{group}/app',
  '**/app:latest',
  'docker.io/library/cafe',
];
const labels = [{ tier: 'prod' }, { tier: '*' }, { owner: '{subject}' }, { tier: 'prod', owner: 'al*' }];
const hosts = [['lab*'], ['other'], ['lab1', 'x']];
const rules = [
  'p0/*',
  'p1/privileged',
  '*/memory',
  'p0/memory.max',
  '*/hostNamespaces.network',
  '*/*',
  'p2/actions',
  'p*/capabilities*',
  'access/*',
];

const some = <T>(values: readonly T[], most = 3) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: most });
const maybe = <T>(arbitrary: fc.Arbitrary<T>, weight = 2) =>
  fc.option(arbitrary, { nil: undefined, freq: weight });

const match = fc
  .record({
    subjects: maybe(some(who)),
    actions: maybe(some(actions)),
    images: maybe(some(images)),
    labels: maybe(fc.constantFrom(...labels)),
    hosts: maybe(fc.constantFrom(...hosts)),
  })
  .map(stated)
  .filter((value) => Object.keys(value).length > 0);

const mode = fc.constantFrom('deny', 'deny', 'deny', 'audit', 'warn');
const controls = fc
  .record({
    privileged: maybe(fc.record({ mode: maybe(mode) }).map(stated)),
    memory: maybe(
      fc.record({ required: fc.boolean(), max: maybe(fc.constant('1g')), mode: maybe(mode) }).map(stated),
    ),
    hostNamespaces: maybe(fc.record({ mode: maybe(mode) }).map(stated)),
    capabilities: maybe(fc.constant({ allowAdd: [], requireDrop: ['ALL'] })),
    exec: maybe(fc.constant({ users: ['app'] })),
    actions: maybe(fc.constant({ deny: [{ actions: ['container.start', 'volume.*'], message: 'no.' }] })),
  })
  .map(stated);

export const policySpec = fc
  .record({
    match: maybe(match),
    exclude: maybe(match),
    mode: maybe(mode),
    profile: fc.constantFrom(undefined, undefined, undefined, 'baseline', 'privileged', 'restricted'),
    controls: maybe(controls, 6),
  })
  .map(stated);

const accessSpec = fc.record({
  subjects: some(who),
  allow: fc.array(fc.record({ actions: some(actions) }), { minLength: 1, maxLength: 2 }),
  deny: fc.array(fc.record({ actions: some(actions, 1) }), { maxLength: 1 }),
});

const member = fc.constantFrom(
  'user:alice',
  'user:b*',
  'ou:Web',
  'cn:bob',
  'group:web',
  'group:g1',
  'group:g2',
  'group:g3',
);
const subjectsSpec = fc.record({
  groups: fc.dictionary(
    fc.constantFrom('g1', 'g2', 'g3'),
    fc.record({ members: fc.uniqueArray(member, { maxLength: 3 }) }),
    { maxKeys: 3 },
  ),
});

const exceptionSpec = fc.record({
  rules: some(rules, 2),
  match: match,
  reason: fc.constant('a test'),
  expires: fc.constantFrom('2020-01-01', '2026-06-01', '2026-06-02T00:00:01Z', 'never'),
});

/** Documents as a file has them; at least one Policy. */
export const documents = fc
  .record({
    Policy: fc.array(policySpec, { minLength: 1, maxLength: 4 }),
    Access: fc.oneof(fc.constant([]), fc.array(accessSpec, { maxLength: 3 })),
    Subjects: fc.array(subjectsSpec, { maxLength: 2 }),
    Exception: fc.array(exceptionSpec, { maxLength: 3 }),
  })
  .map((kinds) =>
    Object.entries<readonly object[]>(kinds).flatMap(([kind, specs]) =>
      specs.map((spec, index) => document(kind, index, spec)),
    ),
  );

export function document(kind: string, index: number, spec: object): SetDocument {
  const name = `${kind.charAt(0).toLowerCase()}${index}`;
  const schema = setSchemas[kind as keyof typeof setSchemas];
  return schema.parse({ apiVersion: 'bulwark/v1', kind, metadata: { name }, spec });
}

function stated<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}

const subject: fc.Arbitrary<Subject> = fc.oneof(
  fc.constant(anonymous),
  fc.record({
    name: fc.constantFrom(...people),
    groups: fc
      .uniqueArray(fc.constantFrom(...groups), { maxLength: 3 })
      .map((own) => [...own, 'system:authenticated']),
    method: fc.constantFrom('tls', 'token'),
  }),
);

function post(uri: string, body?: unknown): AdmissionRequest {
  const headers = { 'Content-Type': 'application/json' };
  const bytes = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
  return normalize({
    method: 'POST',
    uri: `/v1.41${uri}`,
    headers: body === undefined ? {} : headers,
    ...bytes,
  });
}

function creates(): AdmissionRequest[] {
  const names = ['alpine:3.20', 'reg.example.com/alice/app', 'reg.example.com/web/app', 'cafe'];
  return names.flatMap((Image, index) =>
    [{}, { tier: 'prod' }, { tier: 'test', owner: 'alice' }].map((Labels, other) =>
      post('/containers/create', {
        ...{ Image, Labels },
        HostConfig: {
          Privileged: (index + other) % 2 === 0,
          Memory: [0, 512 * 1024 ** 2, 2 * 1024 ** 3][(index + other) % 3],
          NetworkMode: other === 1 ? 'host' : 'default',
          CapDrop: index % 2 === 0 ? ['ALL'] : [],
        },
      }),
    ),
  );
}

const made = creates();
const asked: readonly AdmissionRequest[] = [
  ...made,
  ...[
    '/containers/web/start',
    '/images/create?fromImage=alpine&tag=3.20',
    '/build?t=app',
    '/images/load',
  ].map((uri) => post(uri)),
  post('/containers/web/exec', { Cmd: ['id'], User: 'root' }),
  post('/containers/web/update', { Memory: 2 * 1024 ** 3 }),
  post('/volumes/create', { Name: 'data', Labels: { tier: 'prod' } }),
  post('/networks/create', { Name: 'net', Labels: { owner: 'alice' } }),
  normalize({ method: 'GET', uri: '/v1.41/info', headers: {} }),
];

const reference = (registry: string, repository: string, more: object) => ({
  ...{ given: repository, registry, repository, maybeId: false },
  ...more,
});
const digest = { digest: `sha256:${'a'.repeat(64)}` };
const found: readonly (ImageUse['found'] | undefined)[] = [
  undefined,
  undefined,
  'absent',
  { names: [], digests: [] },
  {
    names: [reference('docker.io', 'library/alpine', { tag: '3.20' })],
    digests: [reference('docker.io', 'library/alpine', digest)],
  },
  { names: [reference('reg.example.com', 'alice/app', { tag: 'latest' })], digests: [] },
  { names: [], digests: [reference('reg.example.com', 'web/app', digest)] },
] satisfies readonly (FoundImage | 'absent' | undefined)[];

function withFound({ images: uses, ...object }: RequestObject, image: ImageUse['found']): RequestObject {
  if (uses === undefined || image === undefined) return { ...object, ...(uses && { images: uses }) };
  return { ...object, images: uses.map((use) => (use.role === 'run' ? { ...use, found: image } : use)) };
}

/** A request and all that is known beside it. */
export const questions = fc
  .record({
    request: fc.constantFrom(...asked),
    image: fc.constantFrom(...found),
    subject,
    host: fc.constantFrom(undefined, 'lab1', 'other'),
    target: fc.constantFrom(undefined, undefined, ...made),
    factsToCome: fc.boolean(),
    targetToCome: fc.boolean(),
    now: fc.constantFrom(
      Date.parse('2026-06-01T23:59:59Z'),
      Date.parse('2026-06-02T00:00:00Z'),
      Date.parse('2026-06-02T00:00:01Z'),
    ),
  })
  .map(({ request, image, host, target, ...rest }) => ({
    request: { ...request, object: withFound(request.object, image) },
    around: {
      ...rest,
      protect: { paths: [], sockets: [], container: undefined, plugin: 'bulwark' },
      ...(host !== undefined && { host }),
      ...(target !== undefined && { target: target.object }),
    } satisfies Around,
  }));

export type Question = { readonly request: AdmissionRequest; readonly around: Around };

/** What the engine compiles of documents. */
export function setOf(all: readonly SetDocument[]): PolicySet {
  return compileSet(
    '0'.repeat(64),
    all.map((value) => ({ value, source: () => ({ file: 'x.yaml', line: 1 }) })),
  );
}

/** What the engine says, in the words of the plain one. */
export function answered(set: PolicySet, { request, around }: Question): Plain {
  const { violations, exceptions } = evaluate(set, request, around);
  const watched = set.watching === undefined ? nothing : evaluate(set.watching, request, around);
  return {
    allow: violations.length === 0,
    rules: violations.map(({ rule }) => rule).sort(),
    exceptions: [...exceptions].sort(),
    observed: watched.violations.map(({ rule }) => rule).sort(),
  };
}
