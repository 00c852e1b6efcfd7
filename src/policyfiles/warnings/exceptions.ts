import { matches } from '../../policy/pattern.ts';
import type { FileError } from '../fileerror.ts';
import { word } from '../word.ts';
import { type Reading, warning } from './reading.ts';
import { Rules, rulingsOf } from './rules.ts';

const day = 24 * 60 * 60_000;
/** So long before it happens it is said that an exception ends. */
const soon = 14 * day;

/** Exceptions that have ended, will within days, or never do. */
export function* endings({ exceptions, now }: Reading): Iterable<FileError> {
  for (const document of exceptions) {
    const { expires } = document.value.spec;
    const at = (
      code: 'exception-ended' | 'exception-ends' | 'exception-endless',
      said: string,
      hint: string,
    ) => warning(code, document, ['spec', 'expires'], `this exception ${said}`, hint);
    if (expires === Infinity) yield at('exception-endless', 'never ends', 'a date makes somebody look again');
    else if (expires <= now)
      yield at(
        'exception-ended',
        `ended ${daysIn(now - expires)} ago, and does nothing`,
        'remove it, or agree on a new date',
      );
    else if (expires - now < soon)
      yield at(
        'exception-ends',
        `ends in ${daysIn(expires - now)}`,
        'agree on a new date in time, or let it end',
      );
  }
}

function daysIn(time: number): string {
  const days = Math.floor(time / day);
  return days === 0 ? 'less than a day' : `${days} ${days === 1 ? 'day' : 'days'}`;
}

/** Rules that exceptions name and no policy has, so that nothing is let off. */
export function* unknownRules(reading: Reading): Iterable<FileError> {
  const rules = new Rules(reading);
  for (const document of reading.exceptions) {
    for (const [index, pattern] of document.value.spec.rules.entries()) {
      if (rules.has(pattern)) continue;
      const path = ['spec', 'rules', index];
      yield pattern.startsWith('access/')
        ? warning(
            'exception-rule-unknown',
            document,
            path,
            `${word(pattern)} cannot be let off: an exception is from a Policy, never from Access`,
            'grant the action in an Access document, or take the deny away',
          )
        : warning(
            'exception-rule-unknown',
            document,
            path,
            `${word(pattern)} is no rule of this set`,
            rules.hint(pattern),
          );
    }
  }
}

/** Labels are chosen by whoever asks, so that what is let off for them alone is let off for everybody who knows. */
export function* labelsAlone(reading: Reading): Iterable<FileError> {
  const reserved = reading.policies.flatMap(({ value }) => reservedBy(value));
  const places = [
    ...reading.policies.map((document) => ({
      document,
      path: ['spec', 'exclude'],
      match: document.value.spec.exclude,
    })),
    ...reading.exceptions.map((document) => ({
      document,
      path: ['spec', 'match'],
      match: document.value.spec.match,
    })),
  ];
  for (const { document, path, match } of places) {
    if (match?.labels === undefined || match.images !== undefined) continue;
    if (match.subjects !== undefined && !match.subjects.includes('*')) continue;
    if (Object.keys(match.labels).some((label) => reserved.some((pattern) => matches(pattern, label))))
      continue;
    const message = 'whoever asks chooses the labels, so that anybody can be let off by this';
    yield warning('labels-alone', document, [...path, 'labels'], message, 'name subjects or images too');
  }
}

/** Labels that a Policy lets nobody set. */
function reservedBy(policy: Parameters<typeof rulingsOf>[0]): readonly string[] {
  return rulingsOf(policy)
    .filter(({ control, mode }) => control === 'labels' && mode === 'deny')
    .flatMap(({ parameters: { reserved } }) => (Array.isArray(reserved) ? reserved.map(String) : []));
}
