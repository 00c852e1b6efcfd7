import { Refusal } from '../model/error.ts';

/**
 * What judging one request may cost, in steps of some 30 ns: a pattern held against a text is a few. Shipped policies
 * take about a hundred for a container; what takes as many as this is a set, or a request, made to take long.
 */
export const mostSteps = 20_000_000;

let left = Number.POSITIVE_INFINITY;

/**
 * Does some work that may take so many steps and no more; what is called within takes its steps from the same.
 *
 * @throws Refusal `policies-too-costly`
 */
export function limited<T>(work: () => T, steps = mostSteps): T {
  if (left !== Number.POSITIVE_INFINITY) return work();
  left = steps;
  try {
    return work();
  } finally {
    left = Number.POSITIVE_INFINITY;
  }
}

/** Counts steps, before they are taken. Outside of `limited` nobody counts. */
export function spend(steps: number): void {
  left -= steps;
  if (left < 0)
    throw new Refusal(
      'policies-too-costly',
      'to hold this request against the policies takes more than is ever done for one request.',
    );
}
