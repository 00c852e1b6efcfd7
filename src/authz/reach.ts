import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';

/**
 * Asks `server` something through the unix socket at `path`, as dockerd does. Rejects where nobody answers within `limit`
 * milliseconds, or another server than this.
 */
export async function reach(server: Server, path: string, limit: number): Promise<void> {
  const mark = `/${randomBytes(16).toString('hex')}`;
  let arrived = false;
  const look = ({ url }: IncomingMessage) => {
    arrived ||= url === mark;
  };
  server.on('request', look);
  try {
    await ask(path, mark, limit);
  } finally {
    server.off('request', look);
  }
  if (!arrived) throw new Error('another process answers there');
}

function ask(socketPath: string, path: string, limit: number): Promise<void> {
  // As in server.ts: an `import` of node:http would load undici too.
  const { request } = process.getBuiltinModule('node:http');
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, agent: false });
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${limit} ms`)), limit);
    asked.on('response', (response) => response.resume().on('end', resolve));
    asked.on('error', reject);
    asked.on('close', () => clearTimeout(timer));
    asked.end();
  });
}
