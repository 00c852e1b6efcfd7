import { describe, expect, it } from 'vitest';
import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import { bodyOf } from './body.ts';
import { matchRoute } from './match.ts';

const encoder = new TextEncoder();
const json = { 'Content-Type': 'application/json' };

interface Row {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The body as text, `none`, or the code of the refusal. */
function outcome({ method = 'POST', path, headers = {}, body }: Row): string {
  const route = matchRoute(method, path)?.route;
  if (route === undefined) throw new Error(`no route for ${method} ${path}`);
  const message: Message = {
    method,
    uri: path,
    headers,
    ...(body !== undefined && { body: encoder.encode(body) }),
  };
  try {
    const found = bodyOf(route, message);
    return found === undefined ? 'none' : new TextDecoder().decode(found);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '12' };

describe('bodyOf()', () => {
  it.each<[string, Row, string]>([
    // Only a body that came counts, whatever the headers say of it.
    ['a shown body', { path: '/containers/create', headers: json, body: '{}' }, '{}'],
    [
      'a shown body under another type',
      { path: '/swarm/init', headers: { 'Content-Type': 'text/plain' }, body: '{}' },
      '{}',
    ],
    [
      'a chunked or large body that is not shown',
      { path: '/containers/create', headers: json },
      'body-absent',
    ],
    [
      'a body of length 0',
      { path: '/containers/create', headers: { ...json, 'Content-Length': '0' }, body: '' },
      'body-absent',
    ],
    [
      'a type that 20.10 reads as JSON and hides',
      { path: '/swarm/init', headers: { 'Content-Type': 'text/plain', 'Content-Length': '22' } },
      'body-absent',
    ],
    [
      'no type at all, which 20.10 reads as JSON',
      { path: '/swarm/init', headers: { 'Content-Length': '22' } },
      'body-absent',
    ],
    // Bodiless is legal for commit and exec.start.
    ['a commit without a body', { path: '/commit', headers: { 'Content-Length': '0' } }, 'none'],
    ['a commit with one', { path: '/commit', headers: json, body: '{"User":"0"}' }, '{"User":"0"}'],
    [
      'a commit whose body is not shown',
      { path: '/commit', headers: { ...json, 'Content-Length': '2097152' } },
      'body-absent',
    ],
    ['a commit whose chunks are not shown', { path: '/commit', headers: json }, 'body-absent'],
    ['an exec.start without a body', { path: '/exec/x/start' }, 'none'],
    // Forms are merged before the query, and build takes multipart too.
    ['a form on a pull', { path: '/images/create', headers: form }, 'body-form'],
    [
      'a form in capitals',
      {
        path: '/images/create',
        headers: { ...form, 'Content-Type': ' APPLICATION/X-WWW-FORM-URLENCODED;a=b' },
      },
      'body-form',
    ],
    ['a form on a tar route', { path: '/build', headers: form }, 'body-form'],
    [
      'multipart on build',
      { path: '/build', headers: { ...form, 'Content-Type': 'multipart/form-data; boundary=B' } },
      'body-form',
    ],
    ['a form with PUT', { method: 'PUT', path: '/containers/x/archive', headers: form }, 'body-form'],
    [
      'an empty form',
      { path: '/containers/x/kill', headers: { ...form, 'Content-Length': '0' } },
      'body-form',
    ],
    [
      'a form with DELETE, which Go does not read',
      { method: 'DELETE', path: '/containers/x', headers: form },
      'none',
    ],
    ['a form with GET', { method: 'GET', path: '/containers/json', headers: form }, 'none'],
    // A body where none belongs, and not shown: its first Content-Type may be that of a form.
    [
      'a hidden body on a kill',
      { path: '/containers/x/kill', headers: { 'Content-Type': 'text/plain', 'Content-Length': '9' } },
      'body-unexpected',
    ],
    [
      'a hidden body in chunks',
      { path: '/containers/x/kill', headers: { 'Content-Type': 'text/plain' } },
      'body-unexpected',
    ],
    [
      "the CLI's attach",
      { path: '/containers/x/attach', headers: { 'Content-Type': 'text/plain', 'Content-Length': '0' } },
      'none',
    ],
    [
      'a body that is shown on a kill (dockerode)',
      { path: '/containers/x/kill', headers: json, body: '{"signal":"TERM"}' },
      'none',
    ],
    // Below 1.24, or with a daemon's minimum lowered, a start takes a HostConfig.
    [
      'a start with settings',
      { path: '/containers/x/start', headers: json, body: '{"Privileged":true}' },
      'start-with-body',
    ],
    ['a start with {}', { path: '/containers/x/start', headers: json, body: '{}' }, 'none'],
    ['a start with a hidden body', { path: '/containers/x/start', headers: json }, 'body-unexpected'],
    // Streams are never shown, and `auth` and push hide their JSON.
    ['a tar', { path: '/build', headers: { 'Content-Type': 'application/x-tar' } }, 'none'],
    ['a login', { path: '/auth', headers: { ...json, 'Content-Length': '65' } }, 'none'],
    ['a push', { path: '/images/x/push', headers: { ...json, 'Content-Length': '65' } }, 'none'],
  ])('%s', (_, row, expected) => {
    expect(outcome(row)).toBe(expected);
  });
});
