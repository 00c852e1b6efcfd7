import { expect, test } from 'vitest';
import { readJson } from '../src/gojson/read.ts';
import { Refusal } from '../src/model/error.ts';
import type { AdmissionRequest } from '../src/model/request.ts';
import { createRequest } from '../src/normalize/describe/container.ts';
import { normalize } from '../src/normalize/normalize.ts';
import { type Case, casesOf, messageOf, type Stored } from './reading/cases.ts';
import { compareFields, compareMounts, compareNetworks } from './reading/compare.ts';

/**
 * 4,244 bodies, and what two real daemons stored of each (test/fixtures/reading/README.md). Bulwark must
 * derive what the daemon stored, or refuse to read.
 */
const daemons = [
  { daemon: '20.10.24', newest: 41 },
  { daemon: '26.1.5', newest: 45 },
];

/** Groups of honest requests, which must not be refused, but for these tricks that stand among them. */
const honest = new Set(['plain', 'image', 'version']);
const tricks = new Set([
  'version-too-old',
  'version-form',
  'uri-form',
  'query-duplicate',
  'body-trailing-data',
  'hostconfig-at-top-level',
]);

function read(entry: Case): AdmissionRequest | Refusal {
  try {
    return normalize(messageOf(entry));
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** What was read of a container.create otherwise than the daemon stored it. */
function differences(
  entry: Case,
  request: AdmissionRequest,
  baseline: Stored,
  daemon: string,
  newest: number,
): string[] {
  const minor = request.minor ?? newest;
  const bytes = messageOf(entry).body ?? new Uint8Array();
  const { HostConfig, NetworkingConfig: _, ...config }: Fields = readJson(bytes, createRequest, minor).value;
  const host = (HostConfig ?? {}) as Fields;
  const context = { config, host, minor, daemon };
  const stored = entry.stored ?? {};
  const part = (of: Stored, name: string) => (of[name] ?? {}) as Stored;
  // `conf:1` brings a volume of its own.
  const imageVolumes = new Set(config['Image'] === 'conf:1' ? ['/imgvol'] : []);
  const { container } = request.object;
  if (container === undefined) return ['no container was read'];
  return [
    ...compareFields(config, part(stored, 'config'), part(baseline, 'config'), context),
    ...compareFields(host, part(stored, 'hostConfig'), part(baseline, 'hostConfig'), context),
    ...compareMounts(container, stored, imageVolumes),
    ...compareNetworks(request.object, stored, config),
  ];
}

for (const { daemon, newest } of daemons) {
  const cases = casesOf(daemon);
  const baseline = cases.find(({ id }) => id === 'baseline')?.stored ?? {};
  const accepted = cases.filter(({ status, group }) => status >= 200 && status < 300 && group !== 'fixture');

  test(`${daemon}: what is read of a container is what the daemon stores, or it is refused`, () => {
    const wrong: string[] = [];
    let compared = 0;
    for (const entry of accepted) {
      const result = read(entry);
      if (result instanceof Refusal || result.action !== 'container.create') continue;
      compared++;
      wrong.push(
        ...differences(entry, result, baseline, daemon, newest).map((text) => `${entry.id} ${text}`),
      );
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(1300);
  });

  test(`${daemon}: no honest request is refused`, () => {
    const refused = accepted
      .filter(({ group }) => honest.has(group))
      .flatMap((entry) => {
        const result = read(entry);
        return result instanceof Refusal && !(entry.group === 'version' && tricks.has(result.code))
          ? [`${entry.id} ${result.code} ${result.message}`]
          : [];
      });
    expect(refused).toEqual([]);
  });
}
