import { readJson } from '../../src/gojson/read.ts';
import type { AdmissionRequest } from '../../src/model/request.ts';
import { createRequest } from '../../src/normalize/describe/container.ts';
import type { Stored } from './cases.ts';
import { compareFields, compareMounts, compareNetworks } from './compare.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A daemon: its version and the newest API that it speaks (41 for 1.41). */
export interface Daemon {
  readonly daemon: string;
  readonly newest: number;
}

/**
 * What was read of a container.create otherwise than the daemon stored it, a line each.
 *
 * @param bytes the body that `request` was read from
 * @param stored the daemon's container, as in test/fixtures/reading: whole, or what differs from `baseline`
 * @param baseline the container of a body that states nothing but image and command
 */
export function differences(
  request: AdmissionRequest,
  bytes: Uint8Array,
  stored: Stored,
  baseline: Stored,
  { daemon, newest }: Daemon,
): string[] {
  const minor = request.minor ?? newest;
  const { HostConfig, NetworkingConfig: _, ...config }: Fields = readJson(bytes, createRequest, minor).value;
  const host = (HostConfig ?? {}) as Fields;
  const context = { config, host, minor, daemon };
  const part = (of: Stored, name: string) => (of[name] ?? {}) as Stored;
  // `conf:1` brings a volume of its own; the other image has none.
  const imageVolumes = new Set(config['Image'] !== 'img:1' ? ['/imgvol'] : []);
  const { container } = request.object;
  if (container === undefined) return ['no container was read'];
  return [
    ...compareFields(config, part(stored, 'config'), part(baseline, 'config'), context),
    ...compareFields(host, part(stored, 'hostConfig'), part(baseline, 'hostConfig'), context),
    ...compareMounts(container, stored, imageVolumes),
    ...compareNetworks(request.object, stored, config),
  ];
}
