import { z } from 'zod';
import { Refusal } from '../../model/error.ts';
import type { Message } from '../../model/message.ts';
import { quote } from '../../model/printable.ts';
import { normalize } from '../../normalize/normalize.ts';
import { type Route, routes } from '../../normalize/routes.ts';
import { newestMinor } from '../../normalize/target.ts';
import { suggest } from '../../policyfiles/suggest.ts';
import { shownMessage } from '../shownMessage.ts';

/** `image.import` is what the route of `image.pull` does without `fromImage`. */
const importing = { action: 'image.import', like: 'image.pull' };

/** All that a request may be called. */
const actions = [...new Set([...routes.map(({ action }) => action), importing.action])].sort();

/** Actions whose name stands in a parameter instead of the path, and in which. */
const namedInQuery: Readonly<Record<string, string>> = {
  'container.create': 'name',
  'container.commit': 'container',
  'image.pull': 'fromImage',
  'plugin.pull': 'name',
  'plugin.create': 'name',
};
/** Actions whose name stands in the body, as `Name`. */
const namedInBody = new Set(
  ['volume', 'network', 'service', 'secret', 'config'].map((kind) => `${kind}.create`),
);

/** Actions whose body is a list. */
const listed = new Set(['plugin.pull', 'plugin.upgrade', 'plugin.set']);

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const object = z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]);

const shape = z.strictObject({
  method: z.string().min(1).optional().describe('As in `POST`, with `uri`.'),
  uri: z.string().min(1).optional().describe('As in `/v1.44/containers/create?name=web`.'),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Absent: those that a JSON body needs. What the daemon shows no plugin is left out.'),
  body: z
    .unknown()
    .optional()
    .describe(
      'A text is the body as it is; anything else is sent as JSON. The daemon shows plain JSON alone.',
    ),
  action: z
    .string()
    .optional()
    .meta({ enum: actions })
    .describe('Instead of `method` and `uri`: `container.start`, as of the newest API version.'),
  resource: z
    .strictObject({ name: z.string().min(1).describe('Name or id, as in the path.') })
    .optional()
    .describe('What the action acts on, or the name that it asks for.'),
  query: z
    .record(z.string(), z.union([scalar, z.array(scalar)]))
    .optional()
    .describe('Parameters of the action, such as `{ networkmode: host }` of `build`.'),
  object: object
    .optional()
    .describe("The body of the action, in Docker's keys. Absent: an empty one, where it must have one."),
});

type Given = z.output<typeof shape>;
/** A mistake, at one of the keys. */
type Mistake = { readonly at: keyof Given; readonly message: string };

/** A request of a case, as the message that dockerd would make of it. */
export const requestSchema = shape.transform((given, context): Message => {
  const made = given.action === undefined ? rawMessage(given) : actionMessage(given, given.action);
  if (!('message' in made)) return made;
  context.addIssue({ code: 'custom', path: [made.at], message: made.message });
  return z.NEVER;
});

function rawMessage({ method, uri, headers, body, ...rest }: Given): Message | Mistake {
  const [extra] = without(rest, ['action']);
  if (extra !== undefined) return { at: extra, message: `${quote(extra)} goes with an \`action\`` };
  if (method === undefined || uri === undefined)
    return { at: 'action', message: 'give `method` and `uri`, or an `action`' };
  return sent(method, uri, body, headers);
}

function actionMessage({ action: _, ...given }: Given, action: string): Message | Mistake {
  const { resource, query, object: stated, ...raw } = given;
  const [extra] = without(raw, []);
  if (extra !== undefined)
    return { at: extra, message: 'an `action` goes with `resource`, `query` and `object`' };
  if (!actions.includes(action)) return { at: 'action', message: unknownAction(action) };
  const route = routeOf(action, resource !== undefined);
  if (typeof route === 'string') return { at: 'resource', message: route };
  if (stated !== undefined && !/^json/.test(route.body))
    return { at: 'object', message: `no plugin sees a body of ${quote(action)}: leave \`object\` out` };
  const name = resource?.name ?? '';
  const body = stated ?? (route.body === 'json' ? (listed.has(action) ? [] : {}) : undefined);
  const path = route.path.replace(/\{\w+(?:\.\.\.)?\}/, name.split('/').map(encodeURIComponent).join('/'));
  const uri = `/v1.${newestMinor}${path}${queryOf(query, namedInQuery[action], name)}`;
  const message = sent(route.method, uri, named(action, name, body));
  const meant = actionOf(message);
  return meant === undefined || meant === action
    ? message
    : {
        at: 'action',
        message: `this would be ${quote(meant)}: what names an image (\`fromImage\`) pulls, what does not imports`,
      };
}

/** The action that a message is read as; undefined where it is refused, which a case may want. */
function actionOf(message: Message): string | undefined {
  try {
    return normalize(message).action;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** What dockerd tells of a request; a body without a type is sent as JSON. */
function sent(method: string, uri: string, body: unknown, headers: Given['headers'] = {}): Message {
  const isTyped = Object.keys(headers).some((name) => /^content-type$/i.test(name));
  const all = body === undefined || isTyped ? headers : { ...headers, 'Content-Type': 'application/json' };
  return shownMessage(method, uri, Object.entries(all).flat(), bytesOf(body));
}

function named(action: string, name: string, body: Given['object']): Given['object'] {
  if (!namedInBody.has(action) || name === '' || Array.isArray(body)) return body;
  return { Name: name, ...body };
}

/** The keys that are there, but for some. */
function without(given: Partial<Given>, known: readonly (keyof Given)[]): readonly (keyof Given)[] {
  const keys = Object.keys(shape.shape) as (keyof Given)[];
  return keys.filter((key) => given[key] !== undefined && !known.includes(key));
}

function unknownAction(action: string): string {
  const near = suggest(action, actions);
  const hint =
    near === undefined ? 'docs/testing.md says where all are listed' : `did you mean ${quote(near)}?`;
  return `there is no action ${quote(action)}; ${hint}`;
}

/** The route of an action, with the name in its path or without, or why there is none. */
function routeOf(action: string, named: boolean): Route | string {
  const like = action === importing.action ? importing.like : action;
  const own = routes.filter((route) => route.action === like);
  const takesName = namedInQuery[action] !== undefined || namedInBody.has(action);
  const fits = own.find(({ path }) => {
    const names = [...path.matchAll(/\{(\w+)/g)].map(([, name]) => name);
    return named && !takesName ? names.length === 1 && names[0] === 'name' : names.length === 0;
  });
  if (fits !== undefined) return fits;
  if (own.some(({ path }) => /\{.*\{/.test(path)))
    return `${quote(action)} has two names: write its \`method\` and \`uri\``;
  return named
    ? `${quote(action)} acts on nothing that has a name: leave \`resource\` out`
    : `${quote(action)} acts on something: name it, as in \`resource: { name: web }\``;
}

function queryOf(query: Given['query'] = {}, nameKey: string | undefined, name: string): string {
  const own = nameKey === undefined || name === '' ? {} : { [nameKey]: name };
  const pairs = Object.entries({ ...own, ...query }).flatMap(([key, value]) =>
    [value].flat().map((one): [string, string] => [key, String(one)]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array(0);
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}
