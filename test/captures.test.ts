import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../src/model/error.ts';
import type { Message } from '../src/model/message.ts';
import type { AdmissionRequest } from '../src/model/request.ts';
import { normalize } from '../src/normalize/normalize.ts';

/** One request as a real daemon told it to its plugin. */
interface Capture {
  /** What the CLI was asked to do. */
  readonly name: string;
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** In base64, where it is no text. */
  readonly body64?: string;
}

function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
}

function captures(file: string): Capture[] {
  // The fixture's lines were written in this shape.
  return fixture(`captures/${file}.jsonl`)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Capture);
}

function message({ method, uri, headers, body, body64 }: Capture): Message {
  const bytes = body64 === undefined ? body && Buffer.from(body) : Buffer.from(body64, 'base64');
  return { method, uri, headers, ...(bytes && { body: bytes }) };
}

/** The first route of `api-actions.json` that matches, by a matcher of the test's own. */
function expectedAction({ method, uri }: Capture): string {
  const routes = JSON.parse(fixture('api-actions.json')) as {
    action: string;
    method: string;
    path: string;
  }[];
  const [path = '', query = ''] = uri.replace(/^\/v1\.\d+/, '').split('?', 2);
  const found = routes.find((route) => {
    const source = route.path
      .replaceAll('.', '\\.')
      .replace(/\{\w+(:[^}]*)?\}/g, (_, any) => (any ? '.+' : '[^/]+'));
    return route.method === method && new RegExp(`^${source}$`).test(decodeURIComponent(path));
  });
  const pulls = new URLSearchParams(query).get('fromImage');
  return found?.action === 'image.pull' && !pulls ? 'image.import' : (found?.action ?? 'none');
}

describe.each(['20.10.24', '28.5.2'])('what docker %s sent for everyday commands', (release) => {
  const rows = captures(release);

  it('covers the commands', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBeGreaterThan(130);
  });

  it.each(rows)('reads $name: $method $uri', (capture) => {
    const request = normalize(message(capture));
    expect(request.action).toBe(expectedAction(capture));
    expect(request.unknown).toEqual([]);
  });
});

/** The outcome of a reading: the action, or the code of the refusal. */
function outcome(capture: Capture): { readonly word: string; readonly request?: AdmissionRequest } {
  try {
    const request = normalize(message(capture));
    return { word: request.action, request };
  } catch (error) {
    if (error instanceof Refusal) return { word: error.code };
    throw error;
  }
}

/**
 * Requests that no honest client sends, in the order in which they were tried: a create of a privileged
 * container behind every kind of Content-Type, length and size; then targets and forms of all kinds. A line
 * is a run of equal outcomes.
 */
const oddities = `
  5 container.create    JSON types with and without a length
  2 body-absent         a parameter that does not parse, or comes twice
  1 container.create    a body behind two equal types
  7 body-absent         other types, none, an empty one, two in one
  1 container.create    two headers: the daemon acted on the first, which was JSON
  3 body-absent         two headers the other way round; no length; chunks
  2 container.create    chunks that Debian's release shows
  1 body-absent         HTTP/1.0 without a length
  1 container.create    Expect: 100-continue
  1 body-not-utf8       gzip
   11 body-absent         1 MiB and more, in one piece and in chunks
  1 container.create    a query that ends in /auth
  2 uri-characters      a fragment
  1 uri-form            an absolute target whose host is auth
  1 container.create    an escaped letter
  1 query-malformed     a semicolon
  1 service.create      nothing odd
  1 uri-characters      a bad escape behind a fragment, so that the URI does not parse
  2 body-absent         text/plain, which 20.10 reads as JSON all the same; no type
  2 uri-characters      as before
  1 body-absent         as before
  6 uri-characters      as before
  1 body-absent         as before
  1 uri-characters      as before
  2 body-form           a form that makes an import a pull; that replaces the image
  1 body-unexpected     a body on a pull
  7 body-form           on tag, archive, plugin, build (both kinds), commit, kill
  1 container.delete    Go reads no form of a DELETE
  1 container.list      nor of a GET
  1 system.ping         plain
  1 system.options      plain
  1 container.list      X-HTTP-Method-Override means nothing to dockerd
  1 image.list          plain`;

/** The outcomes of the table, one a request. The large bodies were tried on 20.10 alone. */
function expectedOutcomes(release: string): string[] {
  const lines = oddities
    .trim()
    .split('\n')
    .filter((line) => release === '20.10.24' || !line.includes('1 MiB'));
  return lines.flatMap((line) => {
    const [, count = '', word = ''] = /^ *(\d+) (\S+)/.exec(line) ?? [];
    return Array.from({ length: Number(count) }, () => word);
  });
}

describe.each(['20.10.24', '26.1.5', '29.7.2'])('what docker %s told of odd requests', (release) => {
  const outcomes = captures(`oddities-${release}`).map(outcome);

  it('is refused, or harmless', () => {
    expect(outcomes.map(({ word }) => word)).toEqual(expectedOutcomes(release));
  });

  it('shows the privileged container wherever it is read', () => {
    const read = outcomes.filter(({ word }) => word === 'container.create');
    expect(read.map(({ request }) => request?.object.container?.privileged)).toEqual(read.map(() => true));
  });
});
