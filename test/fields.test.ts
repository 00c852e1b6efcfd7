import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GoType } from '../src/gojson/types.ts';
import type { FoundImage } from '../src/model/objects.ts';
import type { RequestObject } from '../src/model/request.ts';
import {
  readContainer,
  readImage,
  readInfo,
  readNetwork,
  readService,
  readVolume,
} from '../src/normalize/answers.ts';
import { queries } from '../src/normalize/describe/queries.ts';
import { answers, bodies, describedFields, ownerOf, parameters, structIn } from '../src/normalize/fields.ts';
import { fromInspect } from '../src/normalize/inspect.ts';
import { type Known, withFacts } from '../src/normalize/needs.ts';
import { normalize } from '../src/normalize/normalize.ts';
import { routes } from '../src/normalize/routes.ts';
import { fromService } from '../src/normalize/service.ts';
import { newestMinor } from '../src/normalize/target.ts';
import { controls } from '../src/policy/controls/index.ts';

const described = describedFields();
const names = new Set(described.map(({ name }) => name));
const structs = new Set(described.map(({ name }) => structOf(name)));

function structOf(name: string): string {
  return name.split('.', 1)[0] ?? '';
}

function isDescribed(name: string): boolean {
  return name.endsWith('.*') ? structs.has(structOf(name)) : names.has(name);
}

