import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import { printable, quote } from '../model/printable.ts';

/** By it a look-up is known when the daemon asks about it, as about every request. Spelt as Go writes header names. */
const header = 'X-Bulwark-Look-Up';

/** Far more than the daemon tells of any container. */
const longestAnswer = 8 * 1024 ** 2;

/** A look-up that the daemon has not answered yet. */
interface UnderWay {
  readonly path: string;
  /** The daemon has asked this Bulwark about it. */
  seen: boolean;
}

/**
 * Asks the daemon, by GET alone, and knows its own questions when they come back through the plugin: they do not
 * deadlock (E: 50 at once), since the daemon asks about each request on a connection of its own. A question that is
 * answered without having come back was answered by a daemon that has another plugin, or none.
 */
export class LookUps {
  readonly #socket: string;
  readonly #secret = randomBytes(32).toString('hex');
  readonly #underWay = new Map<number, UnderWay>();
  #count = 0;
  /** The daemon has answered once: what fails from now on is no start. */
  #answered = false;

  /** @param socket path of the daemon's unix socket */
  constructor(socket: string) {
    this.#socket = socket;
  }

  /**
   * What the daemon answers, by the time `until` (`performance.now()`). The path has no version, so that nothing is left
   * out that the daemon has.
   *
   * @returns the body, or undefined where the daemon knows of no such thing
   * @throws Refusal `facts-starting`, `facts-slow`, `facts-unreachable`, `facts-wrong-daemon`, `facts-refused`
   */
  async get(path: string, until: number): Promise<Buffer | undefined> {
    const number = ++this.#count;
    const underWay = { path, seen: false };
    this.#underWay.set(number, underWay);
    try {
      const { status, body } = await this.#ask(path, `${this.#secret}-${number}`, until);
      this.#answered = true;
      // An error may come from another plugin, or from this one's being out of reach, before Bulwark is asked.
      if (status !== 200 && status !== 404) throw refused(path, status, body);
      if (!underWay.seen) {
        throw new Refusal(
          'facts-wrong-daemon',
          `the daemon at ${quote(this.#socket)} answers without asking this Bulwark.`,
        );
      }
      return status === 404 ? undefined : body;
    } finally {
      this.#underWay.delete(number);
    }
  }

  /**
   * Whether a message is one of these look-ups coming back, which is then noted: by the secret, its number, GET and its
   * path. Whoever had learnt the secret could repeat what Bulwark is asking just then, and nothing else.
   */
  isOwn({ method, uri, headers }: Message): boolean {
    const [secret = '', number] = headers[header]?.split('-', 2) ?? [];
    if (!this.#isSecret(secret)) return false;
    const underWay = this.#underWay.get(Number(number));
    if (underWay === undefined || method !== 'GET' || uri !== underWay.path) return false;
    underWay.seen = true;
    return true;
  }

  #isSecret(text: string): boolean {
    return (
      text.length === this.#secret.length && timingSafeEqual(Buffer.from(text), Buffer.from(this.#secret))
    );
  }

  #ask(path: string, value: string, until: number): Promise<{ status: number; body: Buffer }> {
    // As in authz/server.ts: an `import` of node:http would load undici too.
    const { request } = process.getBuiltinModule('node:http');
    return new Promise((resolve, reject) => {
      // A connection for each: one that the daemon closes just then would look like a failure.
      const asked = request({ socketPath: this.#socket, path, agent: false, headers: { [header]: value } });
      const timer = setTimeout(
        () => {
          reject(this.#late());
          asked.destroy();
        },
        Math.max(0, until - performance.now()),
      );
      const fail = (error: Error) => {
        clearTimeout(timer);
        reject(error instanceof Refusal ? error : this.#broken(error));
        asked.destroy();
      };
      asked.on('error', fail);
      asked.on('response', (response) => {
        collect(response)
          .then((body) => {
            clearTimeout(timer);
            resolve({ status: response.statusCode ?? 0, body });
          })
          .catch(fail);
      });
      // Who waits for a decision keeps the process alive; the heartbeat alone does not.
      timer.unref();
      asked.on('socket', (socket) => socket.unref());
      asked.end();
    });
  }

  #late(): Refusal {
    return this.#answered
      ? new Refusal('facts-slow', 'the daemon did not answer in time what is stored.')
      : this.#starting('does not answer');
  }

  #broken(error: Error): Refusal {
    const why = printable('code' in error ? String(error.code) : error.message);
    if (!this.#answered) return this.#starting(`cannot be reached (${why})`);
    return new Refusal(
      'facts-unreachable',
      `the daemon at ${quote(this.#socket)} cannot be reached (${why}).`,
    );
  }

  #starting(how: string): Refusal {
    return new Refusal('facts-starting', `the daemon at ${quote(this.#socket)} ${how} yet.`);
  }
}

function refused(path: string, status: number, body: Buffer): Refusal {
  const said = printable(body.toString().trim(), 300);
  return new Refusal('facts-refused', `the daemon answers ${quote(path)} with ${status}: ${said}`);
}

async function collect(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response) {
    // No encoding is set, so that parts are bytes.
    const bytes: Buffer = part;
    length += bytes.length;
    if (length > longestAnswer) throw new Refusal('facts-unreadable', 'the daemon tells more than 8 MiB.');
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}
