import type { ResponseMessage } from '../model/message.ts';

/** What a response says of the request that it answers. */
export interface Settled {
  readonly outcome: 'done' | 'failed' | 'unknown';
  readonly status?: number;
  /** The id of what was made; a volume's name. */
  readonly newId?: string;
}

/** Reads a message of the response phase. Without a status nothing is known: dockerd leaves it out for many errors. */
export function responseOf({ status, responseBody }: ResponseMessage): Settled {
  if (status === undefined) return { outcome: 'unknown' };
  if (status >= 400) return { outcome: 'failed', status };
  const newId = responseBody && newIdIn(responseBody);
  return { outcome: 'done', status, ...(newId && { newId }) };
}

/** Ids have 64 characters and names at most 255; what is longer is neither. */
const longestId = 255;

/** `Id` of containers, networks, commits and execs, `ID` in a swarm, `Name` of volumes; swarm.init answers the bare id. */
function newIdIn(body: Uint8Array): string | undefined {
  const value = parse(body);
  const id = typeof value === 'object' && value !== null ? fieldOf(value) : value;
  return typeof id === 'string' && id.length <= longestId ? id : undefined;
}

function fieldOf(value: { readonly Id?: unknown; readonly ID?: unknown; readonly Name?: unknown }): unknown {
  return value.Id ?? value.ID ?? value.Name;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
