import { readFile } from 'node:fs/promises';
import { cleanPath } from '../model/paths.ts';

/** One mount of this process: `root` of the file system `device` is seen at `point`. */
interface Mount {
  readonly device: string;
  readonly root: string;
  readonly point: string;
}

/**
 * The paths under which the host knows what Bulwark sees at these: in a container or a managed plugin they are other ones
 * wherever a mount has another source than its destination, and a host may show a folder at several places, by bind mounts
 * of its own. Clean paths in and out; nothing where the host's root is not seen.
 *
 * @param hostRoot the folder in which the host's root is seen, with what is mounted there
 */
export async function hostNames(
  paths: readonly string[],
  hostRoot: string | undefined,
): Promise<readonly string[]> {
  if (hostRoot === undefined) return [];
  const mounts = readMounts(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
  return paths.flatMap((path) => namesOf(path, mounts, hostRoot));
}

/** The mounts of a text as of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export function readMounts(text: string): readonly Mount[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([, , device, root, point]) =>
      device !== undefined && root !== undefined && point !== undefined
        ? [{ device, root: unescaped(root), point: unescaped(point) }]
        : [],
    );
}

/** Blanks and the like are there as `\040`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

/** As `hostNames`, of one path and by the mounts that there are. */
export function namesOf(path: string, mounts: readonly Mount[], hostRoot: string): readonly string[] {
  const around = mounts
    .filter(({ point }) => below(point, path) !== undefined)
    // Of several at one point the last one is seen.
    .reduce<Mount | undefined>(
      (best, mount) => (best !== undefined && best.point.length > mount.point.length ? best : mount),
      undefined,
    );
  if (around === undefined) return [];
  const inside = cleanPath(`${around.root}/${below(around.point, path)}`);
  return mounts.flatMap(({ device, root, point }) => {
    const at = below(hostRoot, point);
    const rest = below(root, inside);
    const isThere = device === around.device && at !== undefined && rest !== undefined;
    return isThere ? [cleanPath(`/${at}/${rest}`)] : [];
  });
}

/** What follows a folder in a path that lies in it, without a slash in front; undefined where it lies elsewhere. */
function below(folder: string, path: string): string | undefined {
  const start = folder === '/' ? '/' : `${folder}/`;
  return `${path}/`.startsWith(start) ? path.slice(start.length) : undefined;
}
