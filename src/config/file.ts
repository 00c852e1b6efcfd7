import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { documentSchema } from '../policy/document.ts';
import type { FileError } from '../policyfiles/fileerror.ts';
import { fileError, shownName } from '../policyfiles/find.ts';
import { readText } from '../policyfiles/readtext.ts';
import { type Format, parseDocuments } from '../policyfiles/yaml.ts';
import { type Spec, specSchema } from './settings.ts';

/** A Config document. */
export const configSchema = documentSchema('Config', specSchema);

const format: Format<z.output<typeof configSchema>> = {
  kinds: new Map([['Config', configSchema]]),
};

/** Reads a file with one Config document; relative paths in it are taken from its own folder. Never throws. */
export async function readConfigFile(
  file: string,
): Promise<{ readonly spec: Spec } | { readonly errors: readonly FileError[] }> {
  const read = await readText(file);
  if ('error' in read) return { errors: [read.error] };
  const { documents, errors } = parseDocuments(read.text, shownName(file), format);
  if (errors.length > 0) return { errors };
  const [document, second] = documents;
  if (document === undefined)
    return { errors: [fileError('file-invalid', file, 'there is no Config document in it')] };
  if (second !== undefined) {
    const message = 'a second Config document: there is one configuration';
    return { errors: [{ ...fileError('file-invalid', file, message), at: second.keyAt(['kind']) }] };
  }
  return { spec: withAbsolutePaths(document.value.spec, dirname(file)) };
}

function withAbsolutePaths(spec: Spec, folder: string): Spec {
  const { authzSocket, policies, shadow, data, admin, identity } = spec;
  return {
    ...spec,
    ...(authzSocket !== undefined && { authzSocket: resolve(folder, authzSocket) }),
    ...(admin?.kind === 'unix' && { admin: { ...admin, path: resolve(folder, admin.path) } }),
    ...(data !== undefined && { data: resolve(folder, data) }),
    ...(shadow !== undefined && { shadow: resolve(folder, shadow) }),
    ...(policies !== undefined && { policies: policies.map((path) => resolve(folder, path)) }),
    ...(identity?.tokens.keys !== undefined && {
      identity: {
        ...identity,
        tokens: { ...identity.tokens, keys: identity.tokens.keys.map((key) => resolve(folder, key)) },
      },
    }),
  };
}
