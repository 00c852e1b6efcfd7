import { describe, expect, it } from 'vitest';
import { Refusal } from '../model/error.ts';
import { normalize } from './normalize.ts';

function build(query: string) {
  return normalize({ method: 'POST', uri: `/v1.41/build?${query}`, headers: {} }).object.build;
}

function json(key: string, text: string): string {
  return `${key}=${encodeURIComponent(text)}`;
}

describe('build', () => {
  it('refuses a form body behind a second Content-Type, where the context is remote', () => {
    const headers = { 'Content-Type': 'application/x-tar', 'Content-Length': '5017' };
    const message = (query: string) => ({ method: 'POST', uri: `/v1.41/build?${query}`, headers });
    expect(() => normalize(message('remote=https://x/y.git'))).toThrow(
      expect.objectContaining({ code: 'body-unexpected' }),
    );
    expect(normalize(message('t=x')).object.build).toBeDefined();
    const none = { ...message('remote=https://x/y.git'), headers: { ...headers, 'Content-Length': '0' } };
    expect(normalize(none).object.build?.remote).toBe('https://x/y.git');
  });

  it('reads every parameter', () => {
    const query = [
      'version=2&remote=https://x/y.git&networkmode=host&securityopt=a&securityopt=b&extrahosts=h:1',
      'cgroupparent=/x&memory=1024&memswap=-1&cpuquota=50000&shmsize=64',
      json('buildargs', '{"TOKEN":"secret","EMPTY":null}'),
      json('labels', '{"a":"1"}'),
      json('ulimits', '[{"Name":"nofile","Soft":1,"Hard":-1}]'),
      json('cachefrom', '["a"]'),
      json('outputs', '[{"Type":"image","Attrs":{"push":"true"}},{"Type":"image"},{"Type":"local"}]'),
    ].join('&');
    expect(build(query)).toEqual({
      builder: 'buildkit',
      remote: 'https://x/y.git',
      networkMode: 'host',
      argNames: ['TOKEN', 'EMPTY'],
      labels: new Map([['a', '1']]),
      securityOpts: ['a', 'b'],
      extraHosts: ['h:1'],
      cgroupParent: '/x',
      outputs: ['registry', 'image', 'local'],
      cacheFrom: ['a'],
      memory: 1024n,
      memorySwap: -1n,
      nanoCpus: 500_000_000,
      shmSize: 64n,
      ulimits: [{ name: 'nofile', soft: 1, hard: -1 }],
    });
  });

  /** The daemon takes what does not parse for 0, which is no limit; so it must not count as one. */
  it.each(['', 'x', '1k', '1.5', ' 1', '0x10', '1_000', '9223372036854775808', '9'.repeat(100), '-0'])(
    'has no memory limit by %j',
    (value) => {
      expect(build(`memory=${encodeURIComponent(value)}`)).not.toHaveProperty('memory');
    },
  );

  it.each([
    ['+10', 10n],
    ['0010', 10n],
    ['9223372036854775807', 9223372036854775807n],
  ])('has the memory limit %s as %s', (value, memory) => {
    expect(build(`memory=${encodeURIComponent(value)}`)).toMatchObject({ memory });
  });

  /** Old clients send null for lists that they do not have. */
  it.each(['', 'null', '{}'])('has no arguments by %j', (text) => {
    expect(build(json('buildargs', text))?.argNames).toEqual([]);
  });

  it.each([
    ['buildargs', '{"A":"1","A":"2"}'],
    ['buildargs', '{"A":1}'],
    ['buildargs', '["A"]'],
    ['buildargs', '{"A":"1"} {}'],
    ['labels', '{'],
    ['ulimits', '[{"Name":"a","name":"b"}]'],
    ['ulimits', '[null]'],
    ['outputs', '[{"Type":"local","type":"image"}]'],
    ['outputs', '[{"Attr\u017f":{}}]'],
    ['cachefrom', '"a"'],
  ])('refuses as parameter-json: %s=%s', (key, text) => {
    let code = 'read';
    try {
      build(json(key, text));
    } catch (error) {
      if (error instanceof Refusal) code = error.code;
    }
    expect(code).toBe('parameter-json');
  });

  it('takes whatever is not version 2 for the classic builder, whose parameters act', () => {
    expect(['', '1', '3', '02'].map((version) => build(`version=${version}`)?.builder)).toEqual(
      Array(4).fill('classic'),
    );
  });
});
