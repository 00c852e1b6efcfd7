import { describe, expect, it } from 'vitest';
import { anonymous } from '../model/subject.ts';
import { asSubject } from './asSubject.ts';

describe('asSubject()', () => {
  it.each([
    [undefined, anonymous],
    ['user:system:anonymous', anonymous],
    ['user:alice', { name: 'alice', groups: ['system:authenticated'], method: 'token' }],
    ['user:alice,group:web', { name: 'alice', groups: ['web', 'system:authenticated'], method: 'token' }],
    [' user:alice , group:web ', { name: 'alice', groups: ['web', 'system:authenticated'], method: 'token' }],
    ['ou:Web,cn:alice', { name: 'alice', groups: ['ou:Web', 'system:authenticated'], method: 'tls' }],
    [
      'user:a,claim:team=web',
      { name: 'a', groups: ['claim:team=web', 'system:authenticated'], method: 'token' },
    ],
  ])('reads %s', (text, subject) => {
    expect(asSubject(text)).toEqual({ subject });
  });

  it.each(['alice', '', 'user:', 'user:alice,', 'role:x,user:a', 'group:web', 'user:a,user:b', 'User:a'])(
    'refuses %j',
    (text) => {
      expect(asSubject(text)).toHaveProperty('error');
    },
  );
});
