/** What the daemon itself says that it made, from its events. */
import type { Dockerd } from '../dockerd.ts';

interface Event {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes?: Readonly<Record<string, string>> };
}

/**
 * Listens to a daemon's events for as long as it runs. The map grows: from the id of what was made to a name that stays
 * the same from run to run.
 */
export function listenForNames(d: Dockerd): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  // From the beginning, so that nothing is missed until the stream stands.
  const events = d.dockerSpawn({}, 'events', '--since', '1h', '--format', '{{json .}}');
  let rest = '';
  events.stdout?.on('data', (part) => {
    const lines = `${rest}${part}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const made = nameIn(JSON.parse(line));
      if (made !== undefined) names.set(...made);
    }
  });
  return names;
}

function nameIn({ Type, Action, Actor: { ID, Attributes = {} } }: Event): [string, string] | undefined {
  const { name = '', execID = '', imageID = '' } = Attributes;
  switch (`${Type} ${Action.split(':', 1)}`) {
    case 'container create':
    case 'network create':
      return [ID, name];
    case 'container exec_create':
      return [execID, `exec in ${name}`];
    case 'container commit':
      return [imageID, `image of ${name}`];
    case 'volume create':
      return [ID, isGenerated(ID) ? 'volume without a name' : ID];
    default:
      return undefined;
  }
}

function isGenerated(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}
