import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { draftOf } from '../src/ledger/draft.ts';
import { Refusal } from '../src/model/error.ts';
import type { Message } from '../src/model/message.ts';
import type { AdmissionRequest } from '../src/model/request.ts';
import { anonymous } from '../src/model/subject.ts';
import { normalize } from '../src/normalize/normalize.ts';
import type { AnyControl, Context, Example } from '../src/policy/control.ts';
import { controls } from '../src/policy/controls/index.ts';
import { concerns } from '../src/policy/evaluate.ts';
import { revive } from '../src/tools/revive.ts';
import { record } from './recorder.ts';

const context: Context = {
  subject: anonymous,
  protect: { paths: ['/var/lib/bulwark'], sockets: [], container: 'bulwark', plugin: 'bulwark' },
};

/** The examples of which the record cannot tell all that a rule asks for, and why. These and no others. */
const lost: ReadonlyMap<string, string> = new Map([
  [
    'logging: docker run --log-driver own --log-opt own-ca-file=/etc/shadow alpine',
    'values of options of foreign log drivers are hidden, so that no path can be seen in them',
  ],
  [
    'labels: docker run --label team= alpine with {"required":["team"],"reserved":[]}',
    'values of labels are hidden, also empty ones',
  ],
]);

const recordings = new Map<string, Promise<readonly Message[]>>();

function messagesOf({ docker, request }: Example<unknown>): Promise<readonly Message[]> {
  if (docker === undefined) return Promise.resolve(request ? [raw(request)] : []);
  const messages = recordings.get(docker) ?? record(docker);
  recordings.set(docker, messages);
  return messages;
}

function raw({ method, uri, body }: NonNullable<Example<unknown>['request']>): Message {
  if (body === undefined) return { method, uri, headers: {} };
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const headers = { 'Content-Type': 'application/json', 'Content-Length': `${bytes.length}` };
  return { method, uri, headers, body: bytes };
}

/** By way of the text of a record. */
function recorded(request: AdmissionRequest) {
  const decision = { id: '', allow: true, action: request.action, subject: anonymous, violations: [] };
  return JSON.parse(JSON.stringify(draftOf({ decision, request }, 'host1')));
}

function revivedOf(request: AdmissionRequest, looked?: (path: string) => void): AdmissionRequest {
  const again = revive(recorded(request), looked);
  if (again === undefined) throw new Error('it has an operation');
  return again;
}

function rulesOf(control: AnyControl, request: AdmissionRequest, parameters: unknown): readonly string[] {
  if (!concerns(control.reads, request)) return [];
  // Either came out of this control's own schema, or is its own profile's value.
  return control.check(request, parameters as never, context).map(({ part = '' }) => part);
}

function parametersOf(control: AnyControl, example: Example<unknown>): readonly unknown[] {
  const own = 'with' in example ? [control.parameters.parse(example.with)] : [];
  return [...own, ...Object.values(control.profiles)];
}

function title({ docker, request, with: parameters }: Example<unknown>): string {
  const what = docker ?? `${request?.method} ${request?.uri} ${JSON.stringify(request?.body ?? '')}`;
  return parameters === undefined ? what : `${what} with ${JSON.stringify(parameters)}`;
}

describe.each(controls.map((control) => [control.name, control] as const))('%s', (name, control) => {
  const examples = control.examples.map((example) => [title(example), example] as const);
  test.concurrent.each(examples)(
    'says the same of what a record has of %s',
    { timeout: 60_000 },
    async (of, example) => {
      let differs = false;
      for (const message of await messagesOf(example)) {
        const request = normalize(message);
        const looks: string[] = [];
        const again = revivedOf(request, (path) => looks.push(path));
        for (const parameters of parametersOf(control, example)) {
          looks.length = 0;
          const then = rulesOf(control, request, parameters);
          const now = rulesOf(control, again, parameters);
          if (!lost.has(`${name}: ${of}`)) expect(now).toEqual(then);
          else if (JSON.stringify(now) !== JSON.stringify(then)) {
            differs = true;
            // What is lost is told: the rule has looked at a field in which something is hidden.
            expect(looks).not.toEqual([]);
          }
        }
      }
      expect(differs).toBe(lost.has(`${name}: ${of}`));
    },
  );
});

/** A request as a real daemon told it to its plugin. */
interface Capture {
  readonly name: string;
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body64?: string;
}

function captures(release: string): readonly Capture[] {
  const file = new URL(`./fixtures/captures/${release}.jsonl`, import.meta.url);
  // The fixture's lines were written in this shape.
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Capture);
}

function readOf({ method, uri, headers, body, body64 }: Capture): AdmissionRequest | undefined {
  const bytes = body64 === undefined ? body && Buffer.from(body) : Buffer.from(body64, 'base64');
  try {
    return normalize({ method, uri, headers, ...(bytes && { body: bytes }) });
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

describe.each(['20.10.24', '28.5.2'])('of what docker %s sent', (release) => {
  const requests = captures(release).flatMap((capture) => {
    const request = readOf(capture);
    return request === undefined ? [] : [[capture.name, request] as const];
  });

  test('the profiles say the same of the record of every request', () => {
    expect(requests.length).toBeGreaterThan(150);
    for (const [name, request] of requests) {
      const again = revivedOf(request);
      for (const control of controls) {
        for (const [profile, parameters] of Object.entries(control.profiles)) {
          const then = rulesOf(control, request, parameters);
          expect(rulesOf(control, again, parameters), `${name}: ${control.name}, ${profile}`).toEqual(then);
        }
      }
    }
  });

  test('a record of what came back has the same object', () => {
    for (const [name, request] of requests) {
      const once = recorded(request);
      expect(recorded(revivedOf(request)), name).toEqual({ ...once, time: expect.anything() });
    }
  });
});
