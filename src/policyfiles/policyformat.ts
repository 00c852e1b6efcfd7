import type { z } from 'zod';
import type { Code } from '../model/codes.ts';
import { type SetDocument, setSchemas } from '../policy/schema.ts';
import type { Format } from './yaml.ts';

/** The documents of a policy set. */
export const policyFormat: Format<SetDocument> = {
  kinds: new Map<string, z.ZodType<SetDocument>>(Object.entries(setSchemas)),
  refusedKinds: new Map([
    refused('PolicyTest', 'file-invalid', 'tests of policies belong in a file that ends in .test.yaml'),
    refused(
      'Config',
      'file-invalid',
      'a Config document belongs outside the policy folders, for serve --config',
    ),
  ]),
};

/** What is said of what validates and has no effect yet. */
export function notYet(what: string): string {
  return `this version does not enforce ${what} yet, so a set with it is not put into force`;
}

function refused(kind: string, code: Code, message: string) {
  return [kind, { code, message }] as const;
}
