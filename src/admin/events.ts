import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** A piece of a stream: whole events as text, or only the place in the stream, which a client resumes from. */
export interface EventChunk {
  readonly text?: string;
  readonly id?: string;
}

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), as fast as the client takes
 * them, until the stream ends or the client goes.
 */
export async function sendEvents(
  chunks: AsyncIterable<EventChunk>,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  response.setHeader('Content-Type', 'text/event-stream');
  try {
    for await (const chunk of chunks) {
      if (!response.write(lines(chunk))) await once(response, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  response.end();
}

/** An id without data is no event: it moves the place. The comment shows that the connection lives. */
function lines({ text = ': alive\n\n', id }: EventChunk): string {
  return id === undefined ? text : `id: ${id}\n${text}`;
}

/** One event. `data` is on one line. */
export function eventText(event: string, id: string | number, data: string): string {
  return `event: ${event}\nid: ${id}\ndata: ${data}\n\n`;
}
