import type { User } from '../model/container.ts';

type Root = User['root'];

/**
 * Reads `user[:group]` as the daemon resolves it when the container starts: a decimal number in Go's
 * spelling (sign and leading zeros count) is an id, anything else a name of the image's passwd, which only
 * the image can tell from root.
 *
 * @returns undefined where no user is stated, so that the image's USER counts
 */
export function parseUser(given: string): User | undefined {
  if (given === '') return undefined;
  const colon = given.indexOf(':');
  const name = colon < 0 ? given : given.slice(0, colon);
  const group = colon < 0 ? undefined : given.slice(colon + 1);
  const uid = id(name);
  const gid = group === undefined ? undefined : id(group);
  return {
    given,
    name,
    ...(uid !== undefined && { uid }),
    ...(group !== undefined && { group }),
    ...(gid !== undefined && { gid }),
    root: rootness(name, uid),
    // Without a group it is the user's own in the image's passwd, or root's for a number that is not in it.
    rootGroup: group === undefined || group === '' ? 'unknown' : rootness(group, gid),
  };
}

/** Who is meant where neither the container nor its image names a user. */
export const root: User = { given: '', name: '', root: 'yes', rootGroup: 'yes' };

function id(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

function rootness(name: string, id: number | undefined): Root {
  if (name === '' || name === 'root' || id === 0) return 'yes';
  return id === undefined ? 'unknown' : 'no';
}
