import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import { printable, quote } from '../model/printable.ts';
import { type Answer, ask } from './http.ts';

/** What the daemon does with a request that Bulwark never allows and that does nothing where it is not there. */
export type Reply =
  /** Bulwark denied it; the id of the decision, by which its ledger knows it. */
  | { readonly by: 'bulwark'; readonly decision: string }
  /** The daemon did it, or something else denied it: Bulwark is not asked. */
  | { readonly by: 'daemon' }
  /** Nobody answered, or Bulwark was to be asked and did not answer: why. */
  | { readonly by: 'nobody'; readonly why: string };

/** A key that stands twice has two readings, which no policy lets pass (docs/decisions/0001); alone it lists containers. */
const canary = '/containers/json?limit=1&limit=1';

/** Asks the daemon what only Bulwark denies. Never rejects. */
export async function askCanary(socket: string, patience: number): Promise<Reply> {
  return replyOf(await answerOf(socket, { path: canary }, patience));
}

/** A privileged container of an image that nobody has: policies forbid it, and it comes to nothing without them. */
const privileged = {
  method: 'POST',
  path: '/containers/create',
  body: { Image: 'bulwark-canary', HostConfig: { Privileged: true } },
};

/** The same as dockerd shows it. */
export const forbidden: Message = {
  method: privileged.method,
  uri: privileged.path,
  headers: { 'Content-Type': 'application/json' },
  body: Buffer.from(JSON.stringify(privileged.body)),
};

/** Asks the daemon for what is `forbidden`. Never rejects. */
export async function askForbidden(socket: string, patience: number): Promise<Reply> {
  return replyOf(await answerOf(socket, privileged, patience));
}

/** Whether the daemon answers what everybody may ask. */
export async function passes(socket: string): Promise<boolean> {
  const answer = await answerOf(socket, { path: '/_ping' }, 10_000);
  return typeof answer !== 'string' && answer.status === 200;
}

/** The answer, or why there is none. */
function answerOf(
  socket: string,
  question: { readonly method?: string; readonly path: string; readonly body?: unknown },
  patience: number,
): Promise<Answer | string> {
  return ask(socket, { ...question, patience }).catch((error: NodeJS.ErrnoException) =>
    printable(error.code ?? error.message),
  );
}

function replyOf(answer: Answer | string): Reply {
  if (typeof answer === 'string') return { by: 'nobody', why: answer };
  const { status, text } = answer;
  const [, plugin = ''] = /authorization denied by plugin ([^\s:]+)/.exec(text) ?? [];
  const [, decision] = /\\ndecision ([0-9A-Z]{26}),/.exec(text) ?? [];
  if (status === 403 && plugin !== '' && decision !== undefined) return { by: 'bulwark', decision };
  // A denial without its id may be Bulwark's as well: nothing is proved by it.
  if (status >= 500 || /^bulwark(:latest)?$/.test(plugin))
    return { by: 'nobody', why: printable(text.trim(), 300) };
  return { by: 'daemon' };
}

/**
 * Waits until the daemon asks Bulwark, or does not ask it any more.
 *
 * @param patience milliseconds
 * @throws Refusal `daemon-unmoved`
 */
export async function waitUntil(
  wanted: 'bulwark' | 'daemon',
  socket: string,
  patience: number,
): Promise<Reply> {
  const end = performance.now() + patience;
  for (;;) {
    const reply = await askCanary(socket, end - performance.now());
    if (reply.by === wanted) return reply;
    if (performance.now() + pace > end) throw unmoved(wanted, socket, reply);
    await pause(pace);
  }
}

const pace = 200;

function unmoved(wanted: 'bulwark' | 'daemon', socket: string, reply: Reply): Refusal {
  const what = { bulwark: 'does not ask Bulwark', daemon: 'does not answer without Bulwark' }[wanted];
  const why = reply.by === 'nobody' ? ` (${reply.why})` : '';
  return new Refusal('daemon-unmoved', `the daemon at ${quote(socket, 4096)} ${what}${why}.`);
}
