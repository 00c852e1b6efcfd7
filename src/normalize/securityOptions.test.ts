import { describe, expect, it } from 'vitest';
import { parseSecurityOptions } from './securityOptions.ts';

describe('parseSecurityOptions()', () => {
  it.each<[string[], object]>([
    [['seccomp=unconfined'], { seccomp: 'unconfined' }],
    // Only where there is no `=` does the first colon divide.
    [['seccomp:unconfined'], { seccomp: 'unconfined' }],
    [['seccomp=builtin'], { seccomp: 'builtin' }],
    [['seccomp='], {}],
    [['seccomp={}'], { seccomp: 'custom', seccompProfile: '{}' }],
    [['seccomp={"a":"b=c"}'], { seccomp: 'custom', seccompProfile: '{"a":"b=c"}' }],
    // Passes create, is taken for JSON at the start.
    [['seccomp=UNCONFINED'], { seccomp: 'custom', seccompProfile: 'UNCONFINED' }],
    // The last one of a kind counts.
    [['seccomp={}', 'seccomp=unconfined'], { seccomp: 'unconfined' }],
    [['apparmor=unconfined'], { appArmor: 'unconfined' }],
    [['apparmor:mine'], { appArmor: 'mine' }],
    [['label=disable'], { labelDisable: true }],
    [['label:disable'], { labelDisable: true }],
    [['disable'], { labelDisable: true }],
    [['label=type:t', 'label:user:u'], { labels: ['type:t', 'user:u'] }],
    [['no-new-privileges'], { noNewPrivileges: true }],
    [['no-new-privileges=T'], { noNewPrivileges: true }],
    [['no-new-privileges', 'no-new-privileges=0'], { noNewPrivileges: false }],
    [['writable-cgroups'], { writableCgroups: true }],
    [['writable-cgroups=true'], { writableCgroups: true }],
    [
      ['no-new-privileges=yes', 'Seccomp=unconfined', ' seccomp=unconfined', 'x'],
      {
        other: ['no-new-privileges=yes', 'Seccomp=unconfined', ' seccomp=unconfined', 'x'],
      },
    ],
  ])('%j', (options, expected) => {
    expect(parseSecurityOptions(options)).toEqual({
      labelDisable: false,
      labels: [],
      writableCgroups: false,
      other: [],
      ...expected,
    });
  });
});
