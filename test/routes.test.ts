import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { routes } from '../src/normalize/routes.ts';

interface Known {
  readonly action: string;
  readonly method: string;
  readonly path: string;
  readonly effect: 'read' | 'write';
  readonly body?: string;
  readonly bodyKind?: string;
  readonly hijack?: string;
}

// The fixture is the project's own table of dockerd's routes, in this shape.
const known = JSON.parse(
  readFileSync(new URL('./fixtures/api-actions.json', import.meta.url), 'utf8'),
) as readonly Known[];

/** Rows of `api-actions.json` without a route of their own, and why. */
const without: Readonly<Record<string, string>> = {
  'OPTIONS /{anyroute:.*}': 'every path; `matchRoute` answers it',
  'POST /containers/{name:.*}/copy': 'gone from 1.24 on',
  'GET /debug/pprof/cmdline': 'matched by {name}',
  'GET /debug/pprof/profile': 'matched by {name}',
  'GET /debug/pprof/symbol': 'matched by {name}',
  'GET /debug/pprof/trace': 'matched by {name}',
};

/** A path in this project's spelling: names that may hold slashes end in dots, and all but one have one word. */
function spelled(path: string): string {
  return path.replace(/\{(\w+)(:[^}]*)?\}/g, (_, name, any) =>
    any ? '{name...}' : name === 'checkpoint' ? '{checkpoint}' : '{name}',
  );
}

const wanted = known
  .filter(({ action, method, path }) => action !== 'image.import' && !(`${method} ${path}` in without))
  .map(({ action, method, path }) => `${action} ${method} ${spelled(path)}`);

describe('the table of routes', () => {
  it("has every route of dockerd, in dockerd's order, and no other", () => {
    expect(routes.map(({ action, method, path }) => `${action} ${method} ${path}`)).toEqual(wanted);
  });

  it('has only words that it knows', () => {
    const operations = new Set(['READ', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT']);
    const bodies = new Set(['none', 'json', 'json-or-none', 'stream', 'hidden']);
    expect(routes.filter(({ operation, body }) => !operations.has(operation) || !bodies.has(body))).toEqual(
      [],
    );
  });

  /** A hijacked connection is CONNECT, which both a read and a write can be. */
  it('takes for a read what the daemon only reads, and for a write what it changes', () => {
    const reads = new Set(known.filter(({ effect }) => effect === 'read').map(({ action }) => action));
    const differ = routes.filter(({ action, operation }) => (operation === 'READ') !== reads.has(action));
    // Those change nothing on the host: they send. Attach, session and grpc are CONNECT.
    expect(differ.map(({ action }) => action)).toEqual(['system.auth', 'image.push', 'plugin.push']);
  });

  it('demands the body of every route that reads JSON', () => {
    const json = new Set(known.flatMap(({ action, body }) => (body === undefined ? [] : [action])));
    const demanded = routes.filter(({ body }) => body === 'json' || body === 'json-or-none');
    // `auth` and push never show theirs; start reads one below 1.24 alone, where it is refused.
    const hidden = ['system.auth', 'container.copy', 'container.start', 'image.push'];
    expect(new Set(demanded.map(({ action }) => action))).toEqual(json.difference(new Set(hidden)));
  });
});
