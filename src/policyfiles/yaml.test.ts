import { describe, expect, it } from 'vitest';
import { formatFileError } from './fileerror.ts';
import { policyFormat } from './policyformat.ts';
import { parseDocuments } from './yaml.ts';

/** What `check` prints for a file, with a line end before the first line for the tables' sake. */
function printed(text: string): string {
  const { errors } = parseDocuments(text, 'team.yaml', policyFormat);
  return `\n${errors.map((error) => `${formatFileError(error)}\n`).join('')}`;
}

/** A Policy whose `spec` begins on line 4. */
function policy(spec: string): string {
  return `apiVersion: bulwark/v1\nkind: Policy\nmetadata: { name: team }\n${spec}\n`;
}

describe('parseDocuments()', () => {
  it.each([
    // The example of the design.
    [
      policy('spec:\n  controls:\n    capabilities:\n      requireDorp: [ALL]'),
      `
team.yaml:7:7: error: unknown key "requireDorp"
    7 |       requireDorp: [ALL]
      |       ^^^^^^^^^^^ did you mean "requireDrop"?
`,
    ],
    // All mistakes in one run, in the file's order, each once.
    [
      policy('spec:\n  profile: baselin\n  controls:\n    capabilites: {}\n    privileged: yes\n  extra: 1'),
      `
team.yaml:5:12: error: "profile" must be "privileged" or "baseline" or "restricted", not "baselin"
    5 |   profile: baselin
      |            ^^^^^^^ did you mean "baseline"?
team.yaml:7:5: error: unknown key "capabilites"
    7 |     capabilites: {}
      |     ^^^^^^^^^^^ did you mean "capabilities"?
team.yaml:8:17: error: "privileged" must be a map of keys and values, not "yes"
    8 |     privileged: yes
      |                 ^^^ known here: allow, mode
team.yaml:9:3: error: unknown key "extra"
    9 |   extra: 1
      |   ^^^^^ known here: match, exclude, mode, profile, controls, variables, rules
`,
    ],
    // Mistyped keys: that the right ones are missing is not said too.
    [
      'apiversion: bulwark/v1\nknd: Policy\nmetadata: { nmae: x }\nspec: {}\n',
      `
team.yaml:1:1: error: unknown key "apiversion"
    1 | apiversion: bulwark/v1
      | ^^^^^^^^^^ did you mean "apiVersion"?
team.yaml:2:1: error: unknown key "knd"
    2 | knd: Policy
      | ^^^ did you mean "kind"?
team.yaml:3:13: error: unknown key "nmae"
    3 | metadata: { nmae: x }
      |             ^^^^ did you mean "name"?
`,
    ],
    // The right key is there as well, and wrong too: two mistakes.
    [
      policy('spec: {}').replace('name: team', 'nmae: x, name: 12'),
      `
team.yaml:3:13: error: unknown key "nmae"
    3 | metadata: { nmae: x, name: 12 }
      |             ^^^^ did you mean "name"?
team.yaml:3:28: error: "name" must be text, not 12
    3 | metadata: { nmae: x, name: 12 }
      |                            ^^ did you mean "12", with quotes?
`,
    ],
    // Missing keys are marked at their parent.
    [
      'kind: Policy\nmetadata: {}\nspec: {}\n',
      `
team.yaml:1:1: error: missing key "apiVersion"
    1 | kind: Policy
      | ^^^^
team.yaml:2:1: error: missing key "name"
    2 | metadata: {}
      | ^^^^^^^^
`,
    ],
    // Values of a wrong type, and what YAML makes of a word without quotes.
    [
      policy('spec: { controls: { capabilities: { requireDrop: ALL, allowAdd: [1, true, null] } } }'),
      `
team.yaml:4:50: error: "requireDrop" must be a list, not "ALL"
    4 | spec: { controls: { capabilities: { requireDrop: ALL, allowAdd: [1, true, null] } } }
      |                                                  ^^^ did you mean [ALL]?
team.yaml:4:66: error: an entry of "allowAdd" must be text, not 1
    4 | spec: { controls: { capabilities: { requireDrop: ALL, allowAdd: [1, true, null] } } }
      |                                                                  ^ did you mean "1", with quotes?
team.yaml:4:69: error: an entry of "allowAdd" must be text, not true
    4 | spec: { controls: { capabilities: { requireDrop: ALL, allowAdd: [1, true, null] } } }
      |                                                                     ^^^^ did you mean "true", with quotes?
team.yaml:4:75: error: an entry of "allowAdd" must be text, not empty
    4 | spec: { controls: { capabilities: { requireDrop: ALL, allowAdd: [1, true, null] } } }
      |                                                                           ^^^^ did you mean "null", with quotes?
`,
    ],
    [
      policy('spec:\n  controls:\n    privileged: { allow: no }\n    capabilities:'),
      `
team.yaml:6:26: error: "allow" must be true or false, not "no"
    6 |     privileged: { allow: no }
      |                          ^^ did you mean false?
team.yaml:7:5: error: "capabilities" must be a map of keys and values, not empty
    7 |     capabilities:
      |     ^^^^^^^^^^^^ known here: allowAdd, requireDrop, mode
`,
    ],
    [
      'apiVersion: bulwark/v1\nkind: Access\nmetadata: { name: x }\nspec: { allow: [] }\n',
      `
team.yaml:4:1: error: missing key "subjects"
    4 | spec: { allow: [] }
      | ^^^^
`,
    ],
    [
      'apiVersion: bulwark/v1\nkind: PolicyTest\nmetadata: { name: x }\nspec: {}\n',
      `
team.yaml:2:7: error: tests of policies belong in a file that ends in .test.yaml
    2 | kind: PolicyTest
      |       ^^^^^^^^^^
`,
    ],
    // Wrong kinds, near and far, and another program's document.
    [
      'apiVersion: bulwark/v1\nkind: policy\nmetadata: { name: x }\nspec: {}\n',
      `
team.yaml:2:7: error: "kind" must be "Policy", not "policy"
    2 | kind: policy
      |       ^^^^^^ did you mean "Policy"?
`,
    ],
    [
      'apiVersion: bulwark/v1\nkind: Pod\nmetadata: { name: x }\nspec: {}\n',
      `
team.yaml:2:7: error: unknown kind "Pod"
    2 | kind: Pod
      |       ^^^ known here: Policy, Access, Subjects, Exception, Quota
`,
    ],
    [
      'apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { containers: [] }\n',
      `
team.yaml:1:13: error: "apiVersion" must be "bulwark/v1", not "v1"
    1 | apiVersion: v1
      |             ^^ documents of other programs belong outside of the policy folders
`,
    ],
    [
      '- a\n---\nhello\n',
      `
team.yaml:1:1: error: a document must be a map of keys and values, not a list
    1 | - a
      | ^^^ known here: apiVersion, kind, metadata, spec
team.yaml:3:1: error: a document must be a map of keys and values, not "hello"
    3 | hello
      | ^^^^^ known here: apiVersion, kind, metadata, spec
`,
    ],
    // Names are the first part of rule ids.
    [
      policy('spec: {}').replace('team', 'a/b'),
      `
team.yaml:3:19: error: a name has letters, digits, \`.\`, \`_\` and \`-\`, at most 63
    3 | metadata: { name: a/b }
      |                   ^^^
`,
    ],
    [
      policy('spec: {}').replace('team', '12'),
      `
team.yaml:3:19: error: "name" must be text, not 12
    3 | metadata: { name: 12 }
      |                   ^^ did you mean "12", with quotes?
`,
    ],
    // Each document's mistakes, and the good ones beside them say nothing.
    [
      `${policy('spec: {}')}---\n${policy('spec: { profil: baseline }')}---\n${policy('spec: [')}`,
      `
team.yaml:9:9: error: unknown key "profil"
    9 | spec: { profil: baseline }
      |         ^^^^^^ did you mean "profile"?
team.yaml:14:7: error: "[" is not closed, or what closes it is not indented
   14 | spec: [
      |       ^
`,
    ],
  ])('says of %j', (text, expected) => {
    expect(printed(text)).toBe(expected);
  });

  it.each([
    [
      policy('spec: {}\nspec: { profile: baseline }'),
      `
team.yaml:5:1: error: the key "spec" stands here twice
    5 | spec: { profile: baseline }
      | ^^^^ remove one of them
`,
    ],
    // A pattern without quotes is the commonest alias.
    [
      policy('spec: { controls: { capabilities: { allowAdd: [*ADMIN*] } } }'),
      `
team.yaml:4:48: error: aliases are not read here: a word with \`*\` needs quotes
    4 | spec: { controls: { capabilities: { allowAdd: [*ADMIN*] } } }
      |                                                ^^^^^^^ did you mean "*ADMIN*"?
`,
    ],
    [
      policy('spec: { controls: { capabilities: { allowAdd: [*] } } }'),
      `
team.yaml:4:48: error: a word cannot begin with this character
    4 | spec: { controls: { capabilities: { allowAdd: [*] } } }
      |                                                ^ put it in quotes
`,
    ],
    [
      policy('spec: &all\n  profile: &p baseline'),
      `
team.yaml:4:1: error: anchors such as "&all" are not read here
    4 | spec: &all
      | ^^^^ write the value out
team.yaml:5:3: error: anchors such as "&p" are not read here
    5 |   profile: &p baseline
      |   ^^^^^^^ write the value out
`,
    ],
    [
      policy('spec: { profile: !!str baseline }'),
      `
team.yaml:4:9: error: YAML tags are not read here
    4 | spec: { profile: !!str baseline }
      |         ^^^^^^^ remove the word with \`!\`
`,
    ],
    // YAML 1.1 would read \`no\` as false.
    [
      `%YAML 1.1\n---\n${policy('spec: {}')}`,
      `
team.yaml:1:1: error: YAML directives are not read here
    1 | %YAML 1.1
      | ^^^^^^^^^
`,
    ],
    [
      policy('spec: {}\n__proto__: {}'),
      `
team.yaml:5:1: error: the key "__proto__" cannot be used
    5 | __proto__: {}
      | ^^^^^^^^^
`,
    ],
    [
      policy('spec:\n\tprofile: baseline'),
      `
team.yaml:5:1: error: a tab cannot indent in YAML
    5 |     profile: baseline
      | ^^^^ use spaces
`,
    ],
    [
      policy('spec:\n  profile: "baseline\n  controls: {}'),
      `
team.yaml:5:12: error: a quote is not closed
    5 |   profile: "baseline
      |            ^
`,
    ],
    [
      policy('spec:\n  controls: { privileged: { allow: true }'),
      `
team.yaml:5:13: error: "{" is not closed, or what closes it is not indented
    5 |   controls: { privileged: { allow: true }
      |             ^
`,
    ],
    [
      policy('spec:\n  profile: a: b'),
      `
team.yaml:5:12: error: a second key on one line
    5 |   profile: a: b
      |            ^ a value with a colon and a blank in it needs quotes
`,
    ],
    [
      policy('spec:\n  profile: baseline\n  controls'),
      `
team.yaml:6:3: error: a key without its colon
    6 |   controls
      |   ^^^^^^^^
`,
    ],
    [
      policy('spec:\n  profile: baseline\n controls: {}'),
      `
team.yaml:6:2: error: indented unlike what it stands beside
    6 |  controls: {}
      |  ^ keys of one map, and entries of one list, begin below each other
`,
    ],
    [
      policy('? [a]\n: 1'),
      `
team.yaml:4:3: error: a key must be a word
    4 | ? [a]
      |   ^ put it in quotes
`,
    ],
    [
      policy(`spec: { x: ${'['.repeat(30)}${']'.repeat(30)} }`).replace('x:', 'profile:'),
      `
team.yaml:4:18: error: "profile" must be "privileged" or "baseline" or "restricted", not a list
    4 | spec: { profile: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] }
      |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
`,
    ],
  ])('refuses the YAML of %j', (text, expected) => {
    expect(printed(text)).toBe(expected);
  });

  it.each([
    // Wide characters fill two cells of a terminal.
    [
      policy('spec: { "日本語": 1, profile: "ベース" }'),
      `
team.yaml:4:9: error: unknown key "日本語"
    4 | spec: { "日本語": 1, profile: "ベース" }
      |         ^^^^^^^^ known here: match, exclude, mode, profile, controls, variables, rules
team.yaml:4:28: error: "profile" must be "privileged" or "baseline" or "restricted", not "ベース"
    4 | spec: { "日本語": 1, profile: "ベース" }
      |                               ^^^^^^^^
`,
    ],
    // What would act on the terminal, or make an editor show another text, is shown as an escape.
    [
      policy('# \u001b[2J\nspec: { profile: "\u202ebaseline" }'),
      `
team.yaml:4:3: error: the character "\\u001b" cannot stand in this file
    4 | # \\u001b[2J
      |   ^^^^^^
team.yaml:5:19: error: the character "\\u202e" cannot stand in this file
    5 | spec: { profile: "\\u202ebaseline" }
      |                   ^^^^^^
`,
    ],
    [
      policy('spec: { profile: "\\e[2J" }'),
      `
team.yaml:4:18: error: "profile" must be "privileged" or "baseline" or "restricted", not "\\u001b[2J"
    4 | spec: { profile: "\\e[2J" }
      |                  ^^^^^^^
`,
    ],
    // Lines end in either way.
    [
      policy('spec: { profil: baseline }').replaceAll('\n', '\r\n'),
      `
team.yaml:4:9: error: unknown key "profil"
    4 | spec: { profil: baseline }
      |         ^^^^^^ did you mean "profile"?
`,
    ],
    // Long lines are cut around the caret.
    [
      policy(
        `spec: { ${'x'.repeat(70)}: 1, yy: 2, profile: baseline, controls: { privileged: {}, capabilities: {} } }`,
      ),
      `
team.yaml:4:9: error: unknown key "${'x'.repeat(60)}…"
    4 | spec: { ${'x'.repeat(70)}: 1, yy: 2, profile: baseline, controls: { privile…
      |         ${'^'.repeat(60)} known here: match, exclude, mode, profile, controls, variables, rules
team.yaml:4:84: error: unknown key "yy"
    4 | …${'x'.repeat(55)}: 1, yy: 2, profile: baseline, controls: { privileged: {}, capabili…
      |  ${' '.repeat(60)}^^ known here: match, exclude, mode, profile, controls, variables, rules
`,
    ],
  ])('prints for a terminal: %j', (text, expected) => {
    expect(printed(text)).toBe(expected);
  });

  it.each([
    // Nothing, in many ways.
    ['', 0],
    ['# a comment\n', 0],
    ['---\n---\n', 0],
    [policy('spec: {}'), 1],
    [`---\n${policy('spec: {}')}---\n# the end\n`, 1],
    [`\ufeff${policy('spec: {}')}`.slice(1), 1],
    [`${policy('spec: {}')}---\n${policy('spec: { profile: baseline }')}`, 2],
    [
      '{"apiVersion":"bulwark/v1","kind":"Policy","metadata":{"name":"json"},"spec":{"profile":"baseline"}}',
      1,
    ],
  ])('reads %j', (text, count) => {
    const { documents, errors } = parseDocuments(text, 'team.yaml', policyFormat);
    expect(errors).toEqual([]);
    expect(documents).toHaveLength(count);
  });

  it('reads YAML 1.2: `no` is a word', () => {
    const text = policy('spec: { controls: { groupAdd: { allow: [no, on, 0o7x] } } }');
    expect(parseDocuments(text, 'x', policyFormat).documents[0]?.value.spec).toEqual({
      controls: { groupAdd: { allow: ['no', 'on', '0o7x'] } },
    });
  });

  it('knows where keys and values stand', () => {
    const [document] = parseDocuments(policy('spec:\n  profile: baseline'), 'x', policyFormat).documents;
    expect(document?.keyAt(['spec', 'profile'])).toMatchObject({ line: 5, column: 3, endColumn: 10 });
    expect(document?.valueAt(['spec', 'profile'])).toMatchObject({ line: 5, column: 12, endColumn: 20 });
    // For what is not written down: the nearest key above it.
    expect(document?.keyAt(['spec', 'controls', 'privileged'])).toMatchObject({ line: 4, column: 1 });
  });

  it('refuses the billion laughs without expanding them', () => {
    const laughs = Array.from(
      { length: 30 },
      (_, level) => `l${level + 1}: &l${level + 1} [*l${level}, *l${level}]\n`,
    );
    const { errors } = parseDocuments(`l0: &l0 ha\n${laughs.join('')}`, 'x', policyFormat);
    expect(errors.length).toBeGreaterThan(60);
  });

  it('cuts a flood of errors', { timeout: 60_000 }, () => {
    const { errors } = parseDocuments(policy('a: 1\n'.repeat(500)), 'x', policyFormat);
    expect(errors).toHaveLength(100);
    expect(parseDocuments('\u0000'.repeat(200_000), 'x', policyFormat).errors).toHaveLength(100);
  });
});
