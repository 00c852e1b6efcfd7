import type { IncomingMessage } from 'node:http';
import { Refusal } from '../model/error.ts';
import { messageLimit, tooLarge } from './wire.ts';

/**
 * Reads a message's bytes to their end. Rejects with a `Refusal` as soon as they are more than `messageLimit`;
 * the rest is then read and thrown away, since dockerd takes a connection that is closed while it writes for
 * a reason to send the message again.
 */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= messageLimit) {
      chunks.push(chunk);
    } else {
      chunks = [];
      reject(tooLarge());
    }
  });
  request.on('end', () => {
    const [first] = chunks;
    resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
  });
  // Nobody hears the answer then, but what was cut off must not count as a message.
  request.on('error', () =>
    reject(new Refusal('message-unreadable', 'the connection ended inside the message.')),
  );
  return promise;
}
