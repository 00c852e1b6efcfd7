import { z } from 'zod';
import { configSource, type Source, sources, specSchema } from '../../src/config/settings.ts';
import { code, generatedFrom, table } from './markdown.ts';
import type { Schema } from './types.ts';

/** The page `docs/config.md`: every setting of `serve`. */
export function configPage(): string {
  const given: Readonly<Record<string, Source>> = sources;
  // What zod writes for a strict object.
  const schema = z.toJSONSchema(specSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  const rows = leaves(schema, '').map(([key, { description = '', default: value }]) => {
    const {
      flag,
      variable,
      byDefault = value === undefined ? undefined : JSON.stringify(value),
    } = given[key] ?? {};
    return [
      code(key),
      ...[flag, variable, byDefault].map((text) => (text === undefined ? '' : code(text))),
      description,
    ];
  });
  return `${generatedFrom('src/config/settings.ts')}

# Configuration

A flag wins over a variable, a variable over the Config file (${code(configSource.flag)} or ${code(configSource.variable)}),
the file over the default. Several values of a variable are divided by \`:\`. Relative paths of the file are taken from
its own folder. An unknown key is an error.

    apiVersion: bulwark/v1
    kind: Config
    metadata: { name: this-host }
    spec:
      policies: [/etc/bulwark/policies]
      admin: unix:/run/bulwark/admin.sock
      ledger: { retention: { age: 90d } }

${table(['key of `spec`', 'flag', 'variable', 'default', 'says'], rows)}
`;
}

/** Settings by their path; a map of settings is none itself. */
function leaves({ properties = {} }: Schema, before: string): readonly [string, Schema][] {
  return Object.entries(properties).flatMap(([key, schema]): readonly [string, Schema][] =>
    schema.properties === undefined ? [[`${before}${key}`, schema]] : leaves(schema, `${before}${key}.`),
  );
}