/** No field goes unjudged (design.md, section 5). */
describe('every described field', () => {
  const judged = new Set(controls.flatMap(({ fields }) => fields));

  it('is judged by a control, or harmless for a reason that stands in its description', () => {
    const open = described
      .filter(({ harmless, holds }) => harmless === undefined && !holds)
      .filter(({ name }) => !judged.has(name) && !judged.has(`${structOf(name)}.*`));
    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it('that is harmless says why', () => {
    expect(described.filter(({ harmless }) => harmless !== undefined && harmless.length < 8)).toEqual([]);
  });

  it('that a control judges is not called harmless', () => {
    const harmless = described.filter((field) => field.harmless !== undefined && judged.has(field.name));
    expect(harmless.map(({ name }) => name)).toEqual([]);
  });

  it('has the name by which the controls call it', () => {
    const unknown = controls.flatMap(({ name, fields }) =>
      fields.filter((field) => !isDescribed(field)).map((field) => `${name}: ${field}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the fields known to weaken isolation', () => {
  const sections: Record<string, string[]> = JSON.parse(
    readFileSync(new URL('./fixtures/security-fields.json', import.meta.url), 'utf8'),
  );

  it.each(Object.entries(sections))('%s: all described', (_, fields) => {
    expect(fields.filter((field) => !names.has(field))).toEqual([]);
  });
});

describe('the actions', () => {
  it('have a description of every JSON body', () => {
    const json = routes.filter(({ body }) => body === 'json' || body === 'json-or-none');
    expect(json.map(({ action }) => action).filter((action) => !(action in bodies))).toEqual([]);
  });

  it('have a description of every parameter that dockerd reads', () => {
    const known: { action: string; query?: string[] }[] = JSON.parse(
      readFileSync(new URL('./fixtures/api-actions.json', import.meta.url), 'utf8'),
    );
    const missing = known.flatMap(({ action, query = [] }) =>
      query.filter((key) => !(key in (queries[action]?.keys ?? {}))).map((key) => `${action}?${key}`),
    );
    expect(missing).toEqual([]);
  });
});

/** A change of one field: the bodies, or queries, before and after. */
interface Mutation {
  readonly action: string;
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/** Values that differ, by kind; the first two of a field's own come first. */
const own: Readonly<Record<string, readonly [unknown, unknown]>> = {
  'SeccompOpts.Mode': ['unconfined', 'custom'],
  'ServiceRestartPolicy.Condition': ['none', 'on-failure'],
  'Mount.Type': ['bind', 'volume'],
  'Mount.Source': ['/a', '/b'],
  'MountPoint.Type': ['bind', 'volume'],
  'TmpfsOptions.Options': [[['exec']], [['noexec']]],
  'BuildOutput.Type': ['local', 'tar'],
  'BuildOutput.Attrs': [{ name: 'a' }, { name: 'b' }],
  'PluginPrivilege.Name': ['mount', 'device'],
  'BuildQuery.version': ['1', '2'],
  // Values of build arguments are secrets and end at the door.
  'BuildQuery.buildargs': ['{"a":""}', '{"b":""}'],
  'Resources.BlkioWeight': [0, 100],
  'BuildQuery.cpuperiod': ['1000', '2000'],
  'ImportQuery.changes': ['USER 1', 'USER 2'],
  'CommitQuery.changes': ['LABEL a=1', 'LABEL a=2'],
};

/** Fields of which only that they are there is judged. */
const presence = new Set([
  'WeightDevice.Weight',
  'ThrottleDevice.Rate',
  'CAConfig.SigningCACert',
  'CAConfig.SigningCAKey',
]);

/** What must stand beside a field for it to act. */
const beside: Readonly<Record<string, object>> = {
  'Mount.ReadOnly': { Type: 'bind' },
  'ContainerInspect.Image': { Config: { Image: 'image' } },
  'MountPoint.Source': { Type: 'bind' },
  'MountPoint.Propagation': { Type: 'bind' },
  'MountPoint.Name': { Type: 'volume' },
  'MountPoint.Driver': { Type: 'volume' },
  'Resources.CpuPeriod': { CpuQuota: 1000 },
  'ResourceRequirements.SwapBytes': { Limits: { MemoryBytes: 1 } },
  'PluginPrivilege.Name': { Value: ['/a'] },
  'PluginPrivilege.Value': { Name: 'mount' },
  'HostConfig.VolumeDriver': { Binds: ['vol:/a'] },
  'ExternalCA.Options': { URL: 'https://a' },
};

/** What must stand beside the struct that holds the field. */
const besideHolder: Readonly<Record<string, object>> = {
  BindOptions: { Type: 'bind', ReadOnly: true },
  VolumeOptions: { Type: 'volume' },
  DriverConfig: {},
  TmpfsOptions: { Type: 'tmpfs' },
};

function valuesOf(name: string, type: GoType): readonly [unknown, unknown] {
  const special = own[name];
  if (special !== undefined) return special;
  switch (type.kind) {
    case 'bool':
      return [true, false];
    case 'int':
    case 'float':
      return [1000, 2000];
    case 'list': {
      const [first, second] = valuesOf('', type.of);
      return [[first], [second]];
    }
    case 'map': {
      const [first, second] = valuesOf('', type.of);
      return first instanceof Object ? [{ '/a': {} }, { '/b': {} }] : [{ a: first }, { a: second }];
    }
    case 'any':
      return [{}, {}];
    default:
      return ['a', 'b'];
  }
}

/** Every way to a field that is not harmless, as a function that puts a value there. */
function* waysIn(
  type: GoType,
  put: (value: unknown) => unknown,
): Generator<{ name: string; type: GoType; put: (value: unknown) => unknown }> {
  const struct = structIn(type);
  if (struct === undefined) {
    yield { name: '', type, put };
    return;
  }
  const wrap = (value: unknown, inner: GoType = type): unknown =>
    inner.kind === 'list'
      ? [wrap(value, inner.of)]
      : inner.kind === 'map'
        ? { k: wrap(value, inner.of) }
        : value;
  for (const [key, field] of Object.entries(struct.fields)) {
    if (field.harmless !== undefined) continue;
    const name = `${ownerOf(struct, key).name}.${key}`;
    const into = (value: unknown) =>
      put(wrap({ ...beside[name], ...besideHolder[structIn(field)?.name ?? ''], [key]: value }));
    if (structIn(field) === undefined) yield { name, type: field, put: into };
    else yield* waysIn(field, into);
  }
}

const mutations: Mutation[] = [
  ...Object.entries(bodies).flatMap(([action, type]) =>
    [...waysIn(type, (value) => value)].map(({ name, type: leaf, put }) => {
      const [before, after] = valuesOf(name, leaf).map((value) => JSON.stringify(put(value)));
      return {
        action,
        field: name || action,
        before: presence.has(name) ? '{}' : (before ?? ''),
        after: after ?? '',
      };
    }),
  ),
];

const queryMutations: Mutation[] = Object.entries(queries).flatMap(([action, { name, keys }]) =>
  Object.entries(keys)
    .filter(([, { harmless }]) => harmless === undefined)
    .flatMap(([key]) => {
      const json = action === 'build' && !(`${name}.${key}` in own) ? parameters[key] : undefined;
      const ways = json === undefined ? [] : [...waysIn(json, (value) => value)];
      const pairs =
        json === undefined
          ? [(own[`${name}.${key}`] ?? valuesOfQuery(key)).map(String)]
          : ways.map((way) => valuesOf(way.name, way.type).map((value) => JSON.stringify(way.put(value))));
      return pairs.map(([before = '', after = '']) => ({
        action,
        field: `${name}.${key}`,
        before: queryOf(action, key, before),
        after: queryOf(action, key, after),
      }));
    }),
);

/** Changes of one field of what the daemon answers to look-ups. */
const answerMutations: Mutation[] = Object.entries(answers).flatMap(([action, type]) =>
  [...waysIn(type, (value) => value)].map(({ name, type: leaf, put }) => {
    const [before = '', after = ''] = valuesOf(name, leaf).map((value) => JSON.stringify(put(value)));
    return { action, field: name, before: presence.has(name) ? '{}' : before, after };
  }),
);

/** A container that has what is looked up: a network by its id, a volume by its name, a runtime, a log driver. */
const lookedUp = {
  Image: 'i',
  Config: { Image: 'image' },
  HostConfig: { Runtime: 'a', LogConfig: { Type: 'a' } },
  Mounts: [{ Type: 'volume', Name: 'v', Destination: '/v', RW: true }],
  NetworkSettings: { Networks: { n: { NetworkID: 'a' } } },
};

/** The canonical objects of a stored container, or of a service, where the daemon answers this look-up so. */
function readStored(action: string, answer: string): readonly RequestObject[] {
  if (action === 'service.inspect') {
    const { specs } = readService(Buffer.from(JSON.stringify({ Spec: {}, ...JSON.parse(answer) })));
    return specs.map((spec) => fromService(spec, newestMinor));
  }
  const told: Readonly<Record<string, string>> = {
    'container.inspect': JSON.stringify(lookedUp),
    'volume.inspect': '{}',
    'network.inspect': '{"Id":"a"}',
    'image.inspect': '{}',
    'system.info': '{}',
    [action]: answer,
  };
  const bytes = (name: string) => Buffer.from(told[name] ?? '');
  const complete = { Id: 'c', Config: {}, HostConfig: {}, ...JSON.parse(told['container.inspect'] ?? '') };
  const known: Known = {
    networks: new Map([['a', readNetwork(bytes('network.inspect')).name]]),
    volumes: new Map([['v', readVolume(bytes('volume.inspect'))]]),
    images: new Map<string, FoundImage | 'absent'>([
      ['i', readImage(bytes('image.inspect'))],
      ['a', 'absent'],
    ]),
  };
  const inspected = readContainer(Buffer.from(JSON.stringify(complete)));
  return [withFacts(fromInspect(inspected, readInfo(bytes('system.info'))), known)];
}

function valuesOfQuery(key: string): readonly [unknown, unknown] {
  return /^(?:mem|cpu|shm)/.test(key) ? [1000, 2000] : ['a', 'b'];
}

function queryOf(action: string, key: string, value: string): string {
  const query = new URLSearchParams({ [key]: value });
  if (key === 'cpuperiod') query.set('cpuquota', '1000');
  if (key === 'tag' && action === 'image.pull') query.set('fromImage', 'x');
  if (key === 'tag' && /import|commit|image.tag/.test(action)) query.set('repo', 'x');
  return query.toString();
}

function read(action: string, query: string, body?: string): RequestObject {
  const route = routes.find(
    (candidate) => candidate.action === (action === 'image.import' ? 'image.pull' : action),
  );
  if (route === undefined) throw new Error(`no route for ${action}`);
  // 1.55 has every field.
  const uri = `/v1.55${route.path.replace(/\{\w+(?:\.\.\.)?\}/g, 'x')}?${query}`;
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const bytes = body === undefined ? undefined : Buffer.from(body);
  return normalize({ method: route.method, uri, headers, ...(bytes && { body: bytes }) }).object;
}

/** A field that does not reach the canonical object cannot be judged. */
describe('a field that is judged', () => {
  it('has a mutation, unless it holds others', () => {
    const tried = new Set([...mutations, ...queryMutations, ...answerMutations].map(({ field }) => field));
    const wanted = described.filter(({ harmless, holds }) => harmless === undefined && !holds);
    // Those of JSON parameters are tried by the parameter's name.
    const left = wanted.filter(({ name }) => !tried.has(name) && !/^BuildOutput/.test(name));
    expect(left.map(({ name }) => name)).toEqual([]);
  });

  it.each(mutations)('makes another object: $field of $action', ({ action, before, after }) => {
    expect(read(action, '', before)).not.toEqual(read(action, '', after));
  });

  it.each(answerMutations)('makes another stored object: $field of $action', ({ action, before, after }) => {
    expect(readStored(action, before)).not.toEqual(readStored(action, after));
  });

  it.each(queryMutations)('makes another object: $field of $action', ({ action, before, after }) => {
    const type = bodies[action];
    const body = type && (type.kind === 'list' ? '[]' : '{}');
    expect(read(action, before, body)).not.toEqual(read(action, after, body));
  });
});
