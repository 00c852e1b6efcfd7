import { expect, it } from 'vitest';
import { z } from 'zod';
import { type Format, parseDocuments } from '../../policyfiles/yaml.ts';
import { type PolicyTest, policyTestSchema } from './schema.ts';

const format: Format<PolicyTest> = { kinds: new Map([['PolicyTest', policyTestSchema]]) };

/** A document's errors: the line, what is marked in it, what is wrong with that; `spec` begins on line 4. */
function errorsOf(spec: string): readonly string[] {
  const text = `apiVersion: bulwark/v1\nkind: PolicyTest\nmetadata: { name: t }\n${spec}`;
  return parseDocuments(text, 't.test.yaml', format).errors.map(({ at, message, hint }) => {
    const { line = 0, lineText = '', column = 1, endColumn = 1 } = at ?? {};
    const marked = lineText.slice(column - 1, endColumn - 1);
    return `${line} <${marked}> ${message}${hint === undefined ? '' : `; ${hint}`}`;
  });
}

/** One case, on line 6. */
const one = (text: string) => `spec:\n  cases:\n    - { name: a, ${text} }`;
const allow = 'expect: { decision: allow }';
const ping = 'request: { action: system.ping }';

it.each<[string, readonly string[]]>([
  [one(`docker: run alpine, ${allow}`), []],
  [one(`${ping}, ${allow}`), []],
  ['spec: { cases: [] }', ['4 <[]> a test without a case shows nothing']],
  ['spec: { as: user:alice }', ['4 <spec> missing key "cases"']],
  [one(allow), ['6 <{ name: a, expect: { decision: allow } }> give either `docker` or `request`']],
  [
    one(`docker: run alpine, ${ping}, ${allow}`),
    [
      '6 <{ name: a, docker: run alpine, request: { action: system.ping }, expect: { decision: allow } }> give either `docker` or `request`',
    ],
  ],
  [one('docker: run alpine'), ['6 <name> missing key "expect"']],
  [one(`docker: run alpine, expct: {}, ${allow}`), ['6 <expct> unknown key "expct"; did you mean "expect"?']],
  // The command line.
  [
    one(`docker: docker run alpine, ${allow}`),
    ['6 <docker run alpine> leave the `docker` at the beginning out'],
  ],
  [one(`docker: "run 'alpine", ${allow}`), ['6 <"run \'alpine"> a quote is not closed']],
  [one(`docker: "", ${allow}`), ['6 <""> write a command, such as `run alpine`']],
  [
    one(`docker: A=1 build ., ${allow}`),
    ['6 <A=1 build .> no variables are set here: write the request itself'],
  ],
  [
    one(`docker: login, ${allow}`),
    ['6 <login> `docker login` may act without asking a daemon, so it is not tried'],
  ],
  // The request.
  [one(`request: {}, ${allow}`), ['6 <request> give `method` and `uri`, or an `action`']],
  [one(`request: { method: GET }, ${allow}`), ['6 <request> give `method` and `uri`, or an `action`']],
  [
    one(`request: { action: system.ping, method: GET }, ${allow}`),
    ['6 <GET> an `action` goes with `resource`, `query` and `object`'],
  ],
  [
    one(`request: { method: GET, uri: /_ping, query: { a: 1 } }, ${allow}`),
    ['6 <{ a: 1 }> `query` goes with an `action`'],
  ],
  [
    one(`request: { action: container.crate }, ${allow}`),
    ['6 <container.crate> there is no action `container.crate`; did you mean `container.create`?'],
  ],
  [
    one(`request: { action: container.start }, ${allow}`),
    ['6 <request> `container.start` acts on something: name it, as in `resource: { name: web }`'],
  ],
  [
    one(`request: { action: container.prune, resource: { name: web } }, ${allow}`),
    ['6 <{ name: web }> `container.prune` acts on nothing that has a name: leave `resource` out'],
  ],
  [
    one(`request: { action: container.start, resource: { name: web }, object: {} }, ${allow}`),
    ['6 <{}> no plugin sees a body of `container.start`: leave `object` out'],
  ],
  [
    one(`request: { action: checkpoint.delete, resource: { name: web } }, ${allow}`),
    ['6 <{ name: web }> `checkpoint.delete` has two names: write its `method` and `uri`'],
  ],
  [
    one(`request: { action: image.pull }, ${allow}`),
    [
      '6 <image.pull> this would be `image.import`: what names an image (`fromImage`) pulls, what does not imports',
    ],
  ],
  // Facts, which are read as strictly as the daemon's answers.
  [
    one(`${ping}, facts: { container: { HostConfig: { Privileged: 1 } } }, ${allow}`),
    [
      '6 <{ HostConfig: { Privileged: 1 } }> what the daemon tells of a container cannot be read: `HostConfig.Privileged`: this is not true or false',
    ],
  ],
  [
    one(`${ping}, facts: { volumes: { data: { Options: [] } } }, ${allow}`),
    [
      '6 <{ Options: [] }> what the daemon tells of a volume cannot be read: `Options`: this is not an object',
    ],
  ],
  [
    one(`${ping}, facts: { contaner: {} }, ${allow}`),
    ['6 <contaner> unknown key "contaner"; did you mean "container"?'],
  ],
  // Who, when, and what is expected.
  [
    one(`${ping}, as: "group:web", ${allow}`),
    ['6 <"group:web"> name a user too, as in `user:alice,group:web`'],
  ],
  [one(`${ping}, now: 2027-01-31, ${allow}`), ['6 <2027-01-31> write a time such as 2027-01-31T12:00:00Z']],
  [
    one(`${ping}, expect: { decision: maybe }`),
    ['6 <maybe> "decision" must be "allow" or "deny", not "maybe"'],
  ],
  [one(`${ping}, expect: { decision: deny, rules: [] }`), ['6 <[]> name a rule, or leave it out']],
  [
    one(`${ping}, expect: { decision: allow, rules: [a/b] }`),
    ['6 <[a/b]> what is allowed breaks no rule that denies; what only watches is `observed`'],
  ],
  [
    one(`${ping}, expect: { decision: deny, exactly: true }`),
    ['6 <true> `exactly` needs one of `rules`, `observed` and `exceptions`'],
  ],
  [
    one(`${ping}, expect: { decision: deny, rules: ["no rule"] }`),
    [
      '6 <"no rule"> a rule is written as in `house/memory` or `house/memory.max`, with `*` for any, or is a code as in `body-absent`',
    ],
  ],
  // Every mistake at once.
  [
    `spec:\n  as: nobody\n  cases:\n    - { name: "", docker: docker run, ${allow} }\n    - { name: b, ${ping} }`,
    [
      '5 <nobody> write who asks as `user:alice,group:web`; `ou:`, `o:`, `cn:`, `dns:`, `email:`, `uri:` and `claim:` work too',
      '7 <""> say what it shows',
      '7 <docker run> leave the `docker` at the beginning out',
      '8 <name> missing key "expect"',
    ],
  ],
])('%#: %s', (spec, errors) => {
  expect(errorsOf(spec)).toEqual(errors);
});

it('describes every key of a case', () => {
  const schema = z.toJSONSchema(policyTestSchema, { io: 'input', unrepresentable: 'any' });
  const nameless: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties')
        for (const [name, property] of Object.entries(value as Record<string, { description?: string }>))
          if (property.description === undefined) nameless.push(`${path}.${name}`);
      walk(value, key === 'properties' ? path : `${path}.${key}`);
    }
  };
  walk(schema.properties?.['spec'], 'spec');
  expect(nameless).toEqual([]);
});
