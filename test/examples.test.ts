import { describe, expect, test } from 'vitest';
import type { Message } from '../src/model/message.ts';
import { anonymous } from '../src/model/subject.ts';
import { normalize } from '../src/normalize/normalize.ts';
import type { AnyControl, Context, Example, Profile } from '../src/policy/control.ts';
import { controls } from '../src/policy/controls/index.ts';
import { concerns } from '../src/policy/evaluate.ts';
import { record } from './recorder.ts';

/** Under which the examples hold; those that speak of Bulwark's own things name these. */
const context: Context = {
  subject: anonymous,
  protect: { paths: ['/var/lib/bulwark'], sockets: [], container: 'bulwark', plugin: 'bulwark' },
};

const profiles: readonly Profile[] = ['baseline', 'restricted'];

const recordings = new Map<string, Promise<readonly Message[]>>();

/** The messages that dockerd would send for a command line; controls share many. */
function messagesOf(docker: string): Promise<readonly Message[]> {
  let messages = recordings.get(docker);
  if (messages === undefined) {
    messages = record(docker);
    recordings.set(docker, messages);
  }
  return messages;
}

function raw({ method, uri, body }: NonNullable<Example<unknown>['request']>): Message {
  if (body === undefined) return { method, uri, headers: {} };
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const headers = { 'Content-Type': 'application/json', 'Content-Length': `${bytes.length}` };
  return { method, uri, headers, body: bytes };
}

/** Those under which an example is told. */
function parametersOf(control: AnyControl, example: Example<unknown>): unknown {
  const parameters = 'with' in example ? control.parameters.parse(example.with) : control.profiles.baseline;
  if (parameters === undefined) throw new Error('an example without `with` needs a value in baseline');
  return parameters;
}

/** The parts of a control that an example breaks. What it breaks in a read on the way counts too. */
async function broken(
  control: AnyControl,
  example: Example<unknown>,
  parameters = parametersOf(control, example),
): Promise<string[]> {
  const messages = example.docker
    ? await messagesOf(example.docker)
    : example.request && [raw(example.request)];
  if (messages === undefined) throw new Error('an example is a docker command line or a request');
  const parts = new Set<string>();
  for (const message of messages) {
    // Either came out of this control's own schema, or is its own profile's value.
    const request = normalize(message);
    if (!concerns(control.reads, request)) continue;
    for (const { part = '' } of control.check(request, parameters as never, context)) parts.add(part);
  }
  return [...parts].sort();
}

function title({ docker, request, with: parameters }: Example<unknown>): string {
  const what = docker ?? `${request?.method} ${request?.uri} ${JSON.stringify(request?.body ?? '')}`;
  return parameters === undefined ? what : `${what} with ${JSON.stringify(parameters)}`;
}

describe.each(controls.map((control) => [control.name, control] as const))('%s', (_name, control) => {
  const examples = control.examples.map((example) => [title(example), example] as const);
  // The CLI takes a tenth of a second of a free processor; a busy machine has none.
  test.concurrent.each(examples)('%s', { timeout: 60_000 }, async (_title, example) => {
    const expected = [...(example.breaks ?? [])].sort();
    await expect(broken(control, example)).resolves.toEqual(expected);
  });

  test('its examples show both answers', () => {
    expect(control.examples.some(({ breaks }) => breaks === undefined)).toBe(true);
    expect(control.examples.some(({ breaks }) => breaks !== undefined)).toBe(true);
  });

  test.each(profiles)('its value in %s is what its schema would give', (profile) => {
    const value = control.profiles[profile];
    if (value !== undefined) expect(control.parameters.parse(value)).toEqual(value);
  });

  test('it is in restricted if it is in baseline', () => {
    if (control.profiles.baseline !== undefined) expect(control.profiles.restricted).toBeDefined();
  });

  const { baseline, restricted } = control.profiles;
  if (baseline === undefined) return;
  // What an example is told under does not matter: the command line alone is taken.
  test.concurrent.each(examples)(
    'breaks in restricted what it breaks in baseline: %s',
    { timeout: 60_000 },
    async (_title, example) => {
      const strict = await broken(control, example, restricted);
      expect(strict).toEqual(expect.arrayContaining(await broken(control, example, baseline)));
    },
  );
});
