import type { GoType, Value } from '../gojson/types.ts';
import { Refusal } from '../model/error.ts';
import type { AdmissionRequest } from '../model/request.ts';
import { fromCreate, fromUpdate } from './container.ts';
import { createBody, misplacedNames, updateConfig } from './describe/container.ts';
import { queries } from './describe/queries.ts';
import type { Route } from './routes.ts';
import type { Query } from './target.ts';

/** All that a builder may look at to make the canonical object of its action. */
export interface Asked {
  readonly route: Route;
  /** Names from the path, decoded. */
  readonly names: Readonly<Record<string, string>>;
  readonly query: Query;
  /** The minor version by which protections are counted. */
  readonly minor: number;
  /** Reads the body as a type; undefined where the route takes none. */
  read<T extends GoType>(type: T): Value<T> | undefined;
}

type Built = Pick<AdmissionRequest, 'object'> & { readonly ref?: string };

/** What makes the object of an action; an action without an entry has nothing but its name to judge. */
const builders: Readonly<Record<string, (asked: Asked) => Built>> = {
  'container.create': (asked) => {
    const body = required(asked, createBody);
    const misplaced = misplacedNames.find((name) => Object.hasOwn(body, name));
    if (misplaced !== undefined) {
      throw new Refusal(
        'hostconfig-at-top-level',
        `\`${misplaced}\` stands beside \`HostConfig\` instead of in it, where some daemons act on it.`,
      );
    }
    const name = asked.query.first('name');
    return { object: fromCreate(body, name, asked.minor), ...named(name) };
  },
  'container.update': (asked) => ({ object: fromUpdate(required(asked, updateConfig)) }),
};

/**
 * Makes the resource and the object of a request.
 *
 * @throws Refusal where the body cannot be read
 */
export function build(asked: Asked): Pick<AdmissionRequest, 'resource' | 'object'> {
  const { action, body } = asked.route;
  const builder = builders[action];
  if (builder === undefined && body === 'json') {
    throw new Refusal('internal-error', `nothing reads the body of \`${action}\`.`);
  }
  const { object, ref }: Built = builder?.(asked) ?? { object: {} };
  const name = ref ?? asked.names['name'];
  return {
    resource: { kind: action.split('.', 1)[0] ?? action, ...named(name) },
    object,
  };
}

function named(ref: string | undefined): { ref?: string } {
  return ref === undefined || ref === '' ? {} : { ref };
}

/** The body of a route that has one: `bodyOf` has refused its absence. */
function required<T extends GoType>(asked: Asked, type: T): Value<T> {
  const value = asked.read(type);
  if (value === undefined)
    throw new Refusal('body-absent', `the body of \`${asked.route.action}\` did not reach Bulwark.`);
  return value;
}

/** Whether a query key of an action is a list, of which every value counts. */
export function isMany(action: string, key: string): boolean {
  return queries[action]?.keys[key]?.many === true;
}

/** Query keys with a value that the description does not know. */
export function unknownKeys(action: string, query: Query): string[] {
  const known = queries[action]?.keys ?? {};
  return [...query.values]
    .filter(([key, [value]]) => !(key in known) && value !== '')
    .map(([key]) => `?${key}`);
}
