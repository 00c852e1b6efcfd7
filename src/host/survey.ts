import { stringify } from 'yaml';
import { admit, settle, type Trip } from '../admit.ts';
import type { Config } from '../config/config.ts';
import { Facts } from '../facts/facts.ts';
import { HostFiles } from '../facts/hostFiles.ts';
import type { Violation } from '../model/decision.ts';
import { Refusal } from '../model/error.ts';
import { anonymous } from '../model/subject.ts';
import type { PolicySet } from '../policy/compile.ts';
import { ask } from './http.ts';

/** A container that is there and would not start again. */
export interface Refused {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** `running`, `exited` ... */
  readonly state: string;
  readonly violations: readonly Violation[];
}

/** For all that is asked about one container, in milliseconds. */
const patience = 10_000;

/**
 * The containers on the daemon that these policies would not let start again, judged as the plugin will judge their start.
 *
 * @throws Refusal `daemon-absent` where the daemon does not say what it has
 */
export async function survey(set: PolicySet, config: Config, socket: string): Promise<readonly Refused[]> {
  const trip = tripOf(set, config, socket);
  const refused: Refused[] = [];
  for (const { Id: id, Names: [name = ''] = [], Image: image, State: state } of await containers(socket)) {
    const message = { method: 'POST', uri: `/containers/${id}/start`, headers: {} };
    const { allow, violations } = await admit(message, trip, performance.now() + patience);
    settle(message, trip);
    if (!allow) refused.push({ id, name: name.replace(/^\//, ''), image, state, violations });
  }
  return refused;
}

/** The trip of a request under these policies, of which no record is kept, with looks at a daemon that asks nobody about them. */
export function tripOf(set: PolicySet, { protect, hostName, hostRoot }: Config, socket: string): Trip {
  return {
    policySet: () => set,
    identify: () => anonymous,
    protect,
    host: hostName,
    facts: new Facts({ isOwn: () => false, get: (path, until) => look(socket, path, until) }),
    ...(hostRoot !== undefined && { hostFiles: new HostFiles(hostRoot) }),
    ledger: { commit: ({ decision }) => decision },
  };
}

async function look(socket: string, path: string, until: number): Promise<Buffer | undefined> {
  const { status, text } = await ask(socket, { path, patience: until - performance.now() });
  if (status === 404) return undefined;
  if (status !== 200) throw new Refusal('facts-refused', `the daemon answers with ${status}.`);
  return Buffer.from(text);
}

interface Listed {
  readonly Id: string;
  readonly Names?: readonly string[];
  readonly Image: string;
  readonly State: string;
}

async function containers(socket: string): Promise<readonly Listed[]> {
  const { status, text } = await ask(socket, { path: '/containers/json?all=1', patience });
  if (status !== 200)
    throw new Refusal('daemon-absent', `the daemon does not list its containers: it answers with ${status}.`);
  // The daemon is trusted to answer as its API says.
  const list: readonly Listed[] = JSON.parse(text);
  return list;
}

/** What no exception lets off: refusals to read, and failures, have no policy. */
export function isExcepted({ rule }: Violation): boolean {
  return rule.includes('/') && !rule.startsWith('access/');
}

/**
 * Exceptions for containers that are there, each for its own rules and its own id, so that they end with it, until a day.
 *
 * @param today and `until`, as `2027-03-31`
 */
export function exceptionsFor(refused: readonly Refused[], today: string, until: string): string {
  const documents = refused.flatMap(({ id, name, violations }) => {
    const rules = [...new Set(violations.filter(isExcepted).map(({ rule }) => rule))];
    if (rules.length === 0) return [];
    return [
      {
        apiVersion: 'bulwark/v1',
        kind: 'Exception',
        metadata: { name: `existing-${id.slice(0, 12)}` },
        spec: {
          rules,
          match: { containers: [id] },
          reason: `The container ${name} is older than Bulwark here (${today}). Make it anew without these.`,
          expires: until,
        },
      },
    ];
  });
  const head = `# Written by \`bulwark install\` on ${today} for what was there already. Remove each when its container is gone.\n`;
  return head + documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}
