import type { Int } from '../gojson/types.ts';
import { isWhole } from '../model/container.ts';
import type { RequestObject } from '../model/request.ts';
import type { Finding } from './control.ts';

/** What a control of a limit knows of it. */
export interface LimitKind {
  /** The flag of `docker run` and `docker update`. */
  readonly run: string;
  /** That of a service and of a build; absent: they have no such limit. */
  readonly service?: string;
  readonly build?: string;
  /** A limit for a start, as the flag takes it. */
  readonly example: string;
  /** What happens without a limit, as a sentence goes on. */
  readonly without: string;
  /** A value as the flag takes it. */
  show(value: Int): string;
}

/** What a request says of a limit. */
export interface AskedLimit {
  /** Absent: nothing. */
  readonly value?: Int | undefined;
  /** The value says that there shall be no limit. */
  readonly lifts?: boolean;
}

export interface LimitParameters {
  readonly required?: boolean | undefined;
  readonly max?: number | undefined;
}

/** The flag that the user would have typed for a limit; undefined: there is none for what is asked. */
export function limitFlag(
  { run, service, build }: LimitKind,
  { container }: RequestObject,
): string | undefined {
  if (container === undefined) return build;
  return container.origin === 'service' ? service : run;
}

/**
 * Holds a limit against what is required and the most that is allowed. A request for no limit is more than
 * every maximum and less than every requirement. Where nothing is said only `required` minds, and only of
 * new containers and services: an update leaves the limit as it is, and BuildKit obeys none.
 */
export function judgeLimit(
  object: RequestObject,
  kind: LimitKind,
  { value, lifts = false }: AskedLimit,
  { required = false, max }: LimitParameters,
): Finding[] {
  const flag = limitFlag(kind, object);
  if (flag === undefined) return [];
  const limit = max === undefined ? kind.example : kind.show(max);
  if (value === undefined) {
    const { container } = object;
    if (!required || container === undefined || !isWhole(container)) return [];
    const message = `${flag} is missing: without a limit ${kind.without}.`;
    return [{ part: 'required', message, fix: `add ${flag} ${limit}.` }];
  }
  const shown = kind.show(value);
  if (lifts) {
    if (!required && max === undefined) return [];
    const message = `${flag} ${shown} asks for no limit, and then ${kind.without}.`;
    const part = max === undefined ? 'required' : 'max';
    return [{ part, message, fix: `use ${flag} ${limit}.`, value: shown }];
  }
  if (max === undefined || value <= max) return [];
  const message = `${flag} ${shown} is more than the ${limit} that are allowed here.`;
  return [{ part: 'max', message, fix: `use ${flag} ${limit} or less.`, value: shown }];
}
