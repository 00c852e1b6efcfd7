import type { Sources } from '../../metrics/exposition.ts';
import { plainText, route } from '../route.ts';
import type { Services } from '../services.ts';

/** Numbers for Prometheus. */
export const metrics = route({
  method: 'GET',
  path: '/metrics',
  summary: 'Metrics in the text format of Prometheus.',
  answer: plainText('text/plain; version=0.0.4; charset=utf-8'),
  handle: (_, services) => textOf(services),
});

const expositions = new WeakMap<Services, Promise<() => Promise<string>>>();

/** prom-client is loaded when somebody asks. */
async function textOf(services: Services): Promise<string> {
  const made = expositions.get(services) ?? make(services);
  expositions.set(services, made);
  return (await made)();
}

async function make(services: Services) {
  const { exposition } = await import('../../metrics/exposition.ts');
  return exposition(sourcesOf(services));
}

function sourcesOf({ version, counters, state, policies, beat }: Services): Sources {
  return {
    version,
    counters,
    asks() {
      const daemon = beat?.().state ?? 'waiting';
      return daemon === 'waiting' ? undefined : daemon === 'asks';
    },
    ledger() {
      const { queued, lag, failure } = state();
      return { queued, lag, writable: failure === undefined };
    },
    policies() {
      const { set, documents, since, problems, reloads } = policies();
      return { digest: set.digest, documents: documents.length, since, broken: problems.length > 0, reloads };
    },
  };
}
