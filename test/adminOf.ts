import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Answerer } from '../src/admin/answerer.ts';
import { type AppOptions, appLimits, createApp } from '../src/admin/app.ts';
import { routes } from '../src/admin/routes/index.ts';
import type { LedgerState, Services } from '../src/admin/services.ts';
import { Simulations, simulationLimits, startSimulator } from '../src/admin/simulations.ts';
import type { Beat } from '../src/facts/heartbeat.ts';
import { createLog } from '../src/logging/log.ts';
import { Counters } from '../src/metrics/counters.ts';
import { Refusal } from '../src/model/error.ts';
import { Policies } from '../src/policyfiles/inForce.ts';
import { loadPolicySet } from '../src/policyfiles/load.ts';
import { makeLedger } from './ledgerOf.ts';

/** The policy that it begins with. */
export const house = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: house, description: The rules of this lab. }
spec: { profile: baseline }
`;

/** The admin API over a ledger and policies of a folder of its own, in this process. */
export async function makeAdmin() {
  const ledger = makeLedger();
  const folder = join(ledger.folder, 'policies');
  const file = join(folder, 'house.yaml');
  mkdirSync(folder);
  writeFileSync(file, house);
  const loaded = await loadPolicySet([folder]);
  if (!loaded.ok) throw new Error('the policies of the test are broken');
  const policies = new Policies([folder], loaded, {
    replaced: () => {},
    unchanged: () => {},
    broken: () => {},
  });
  const logged: string[] = [];
  const log = createLog({ write: (line) => logged.push(line) }, 'debug');
  const answerer = new Answerer(ledger.path);
  const counters = new Counters();
  const state: { value: LedgerState } = { value: { queued: 0, lag: 0, failure: undefined } };
  const beat: { value: Beat } = { value: { state: 'asks', since: new Date(0) } };
  const current = () => policies.current;
  const protect = { paths: [], sockets: [], container: undefined, plugin: 'bulwark' };
  const services: Services = {
    version: '1.2.3',
    counters,
    state: () => state.value,
    policies: current,
    facts: 'unix:///run/docker.sock',
    beat: () => beat.value,
    ledger: {
      async ask(question) {
        const answer = answerer.answer(question);
        if (!answer.ok) throw new Refusal(answer.code, answer.message, answer.fix);
        return answer;
      },
    },
    simulations: new Simulations({
      policies: current,
      protect,
      host: 'host',
      start: startSimulator,
      ...simulationLimits,
    }),
  };
  const stopping = new AbortController();
  return {
    ledger,
    policies,
    counters,
    services,
    state,
    beat,
    stopping,
    logged: () => logged.join(''),
    /** Writes the one policy file anew. */
    policy: (text: string) => writeFileSync(file, text),
    app: (options: Partial<AppOptions> = {}) =>
      createApp({
        routes,
        services,
        door: {},
        log,
        limits: appLimits,
        stopping: stopping.signal,
        ...options,
      }),
    remove() {
      stopping.abort();
      ledger.remove();
    },
  };
}

export type Admin = Awaited<ReturnType<typeof makeAdmin>>;
