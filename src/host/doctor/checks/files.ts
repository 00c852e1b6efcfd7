import { type Check, shellWord } from '../check.ts';
import type { FileFacts, Permissions } from '../host.ts';
import { modeText } from './access.ts';

/** Who but root, and the user of Bulwark, can write what decides, or read what is secret. */
export const fileChecks: readonly Check[] = [
  {
    id: 'owned-by-others',
    severity: 'error',
    means:
      'A user who is neither root nor the one of Bulwark owns what decides, or a folder above it, and can replace it: the policies, the configuration, the program that runs as root.',
    find: ({ files }) => files.trusted.filter((place) => !isOwn(files, place)).map(found),
    remedy: (_, path) =>
      `\`chown root:root ${shellWord(path)}\`; for a program in somebody's home \`bulwark install\`, which copies it to where only root writes.`,
  },
  {
    id: 'writable-by-others',
    severity: 'error',
    means:
      'A group or everybody can write what decides, or a folder above it. Folders in which nobody can replace the files of others (the sticky bit, as /tmp has it) do not count.',
    find: ({ files }) => files.trusted.filter((place) => isOwn(files, place) && isOpen(place)).map(found),
    remedy: (_, path) => `\`chmod go-w ${shellWord(path)}\`.`,
  },
  {
    id: 'open-to-others',
    severity: 'error',
    means:
      'Others than the owner can use what is for Bulwark alone: with the key they make tokens of administrators, at its sockets they ask in the place of the daemon or of an administrator, and the ledger tells who did what.',
    find: ({ files }) =>
      files.secret.filter((place) => !isOwn(files, place) || (place.mode & 0o077) !== 0).map(found),
    remedy: (_, path) => `\`chmod go= ${shellWord(path)}\`, and see that its owner is the user of Bulwark.`,
  },
];

function found(place: Permissions) {
  return { evidence: modeText(place), subject: place.path };
}

function isOwn({ owners }: FileFacts, { uid }: Permissions): boolean {
  return owners.includes(uid);
}

/** The group of root has nobody else in it. */
function isOpen({ mode, gid }: Permissions): boolean {
  const isSticky = (mode & 0o1000) !== 0;
  return !isSticky && ((mode & 0o002) !== 0 || (gid !== 0 && (mode & 0o020) !== 0));
}
