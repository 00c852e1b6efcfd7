import { printable } from '../model/printable.ts';
import type { FileError } from '../policyfiles/fileerror.ts';
import { suggest } from '../policyfiles/suggest.ts';
import { configSource, type SourcedKey, type Spec, sources, specSchema } from './settings.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What the environment says: the settings, what is wrong with them, and variables that nothing reads. */
export interface Variables {
  readonly spec: Spec;
  readonly errors: readonly FileError[];
  /** Not errors: a container platform sets such names for a service that is called `bulwark`. */
  readonly warnings: readonly string[];
}

/** Reads the variables `BULWARK_*`; an empty one counts as unset. */
export function readVariables(env: Env): Variables {
  const values: Partial<Record<SourcedKey, unknown>> = {};
  const errors: FileError[] = [];
  for (const [key, { variable, list }] of entries(sources)) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    const value = specSchema.shape[key].safeParse(list ? text.split(':') : text);
    if (value.success) values[key] = value.data;
    else
      errors.push({
        code: 'file-invalid',
        file: variable,
        message: value.error.issues[0]?.message ?? 'invalid',
      });
  }
  // Each value has come out of its own key's schema.
  return { spec: values as Spec, errors, warnings: unknownVariables(env) };
}

function unknownVariables(env: Env): readonly string[] {
  const known = [configSource, ...Object.values(sources)].map(({ variable }) => variable);
  return Object.keys(env)
    .filter((name) => name.startsWith('BULWARK_') && !known.includes(name))
    .map((name) => {
      const near = suggest(name, known);
      return `nothing reads the variable ${printable(name)}${near === undefined ? '' : `; did you mean ${near}?`}`;
    });
}

/** Object.entries() with the keys' own type: the tables above are whole and frozen by `as const`. */
function entries<K extends string, V>(table: Readonly<Record<K, V>>): readonly [K, V][] {
  return Object.entries(table) as [K, V][];
}
