import { describe, expect, it } from 'vitest';
import { takeHandedOver } from './handedOver.ts';

describe('takeHandedOver()', () => {
  // sd_listen_fds(3): the sockets are this process's where LISTEN_PID is, and begin at descriptor 3.
  it.each<[string, NodeJS.ProcessEnv, number | undefined]>([
    ['the one socket for this process', { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'x' }, 3],
    ['nothing where nothing is said', {}, undefined],
    ['nothing that is meant for another process', { LISTEN_PID: '6', LISTEN_FDS: '1' }, undefined],
    ['nothing where no process is named', { LISTEN_FDS: '1' }, undefined],
    ['nothing where no number is said', { LISTEN_PID: '7' }, undefined],
  ])('gives %s', (_, env, expected) => {
    expect(takeHandedOver(env, 7)).toBe(expected);
    expect(env).toEqual({});
  });

  it.each(['0', '2', '1x', ''])('refuses %j sockets', (count) => {
    const env = { LISTEN_PID: '7', LISTEN_FDS: count, PATH: '/bin' };
    expect(() => takeHandedOver(env, 7)).toThrow('not one socket was handed over');
    expect(env).toEqual({ PATH: '/bin' });
  });
});
