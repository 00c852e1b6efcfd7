import { spawn } from 'node:child_process';
import type { Log } from '../logging/log.ts';
import { printable } from '../model/printable.ts';

/** Tells systemd how the service fares: sd_notify(3). Nothing that goes wrong with that reaches the service. */
export interface Notifier {
  /**
   * The service is ready, with what `systemctl status` shall show. From now on, and where systemd wants to hear of it,
   * twice within the time after which it would end the service: that `alive` has resolved, which is given the milliseconds
   * that it may take.
   */
  ready(status: string, alive: (limit: number) => Promise<void>): void;
  stopping(): void;
}

/** `systemd-notify` waits until systemd has taken note; so long, in milliseconds. */
const patience = 5000;

/**
 * The notifier for the process `pid`, which does nothing where systemd does not listen. Node has no datagrams on unix
 * sockets, so `systemd-notify` sends them, a process each time. What told of them is taken out of `env`, so that no other
 * child speaks for the service.
 */
export function createNotifier(env: NodeJS.ProcessEnv, pid: number, log: Log): Notifier {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (socket === undefined) return { ready: () => {}, stopping: () => {} };

  function tell(...assignments: string[]): void {
    const failed = (reason: unknown) =>
      log.warn({ detail: String(reason), assignments }, 'systemd could not be told');
    try {
      const child = spawn('systemd-notify', assignments, {
        env: { PATH: env['PATH'], NOTIFY_SOCKET: socket },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const timer = setTimeout(() => child.kill('SIGKILL'), patience).unref();
      // Whether it has ended is not waited for at the end of the service.
      child.unref();
      child.on('error', failed);
      child.on('exit', (code, signal) => {
        clearTimeout(timer);
        if (code !== 0) failed(`systemd-notify ended with ${code ?? signal}`);
      });
    } catch (error) {
      failed(error);
    }
  }

  const every = watched === undefined || watched === String(pid) ? Number(microseconds) / 2000 : Number.NaN;
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  function watch(alive: (limit: number) => Promise<void>): void {
    timer = setTimeout(async () => {
      try {
        await alive(every);
        if (!over) tell('WATCHDOG=1');
      } catch (error) {
        log.error(
          { error },
          'no answer came through the plugin socket, and systemd is not told that all is well',
        );
      }
      if (!over) watch(alive);
    }, every).unref();
  }

  return {
    ready(status, alive) {
      tell('READY=1', `STATUS=${printable(status, 1000)}`);
      if (every > 0) watch(alive);
    },
    stopping() {
      over = true;
      clearTimeout(timer);
      tell('STOPPING=1');
    },
  };
}
