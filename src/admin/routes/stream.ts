import { setTimeout as sleep } from 'node:timers/promises';
import type { Filter } from '../../ledger/filter.ts';
import { Refusal } from '../../model/error.ts';
import type { EventChunk } from '../events.ts';
import { ApiError, busy } from '../problem.ts';
import { events, route } from '../route.ts';
import type { Services } from '../services.ts';
import { decisionSchema } from './decisions.ts';
import { filterOf, filterQuery, whole } from './filters.ts';

/** How often the ledger is looked at, in milliseconds: it tells nobody that it was written. */
const pause = 500;

/** A sign of life at least so often, in milliseconds. */
const heartbeat = 15_000;

/** Streams at a time, of one server: each costs a question every `pause`. */
const most = 8;

/** Streams under way, by the services that they stand on: those of one server. */
const underWay = new WeakMap<Services, number>();

/** Decisions as they come. */
export const stream = route({
  method: 'GET',
  path: '/v1/decisions/stream',
  summary: 'Decisions as they come, oldest first, as server-sent events.',
  description:
    'An event `decision` for each, with the record as its data and its `seq` as its id. Whoever comes back with the last id in `Last-Event-ID`, as a browser does, or in `after` misses nothing. A comment every 15 s shows that the connection lives.',
  query: filterQuery.omit({ since: true, until: true }).extend({
    recent: whole(0, 100).optional().describe('Begin with so many that are there already. Absent: none.'),
    after: whole(0, Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('Begin behind the record with this `seq`, for clients that cannot send `Last-Event-ID`.'),
  }),
  answer: events('Decision', decisionSchema),
  errors: ['ledger-unreadable', 'api-busy', 'api-slow'],
  async handle({ query, lastEventId, signal }, services) {
    const { ledger } = services;
    const count = underWay.get(services) ?? 0;
    if (count >= most) throw busy('streams');
    const filter = filterOf(query);
    const place = placeIn(lastEventId) ?? query.after;
    underWay.set(services, count + 1);
    const leave = () => underWay.set(services, (underWay.get(services) ?? 1) - 1);
    try {
      const first =
        place === undefined
          ? await ledger.ask({ kind: 'end', filter, recent: query.recent ?? 0 }, signal)
          : { seq: place, text: '' };
      return follow(filter, { seq: first.seq ?? 0, text: first.text ?? '' }, { ledger, signal, leave });
    } catch (error) {
      leave();
      throw error;
    }
  },
});

function placeIn(lastEventId: string | undefined): number | undefined {
  if (lastEventId === undefined) return undefined;
  const seq = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : Number.NaN;
  if (Number.isNaN(seq)) throw new ApiError('api-query', '`Last-Event-ID` is none that this stream gave.');
  return seq;
}

interface Following {
  readonly ledger: Services['ledger'];
  readonly signal: AbortSignal;
  readonly leave: () => void;
}

async function* follow(
  filter: Filter,
  start: { readonly seq: number; readonly text: string },
  { ledger, signal, leave }: Following,
): AsyncGenerator<EventChunk> {
  try {
    let { seq } = start;
    if (start.text !== '') yield { text: start.text };
    // The place of all that was looked at; where there was nothing to show, the headers go out with it.
    yield { id: String(seq) };
    let said = performance.now();
    while (!signal.aborted) {
      const found = await look(ledger, filter, seq, signal);
      seq = found.seq;
      const isQuiet = found.text === '' && performance.now() - said > heartbeat;
      if (found.text !== '') yield { text: found.text };
      else if (isQuiet) yield { id: String(seq) };
      if (found.text !== '' || isQuiet) said = performance.now();
      if (!found.more) await sleep(pause, undefined, { signal }).catch(() => {});
    }
  } finally {
    leave();
  }
}

/** What came behind a place. A ledger that cannot answer now may the next time: a stream outlasts that. */
async function look(ledger: Services['ledger'], filter: Filter, place: number, signal: AbortSignal) {
  try {
    const {
      seq = place,
      text = '',
      more = false,
    } = await ledger.ask({ kind: 'after', filter, seq: place }, signal);
    return { seq, text, more };
  } catch (error) {
    if (error instanceof Refusal) return { seq: place, text: '', more: false };
    throw error;
  }
}
