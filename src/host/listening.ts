import { connect } from 'node:net';

/** What is at the path of a unix socket. */
export type Listening = 'listens' | 'dead' | 'absent';

/** Whether somebody listens on a unix socket. Rejects where the system does not let one find out. */
export function listeningAt(path: string): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve('listens');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') resolve('absent');
      // What is no socket refuses too.
      else if (error.code === 'ECONNREFUSED') resolve('dead');
      else if (error.code === 'EAGAIN' || error.code === 'ECONNRESET') resolve('listens');
      else reject(error);
    });
  });
}
