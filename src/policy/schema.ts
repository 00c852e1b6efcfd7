import { z } from 'zod';
import { controls } from './controls/index.ts';

/** A name as it stands in rule ids: it must not hold what divides them. */
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'a name has letters, digits, `.`, `_` and `-`, at most 63');

const metadata = z.strictObject({
  name: name.describe('Unique per kind; the first part of every rule id.'),
  description: z.string().optional().describe('For people.'),
  labels: z.record(z.string(), z.string()).optional().describe('For people and tools.'),
});

/** Parameters of every control, by its name. */
const controlParameters = z.strictObject(
  Object.fromEntries(
    controls.map(({ name: control, parameters, about }) => [control, parameters.optional().describe(about)]),
  ),
);

/** A Policy document: what a request may contain. */
export const policySchema = z.strictObject({
  apiVersion: z.literal('bulwark/v1'),
  kind: z.literal('Policy'),
  metadata,
  spec: z.strictObject({
    profile: z
      .enum(['privileged', 'baseline', 'restricted'])
      .optional()
      .describe(
        'A named set of controls: `privileged` has none, `baseline` stops the known ways out of a container, `restricted` hardens beyond it.',
      ),
    controls: controlParameters
      .optional()
      .describe("Each replaces the profile's control of that name in this document."),
  }),
});

/** A Policy document as its schema gives it back. */
export type PolicyShape = z.infer<typeof policySchema>;

/** Kinds and keys of the format that this version does not enforce yet, so that they are refused and not ignored. */
export const notYetEnforced: {
  readonly kinds: readonly string[];
  /** Keys of a Policy's `spec`. */
  readonly spec: readonly string[];
  /** Keys beside a control's parameters. */
  readonly control: readonly string[];
} = {
  kinds: ['Access', 'Subjects', 'Quota', 'Exception'],
  spec: ['match', 'exclude', 'mode', 'rules', 'variables'],
  control: ['mode'],
};
