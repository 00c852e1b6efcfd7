/** Clients that ask a daemon without a pause, while something is done to its Bulwark. */
import { randomUUID } from 'node:crypto';
import type { Dockerd } from './dockerd.ts';
import type { RawRequest, RawResponse } from './rawhttp.ts';

export interface Load {
  /** How many requests have been answered so far. */
  answered(): number;
  /** Ends it; what is under way is finished. */
  stop(): Promise<Outcome>;
}

export interface Outcome {
  readonly requests: number;
  /** Allowed although the policies deny it. */
  readonly wronglyAllowed: number;
  /** What was answered otherwise than it should be, wrong allows included: what was asked, the status, the text. */
  readonly failures: readonly string[];
  /** The longest that one answer took, in milliseconds. */
  readonly slowest: number;
}

/** One request, and how its answer begins: status and, where it is denied, the rule. */
interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly expected: RegExp;
}

const create = { Image: 'busybox', Cmd: ['true'] };

const denied = /^403 .*baseline\/privileged/;

/** A client's round: reads, a look into a running container, which Bulwark asks the daemon about, writes, a denial. */
const round = (name: string, target: string): readonly Ask[] => [
  { method: 'GET', path: '/containers/json', expected: /^200 / },
  {
    method: 'POST',
    path: `/containers/create?name=${name}`,
    body: create,
    expected: /^201 /,
  },
  {
    method: 'POST',
    path: '/containers/create',
    body: { ...create, HostConfig: { Privileged: true } },
    expected: denied,
  },
  { method: 'POST', path: `/containers/${target}/exec`, body: { Cmd: ['true'] }, expected: /^201 / },
  { method: 'DELETE', path: `/containers/${name}`, expected: /^204 / },
];

/**
 * Lets `clients` clients at once ask `d` over and over, each on a new connection.
 *
 * @param target name of a container that runs
 */
export function startLoad(d: Dockerd, target: string, clients: number): Load {
  let requests = 0;
  let wronglyAllowed = 0;
  let slowest = 0;
  let stopped = false;
  const failures: string[] = [];

  async function isAnswered({ method, path, body, expected }: Ask): Promise<boolean> {
    const began = performance.now();
    const options: RawRequest = { timeout: 60_000, ...(body && { body }) };
    const answer = await d.api(method, `/v1.41${path}`, options).catch(String);
    const text = typeof answer === 'string' ? answer : described(answer);
    requests += 1;
    slowest = Math.max(slowest, performance.now() - began);
    if (expected.test(text)) return true;
    failures.push(`${method} ${path}: ${text}`);
    if (expected === denied && text.startsWith('2')) wronglyAllowed += 1;
    return false;
  }

  async function client(): Promise<void> {
    while (!stopped) {
      // What follows rests on what was asked before. What is left of a round that failed is nobody's name again.
      for (const one of round(`load-${randomUUID()}`, target)) if (!(await isAnswered(one))) break;
    }
  }

  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    answered: () => requests,
    async stop() {
      stopped = true;
      await running;
      return { requests, wronglyAllowed, failures, slowest: Math.round(slowest) };
    },
  };
}

function described({ status, text }: RawResponse): string {
  return `${status} ${text.trim()}`;
}
