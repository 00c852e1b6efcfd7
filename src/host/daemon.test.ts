import { describe, expect, it } from 'vitest';
import { flagsOf } from './daemon.ts';

describe('flagsOf()', () => {
  // A command line, and what dockerd takes from it.
  it.each([
    [[], {}],
    [['-H', 'fd://', '--containerd=/run/c.sock'], { host: ['fd://'], containerd: ['/run/c.sock'] }],
    [
      ['-Hunix://', '--host', 'tcp://127.0.0.1:2375', '-H=fd://'],
      { host: ['unix://', 'tcp://127.0.0.1:2375', 'fd://'] },
    ],
    [
      ['--tlsverify', '--config-file', '/x/daemon.json'],
      { tlsverify: ['true'], 'config-file': ['/x/daemon.json'] },
    ],
    [['--icc=false', '-D'], { icc: ['false'], debug: ['true'] }],
    [['--label', 'a=b=c', '--rootless'], { label: ['a=b=c'], rootless: ['true'] }],
    [['--authorization-plugin=a', '--authorization-plugin=b'], { 'authorization-plugin': ['a', 'b'] }],
  ])('reads %j', (args, flags) => {
    expect(Object.fromEntries(flagsOf(args))).toEqual(flags);
  });
});
