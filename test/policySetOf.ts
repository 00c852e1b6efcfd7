import { compileSet, type PolicySet } from '../src/policy/compile.ts';
import { policySchema } from '../src/policy/schema.ts';

/** A set of one Policy, as if it stood on line 5 of `NAME.yaml`. */
export function policySetOf(name: string, spec: object): PolicySet {
  const value = policySchema.parse({ apiVersion: 'bulwark/v1', kind: 'Policy', metadata: { name }, spec });
  return compileSet('0'.repeat(64), [{ value, source: () => ({ file: `${name}.yaml`, line: 5 }) }]);
}
