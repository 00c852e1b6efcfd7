import { join } from 'node:path';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';
import { KeptFile } from './keptFile.ts';
import { nameProblem } from './names.ts';

/** The groups of the users of this host, by its own files. */
export class HostGroups {
  readonly #users: KeptFile<ReadonlyMap<string, string>>;
  readonly #groups: KeptFile<readonly Group[]>;

  /** @param folder where `passwd` and `group` are */
  constructor(folder: string) {
    this.#users = new KeptFile(join(folder, 'passwd'), usersIn);
    this.#groups = new KeptFile(join(folder, 'group'), groupsIn);
  }

  /**
   * The groups of a name, its own (of `passwd`) and those that list it; none where the host has no such user.
   *
   * @throws Refusal `host-groups-unreadable`
   */
  async of(name: string): Promise<readonly string[]> {
    const [users, groups] = await Promise.all([this.#read(this.#users), this.#read(this.#groups)]);
    const own = users.get(name);
    if (own === undefined) return [];
    return groups
      .filter(({ id, members }) => id === own || members.includes(name))
      .map((group) => group.name);
  }

  async #read<T>(file: KeptFile<T>): Promise<T> {
    try {
      return await file.read();
    } catch (error) {
      const reason = error instanceof Error ? printable(error.message) : 'an unknown error';
      throw new Refusal('host-groups-unreadable', `${quote(file.path, 4096)} cannot be read: ${reason}.`);
    }
  }
}

interface Group {
  readonly name: string;
  readonly id: string;
  readonly members: readonly string[];
}

/** Ids of groups by the names of users. The system takes the first line of a name. */
function usersIn(bytes: Buffer): ReadonlyMap<string, string> {
  return new Map(
    linesIn(bytes, 7)
      .toReversed()
      .map(([name = '', , , group = '']) => [name, group]),
  );
}

function groupsIn(bytes: Buffer): readonly Group[] {
  return linesIn(bytes, 4).map(([name = '', , id = '', members = '']) => ({
    name,
    id,
    members: members.split(','),
  }));
}

/** The fields of lines that have so many and begin with a name; the system passes over others too. */
function linesIn(bytes: Buffer, fields: number): readonly (readonly string[])[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((line) => line.length === fields && nameProblem(line[0] ?? '') === undefined);
}
