import { type Check, shellWord, when } from '../check.ts';
import type { Permissions } from '../host.ts';

/** Who gets to the daemon, past Bulwark or by it. */
export const accessChecks: readonly Check[] = [
  {
    id: 'socket-open-to-all',
    severity: 'error',
    means:
      'Every user of this host, and every program, may ask the daemon. Policies hold for them all; nothing else does.',
    find: ({ files: { socket } }) =>
      when(socket !== undefined && (socket.mode & 0o002) !== 0, modeText(socket), socket?.path),
    remedy: (_, path) => `\`chmod 660 ${shellWord(path)}\`, and find out who has opened it.`,
  },
  {
    id: 'docker-group',
    severity: 'note',
    means:
      'These users may ask the daemon. While it asks Bulwark they may do what the policies let them; whenever it does not they are root. So it is a list to know, and no fault.',
    find: ({ files: { group } }) =>
      when(
        group !== undefined && group.members.length > 0,
        `In the group ${group?.name}: ${group?.members.join(', ')}.`,
        group?.name,
      ),
    remedy: (_, group) => `Who needs no Docker leaves by \`gpasswd -d USER ${shellWord(group)}\`.`,
    example: 'docker',
  },
  {
    id: 'side-door',
    severity: 'error',
    means:
      'Others than root can ask another program that starts containers as root, such as the containerd of the daemon: no plugin is asked there.',
    find: ({ files }) =>
      files.sideDoors
        .filter(
          ({ uid, gid, mode }) => uid !== 0 || (mode & 0o002) !== 0 || (gid !== 0 && (mode & 0o020) !== 0),
        )
        .map((place) => ({ evidence: modeText(place), subject: place.path })),
    remedy: (_, path) =>
      `\`chown root:root ${shellWord(path)} && chmod 600 ${shellWord(path)}\`, and in the configuration of its program, which makes it anew at each start.`,
  },
];

/** A place with what stat(1) says of it. */
export function modeText(place: Permissions | undefined): string {
  if (place === undefined) return '';
  const { path, role, uid, gid, mode } = place;
  return `${path} (${role}) has mode ${mode.toString(8).padStart(4, '0')}, user ${uid}, group ${gid}.`;
}
