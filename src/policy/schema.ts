import { z } from 'zod';
import { accessSpec } from './access.ts';
import { controls } from './controls/index.ts';
import { documentSchema } from './document.ts';
import { exceptionSpec } from './exception.ts';
import { matchSchema, subjectPatterns } from './match.ts';
import { subjectsSpec } from './subjects.ts';

/** What becomes of a request that breaks a control. */
export const modes = ['deny', 'audit', 'warn'] as const;
export type Mode = (typeof modes)[number];

const mode = z.enum(modes).optional();
const modeText =
  '`deny` blocks. `audit` allows and records what would have been denied; `warn` too, and tells the user where that is possible.';

/** Parameters of every control, by its name. */
const controlParameters = z.strictObject(
  Object.fromEntries(
    controls.map(({ name: control, parameters, about }) => [
      control,
      parameters
        .extend({ mode: mode.describe(`${modeText} Absent: the document's.`) })
        .optional()
        .describe(about),
    ]),
  ),
);

const rule = z.strictObject({
  id: z.string().regex(/^[a-z][A-Za-z0-9-]*$/, 'an id has letters, digits and `-`'),
  when: z.string().optional().describe('CEL: whether the rule speaks of a request. Absent: of each.'),
  assert: z.string().describe('CEL: what must be true.'),
  message: z.string().describe('What is wrong where it is not.'),
  fix: z.string().optional().describe('A way out.'),
});

const policySpec = z.strictObject({
  match: matchSchema.optional().describe('Which requests it speaks of. Absent: all.'),
  exclude: matchSchema.optional().describe('Which of these it lets alone.'),
  mode: mode.describe(`${modeText} Absent: \`deny\`.`),
  profile: z
    .enum(['privileged', 'baseline', 'restricted'])
    .optional()
    .describe(
      'A named set of controls: `privileged` has none, `baseline` stops the known ways out of a container, `restricted` hardens beyond it.',
    ),
  controls: controlParameters
    .optional()
    .describe("Each replaces the profile's control of that name in this document."),
  variables: z.record(z.string(), z.string()).optional().describe('CEL, by name. Not enforced yet.'),
  rules: z.array(rule).optional().describe('CEL, for what no control says. Not enforced yet.'),
});

/** What a subject may hold or do at a time: a later version says how. */
const quotaSpec = z.strictObject({
  subjects: subjectPatterns.describe('Whose account it limits.'),
  limits: z.record(z.string(), z.unknown()).describe('Not enforced yet.'),
});

/** A Policy document: what a request may contain. */
export const policySchema = documentSchema('Policy', policySpec, ['access']);
const accessSchema = documentSchema('Access', accessSpec, ['not-granted']);
const subjectsSchema = documentSchema('Subjects', subjectsSpec);
const exceptionSchema = documentSchema('Exception', exceptionSpec);
const quotaSchema = documentSchema('Quota', quotaSpec);

/** The kinds of a policy set. */
export const setSchemas = {
  Policy: policySchema,
  Access: accessSchema,
  Subjects: subjectsSchema,
  Exception: exceptionSchema,
  Quota: quotaSchema,
} as const;

export type PolicyShape = z.output<typeof policySchema>;
export type AccessShape = z.output<typeof accessSchema>;

/** A document of a policy set as its schema gives it back. */
export type SetDocument = {
  readonly [K in keyof typeof setSchemas]: z.output<(typeof setSchemas)[K]>;
}[keyof typeof setSchemas];

/**
 * The places of a document that validate and are not enforced yet, with what stands there: a set with one of them is
 * not put into force, since ignoring it would let its author believe in it.
 */
export function notYetEnforced(
  document: SetDocument,
): readonly { readonly path: readonly PropertyKey[]; readonly what: string }[] {
  switch (document.kind) {
    case 'Quota':
      return [{ path: ['kind'], what: 'kind "Quota"' }];
    case 'Policy': {
      const { rules, variables } = document.spec;
      return [
        ...(rules === undefined ? [] : [{ path: ['spec', 'rules'], what: '"rules"' }]),
        ...(variables === undefined ? [] : [{ path: ['spec', 'variables'], what: '"variables"' }]),
      ];
    }
    case 'Access':
      return document.spec.allow.flatMap(({ on }, index) =>
        on === 'any' ? [] : [{ path: ['spec', 'allow', index, 'on'], what: `"on: ${on}"` }],
      );
    default:
      return [];
  }
}
