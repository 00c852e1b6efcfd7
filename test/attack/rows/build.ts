/** Short ways to write rows. */
import type { Pattern, Row, Step } from '../row.ts';

const json = ['Content-Type', 'application/json'] as const;

/** What every container of an attack is made of. */
export const ordinary = { Image: 'busybox', Cmd: ['true'] };

export const createTarget = '/v1.41/containers/create?name={me}';

export function post(target: string, body?: object | string, more: Partial<Step> = {}): Step {
  if (body === undefined) return { method: 'POST', target, ...more };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { method: 'POST', target, headers: [json], body: text, ...more };
}

export function createStep(host: object, more: Partial<Step> & { readonly fields?: object } = {}): Step {
  const { fields, ...step } = more;
  return post(createTarget, { ...ordinary, HostConfig: host, ...fields }, step);
}

/** What makes a row differ from its neighbours beside the body. */
export type More = Partial<Pick<Row, 'release' | 'why' | 'stoppedAt' | 'before' | 'after'>> & {
  readonly target?: string;
  readonly fields?: object;
};

/** A container that is stored with what the policy forbids. `at` is what its files on disk then show. */
export function stores(id: string, kind: string, host: object, at: Pattern, more: More = {}): Row {
  const { target = createTarget, fields, ...rest } = more;
  const body = { ...ordinary, HostConfig: host, ...fields };
  return { id, kind, stoppedAt: 'create', steps: [post(target, body)], holds: { container: at }, ...rest };
}

/** The same from a body's text, for what no JSON writer would write. `text` follows `{"Image":"busybox","Cmd":["true"],`. */
export function reads(id: string, kind: string, text: string, at: Pattern, more: More = {}): Row {
  const { target = createTarget, fields: _, ...rest } = more;
  const body = `{"Image":"busybox","Cmd":["true"],${text}`;
  return { id, kind, stoppedAt: 'read', steps: [post(target, body)], holds: { container: at }, ...rest };
}

export const privileged: Pattern = { HostConfig: { Privileged: true } };

/** A place inside the container that shows a host path, as the daemon has understood it. */
export function mounted(source: string, target = '/h'): Pattern {
  return { MountPoints: { [target]: { Source: source } } };
}
