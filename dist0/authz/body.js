import { Refusal } from '../model/error.js';
import { messageLimit, tooLarge } from './wire.js';
/**
 * Reads a message's bytes to their end. Rejects with a `Refusal` as soon as they are more than `messageLimit`;
 * the rest is then read and thrown away, since dockerd takes a connection that is closed while it writes for
 * a reason to send the message again.
 */
export function readBody(request) {
    const { promise, resolve, reject } = Promise.withResolvers();
    let chunks = [];
    let size = 0;
    request.on('data', (chunk) => {
        size += chunk.length;
        if (size <= messageLimit) {
            chunks.push(chunk);
        }
        else {
            chunks = [];
            reject(tooLarge());
        }
    });
    request.on('end', () => {
        const [first] = chunks;
        resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
    });
    // Nobody hears the answer then, but what was cut off must not count as a message.
    request.on('error', () => reject(new Refusal('message-unreadable', 'the connection ended inside the message.')));
    return promise;
}
