import { Refusal } from '../model/error.ts';

/** SD_LISTEN_FDS_START of sd_listen_fds(3). */
const first = 3;

/**
 * The descriptor of the one listening socket that systemd handed over to the process `pid`; undefined where it handed over
 * none. What told of it is taken out of `env`, so that no child believes that it was meant. (Nor does a child inherit the
 * descriptor: Node marks all that it finds at its start as close-on-exec.)
 *
 * @throws Refusal `socket-unusable` where there are several
 */
export function takeHandedOver(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  const { LISTEN_PID: meant, LISTEN_FDS: count } = env;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name];
  if (meant !== String(pid) || count === undefined) return undefined;
  if (count === '1') return first;
  throw new Refusal(
    'socket-unusable',
    'not one socket was handed over, but several or none.',
    'Give the socket unit one `ListenStream=` and the service one `Sockets=`.',
  );
}
