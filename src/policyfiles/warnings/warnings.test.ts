import { describe, expect, it } from 'vitest';
import type { SetDocument } from '../../policy/schema.ts';
import { placeOf } from '../fileerror.ts';
import { policyFormat } from '../policyformat.ts';
import { type ParsedDocument, parseDocuments } from '../yaml.ts';
import { warningsOf } from './warnings.ts';

const now = Date.parse('2026-11-24T09:30:00Z');

/** Documents of `KIND NAME: SPEC`, one a line; with what keeps the set as a whole quiet. */
function warned(...documents: readonly string[]): readonly string[] {
  const all = [...documents, 'Access everybody: { subjects: ["*"], allow: [{ actions: ["*"] }] }'];
  return alone(...all, 'Policy quiet: { controls: { unknownFields: { allow: true } } }');
}

function alone(...documents: readonly string[]): readonly string[] {
  return warningsOf(documents.flatMap(parsed), now).map((error) => {
    const { code, message, hint } = error;
    return `${placeOf(error)} ${code}: ${message}${hint === undefined ? '' : `; ${hint}`}`;
  });
}

function parsed(text: string, index: number): readonly ParsedDocument<SetDocument>[] {
  const [, kind, name, spec] = /^(\w+) (\S+): (.*)$/s.exec(text) ?? [];
  const yaml = `apiVersion: bulwark/v1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
  const { documents, errors } = parseDocuments(yaml, `${index}.yaml`, policyFormat);
  expect(errors).toEqual([]);
  return documents;
}

const privileged = 'controls: { privileged: { allow: false } }';

describe('warningsOf()', () => {
  it.each<readonly [readonly string[], readonly string[]]>([
    // A whole set that denies nothing, or asks nobody who they are.
    [
      ['Policy p: {}'],
      [
        '0.yaml:4:1 policy-no-control: no policy has a control, so that everything is allowed; profile: baseline stops the known ways out',
        '0.yaml:2:7 access-none: no Access document beside it, so that whoever reaches the daemon may call every action; one with subjects: ["*"] and allow: [{ actions: ["*"] }] says that this is meant',
      ],
    ],
    [
      [
        'Policy p: { mode: audit, profile: baseline }',
        'Access a: { subjects: ["*"], allow: [{ actions: ["*"] }] }',
      ],
      [
        '0.yaml:4:9 policy-only-watches: every control of every policy only audits or warns, so that none of them denies anything; mode: deny, or none, blocks',
      ],
    ],
  ])('of the set as a whole: %j', (documents, expected) => {
    expect(alone(...documents)).toEqual(expected);
  });

  it.each<readonly [readonly string[], readonly string[]]>([
    [[], []],
    // A Policy that excludes all that it speaks of.
    [
      [`Policy p: { exclude: { subjects: ["*"] }, ${privileged} }`],
      [
        '0.yaml:4:9 policy-void: "exclude" lets alone all that this Policy speaks of, so that it never says anything; name fewer, or remove the document',
      ],
    ],
    [
      [
        'Policy p: { match: { subjects: ["user:a"], actions: [container.create] }, exclude: { actions: ["container.*"], subjects: ["group:web"] } }',
        'Subjects s: { groups: { all: { members: ["user:a"] }, web: { members: ["group:all"] } } }',
      ],
      [
        '0.yaml:4:71 policy-void: "exclude" lets alone all that this Policy speaks of, so that it never says anything; name fewer, or remove the document',
      ],
    ],
    [['Policy p: { match: { subjects: ["user:a", "user:b"] }, exclude: { subjects: ["user:a"] } }'], []],
    [['Policy p: { exclude: { subjects: ["*"], actions: ["container.*"] } }'], []],
    // What excludes by images is read more strictly than what matches by them.
    [['Policy p: { match: { images: [a] }, exclude: { images: [a] } }'], []],
    // A control that another Policy, which speaks of everything, has as hard or harder.
    [
      [
        'Policy house: { controls: { memory: { max: 1GiB }, pids: { max: 9 } } }',
        'Policy team: { match: { subjects: ["user:a"] }, mode: audit, controls: { memory: { max: 2GiB }, pids: { max: 8 } } }',
      ],
      [
        '1.yaml:4:67 control-void: "memory" says nothing here: the Policy "house", at 0.yaml:4, demands as much or more of every request; every Policy must pass, so one cannot loosen another: only an Exception can',
      ],
    ],
    [
      [
        'Policy house: { controls: { memory: { max: 1GiB } } }',
        'Policy team: { controls: { memory: { required: true } } }',
      ],
      [],
    ],
    [
      [
        'Policy house: { mode: audit, controls: { memory: { max: 1GiB } } }',
        'Policy team: { controls: { memory: { max: 2GiB } } }',
      ],
      [],
    ],
    // Of two profiles nothing is said; and an exception from the one leaves the other.
    [['Policy a: { profile: baseline }', 'Policy b: { profile: baseline }'], []],
    [
      [
        'Policy house: { controls: { memory: { max: 1GiB } } }',
        'Policy team: { controls: { memory: { max: 2GiB } } }',
        'Exception e: { rules: ["h*/memory.max"], match: { subjects: ["user:a"] }, reason: x, expires: 2027-03-01 }',
      ],
      [],
    ],
    // Actions that nobody can call.
    [
      [
        'Policy p: { match: { actions: [container.creat] }, exclude: { actions: [contaner.*] }, controls: { actions: { deny: [{ actions: [checkpoint.restore, image.build], message: x }] } } }',
        'Access a: { subjects: ["user:a"], allow: [{ actions: [container.rm, "build.*", "session.*", "nothing.*", container.fly] }] }',
      ],
      [
        '0.yaml:4:28 action-unknown: "container.creat" is the name of no action; did you mean "container.create"?',
        '0.yaml:4:69 action-unknown: "contaner.*" is the name of no action; did you mean "container.*"?',
        '0.yaml:4:146 action-unknown: "image.build" is the name of no action; did you mean "build"?',
        '1.yaml:4:51 action-unknown: "container.rm" is the name of no action; did you mean "container.delete"?',
        '1.yaml:4:76 action-unknown: "session.*" is the name of no action; did you mean "session"?',
        '1.yaml:4:89 action-unknown: "nothing.*" is the name of no action; an action is a kind and a verb, as in container.create, image.pull, volume.delete',
        expect.stringContaining(
          'action-unknown: "container.fly" is the name of no action; known here: container.list, ',
        ),
      ],
    ],
    // Grants that are taken away from all to whom they are given.
    [
      [
        'Access a: { subjects: ["user:a", "group:web"], allow: [{ actions: ["exec.*", container.start] }] }',
        'Access b: { subjects: ["group:web", "group:all"], deny: [{ actions: [exec.create, exec.start] }, { actions: [exec.inspect, exec.resize] }] }',
        'Subjects s: { groups: { all: { members: ["user:a"] } } }',
      ],
      [
        '0.yaml:4:64 grant-void: "exec.*" is granted in vain: 1.yaml:4 denies it to all who are named here; no grant outweighs a deny: remove one of them',
      ],
    ],
    [
      [
        'Access a: { subjects: ["user:a", "user:b"], allow: [{ actions: ["exec.*"] }] }',
        'Access b: { subjects: ["user:a"], deny: [{ actions: ["*"] }] }',
        'Access c: { subjects: ["user:c*"], allow: [{ actions: ["exec.*"] }], deny: [{ actions: [exec.start] }] }',
      ],
      [],
    ],
    // Exceptions from no rule.
    [
      [
        'Policy house: { profile: restricted }',
        'Exception e: { rules: [house/memory, house/memory.max, "*/mem*", "house/*.max", "h*/mem*x", "*/*", house/memry, hose/memory, house/shmSize, "*/shmSize", other/memory, access/a, "quiet/*"], match: { subjects: ["user:a"] }, reason: x, expires: 2027-03-01 }',
      ],
      [
        '1.yaml:4:93 exception-rule-unknown: "house/memry" is no rule of this set; did you mean "house/memory"?',
        '1.yaml:4:106 exception-rule-unknown: "hose/memory" is no rule of this set; did you mean "house/memory"?',
        '1.yaml:4:119 exception-rule-unknown: "house/shmSize" is no rule of this set; a rule is the name of a Policy and one of its controls, as a denial shows it',
        '1.yaml:4:134 exception-rule-unknown: "*/shmSize" is no rule of this set; a rule is the name of a Policy and one of its controls, as a denial shows it',
        '1.yaml:4:147 exception-rule-unknown: "other/memory" is no rule of this set; no Policy has the name "other"',
        '1.yaml:4:161 exception-rule-unknown: "access/a" cannot be let off: an exception is from a Policy, never from Access; grant the action in an Access document, or take the deny away',
      ],
    ],
    // When exceptions end. Today is 2026-11-24.
    [
      ['2026-11-23', '2026-11-24', '2026-11-24T09:00:00Z', '2026-12-07', '2026-12-08', 'never'].map(
        (expires, n) =>
          `Exception e${n}: { rules: [quiet/unknownFields], match: { subjects: ["user:a"] }, reason: x, expires: ${expires} }`,
      ),
      [
        '0.yaml:4:92 exception-ended: this exception ended less than a day ago, and does nothing; remove it, or agree on a new date',
        '1.yaml:4:92 exception-ends: this exception ends in less than a day; agree on a new date in time, or let it end',
        '2.yaml:4:92 exception-ended: this exception ended less than a day ago, and does nothing; remove it, or agree on a new date',
        '3.yaml:4:92 exception-ends: this exception ends in 13 days; agree on a new date in time, or let it end',
        '5.yaml:4:92 exception-endless: this exception never ends; a date makes somebody look again',
      ],
    ],
    // Labels are chosen by whoever asks.
    [
      [
        'Policy p: { exclude: { labels: { a: b }, actions: ["*"] } }',
        'Exception e: { rules: [quiet/unknownFields], match: { labels: { a: b }, subjects: ["*"] }, reason: x, expires: 2027-03-01 }',
        'Exception f: { rules: [quiet/unknownFields], match: { labels: { a: b }, images: [a] }, reason: x, expires: 2027-03-01 }',
        'Exception g: { rules: [quiet/unknownFields], match: { labels: { a: b }, subjects: ["user:a"] }, reason: x, expires: 2027-03-01 }',
      ],
      [
        '0.yaml:4:28 labels-alone: whoever asks chooses the labels, so that anybody can be let off by this; name subjects or images too',
        '1.yaml:4:56 labels-alone: whoever asks chooses the labels, so that anybody can be let off by this; name subjects or images too',
      ],
    ],
    [
      [
        'Policy p: { exclude: { labels: { house.tier: b } }, controls: { labels: { reserved: ["house.*"] } } }',
      ],
      [],
    ],
    // Groups of nearly the name of one that is defined.
    [
      [
        'Subjects s: { groups: { admins: { members: ["user:a"] }, team-a: { members: ["group:admin"] }, team1: { members: [] }, ci: { members: [] } } }',
        'Access a: { subjects: ["group:amdins", "group:team-b", "group:team2", "group:cd", "group:tokens", "group:ad*", "group:system:authenticated"], allow: [{ actions: [exec.start] }] }',
      ],
      [
        '0.yaml:4:72 group-unknown: no Subjects document has the group "admin"; a token may bring it; did you mean "group:admins"?',
        '1.yaml:4:20 group-unknown: no Subjects document has the group "amdins"; a token may bring it; did you mean "group:admins"?',
      ],
    ],
    [['Access a: { subjects: ["group:amdins"], allow: [{ actions: [exec.start] }] }'], []],
  ])('of what is in it: %j', (documents, expected) => {
    expect(warned(...documents)).toEqual(expected);
  });

  it('shows a hundred of a kind', () => {
    const many = Array.from(
      { length: 150 },
      (_, n) => `Policy p${n}: { match: { actions: [no${'x'.repeat(n)}] } }`,
    );
    expect(warned(...many)).toHaveLength(100);
  });
});
