import type { Value } from '../gojson/types.ts';
import type { RequestObject } from '../model/request.ts';
import { shownVolumeOption } from '../model/secrets.ts';
import type { volumeCreate } from './describe/volume.ts';

const nothing: ReadonlyMap<string, string> = new Map();

/** The canonical object of volume.create. A name that exists gives the old volume back, whatever the options. */
export function fromVolume(body: Value<typeof volumeCreate>): RequestObject {
  const options = body.DriverOpts ?? nothing;
  return {
    volumes: [
      {
        ...(body.Name && { name: body.Name }),
        ...(body.Driver && { driver: body.Driver }),
        options,
        labels: body.Labels ?? nothing,
        flag: volumeFlag(body),
      },
    ],
  };
}

function volumeFlag({ Name: name, Driver: driver, DriverOpts: options }: Value<typeof volumeCreate>): string {
  const parts = ['docker volume create'];
  // The CLI states its default where the user did not.
  if (driver && driver !== 'local') parts.push(`--driver ${driver}`);
  for (const [key, value] of options ?? nothing) parts.push(`--opt ${key}=${shownVolumeOption(key, value)}`);
  if (name) parts.push(name);
  return parts.join(' ');
}
