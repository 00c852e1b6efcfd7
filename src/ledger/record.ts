import { z } from 'zod';
import type { JsonObject } from './canonical.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const ulid = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/);

/** What every record has. */
const common = {
  v: z.literal(1).describe('Version of the format.'),
  seq: z
    .int()
    .positive()
    .describe('Counts the records of a ledger, from 1; a record that is missing leaves a gap.'),
  prev: hash.describe('`hash` of the record before; 64 zeros for the first.'),
  hash: hash.describe(
    'SHA-256 in hex over the canonical JSON (RFC 8785) of the record without `hash` itself.',
  ),
  id: ulid.describe("A ULID: sorts by time. A decision's is the one that its denial shows."),
  time: z.iso
    .datetime({ precision: 3 })
    .describe('When it was decided or noticed, by the clock of the host: RFC 3339 in UTC with milliseconds.'),
  host: z.string().describe('The host, as it calls itself.'),
};

const violation = z.strictObject({
  rule: z
    .string()
    .describe('`policy/control` or `policy/control.part`; for a refusal its code, see `docs/errors.md`.'),
  message: z.string().describe('What is wrong and why it matters.'),
  fix: z.string().describe('A way out that works.'),
  value: z.string().optional().describe('The offending value, printable.'),
  source: z
    .strictObject({ file: z.string(), line: z.int() })
    .optional()
    .describe('The line of the policy that says so; absent for a refusal.'),
  mode: z
    .enum(['audit', 'warn', 'shadow'])
    .optional()
    .describe(
      'Absent: it denied. `audit`, `warn`: its policy only watches; `shadow`: it is of the set that is tried beside the one in force.',
    ),
});

const decisionRecord = z.strictObject({
  ...common,
  type: z.literal('decision').describe('A request of the Docker API and the answer that it got.'),
  decision: z.enum(['allow', 'deny']).describe('The answer.'),
  subject: z
    .strictObject({
      name: z.string(),
      groups: z.array(z.string()),
      method: z.enum(['tls', 'token', 'none']),
    })
    .describe('Who asked, and how that is known.'),
  action: z
    .string()
    .describe('What was asked, as in `container.create`; `unknown` where that could not be read.'),
  operation: z
    .enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT', 'READ'])
    .optional()
    .describe('What the action does to its resource. Absent where the request could not be read.'),
  resource: z
    .strictObject({ kind: z.string(), ref: z.string().optional(), id: z.string().optional() })
    .optional()
    .describe('What it acts on: kind; name or id as asked; the resolved id, where known.'),
  api: z.string().optional().describe('The API version in the path, `1.41`. Absent: none.'),
  client: z.string().optional().describe("The client's own name for itself (User-Agent)."),
  digest: hash
    .optional()
    .describe(
      'SHA-256 over method, target, headers, the name in a client certificate and body: the same message has the same. Absent where no message could be read.',
    ),
  object: z
    .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
    .optional()
    .describe(
      'What was asked for, as Bulwark read it, without anything that could be a secret: names of environment variables and build arguments without their values, `***` for the values of labels, annotations and driver options that are not known to be harmless. What says nothing (false, empty) is left out. Whole numbers beyond 2^53 are text. `leads`: where its host paths led on this host through links; those that led nowhere else are not in it.',
    ),
  unknown: z.array(z.string()).optional().describe('Fields and query keys that nobody knows, by path.'),
  facts: z
    .enum(['off', 'none', 'asked', 'failed'])
    .describe(
      'What was asked of the daemon. `off`: nothing ever is (`--docker-host off`), so containers are judged when they are created, and not once more when they start; `none`: nothing, since the request says it all; `asked`: how its container is stored; `failed`: that, and there was no answer to go by.',
    ),
  gate: z
    .enum(['request', 'stored'])
    .describe(
      'What was judged. `request`: what the client sent; `stored`: beside that the container as the daemon has it.',
    ),
  violations: z
    .array(violation)
    .optional()
    .describe(
      'The rules that it broke: of a denial why it was denied, and with a `mode` what only watches, also of what was allowed. Absent: none.',
    ),
  exceptions: z
    .array(z.string())
    .optional()
    .describe('Names of the Exception documents that let it off rules. Absent: none.'),
  obligations: z
    .array(z.string())
    .optional()
    .describe(
      "Duties that came with an allow. `own volume NAME`: once the daemon has made it, the volume is the subject's; there was none of that name. Absent: none.",
    ),
  policySet: hash
    .optional()
    .describe('Digest of the policy set in force. Absent where the request was refused before it was asked.'),
  shadowSet: hash
    .optional()
    .describe(
      'Digest of the set that was tried beside it (`serve --shadow`), where a rule of either only watched and was broken.',
    ),
  count: z
    .int()
    .positive()
    .optional()
    .describe(
      'This record stands for so many requests of one subject with the same action, outcome and rules within the minute of `time`, beyond those that have a record of their own; all of them were answered with this `id`. Absent: one.',
    ),
  durations: z
    .strictObject({ decide: z.int().nonnegative() })
    .optional()
    .describe('Microseconds from the message to the decision, without the time to record it.'),
  truncated: z
    .literal(true)
    .optional()
    .describe('Lists and texts of this record are cut, since it would have more than 16 KiB.'),
});

const settledRecord = z.strictObject({
  ...common,
  type: z.literal('settled').describe("The daemon's response to an allowed request that writes."),
  of: ulid.describe('The `id` of the decision.'),
  outcome: z
    .enum(['done', 'failed', 'unknown'])
    .describe(
      'By the status: below 400, from 400, or not told. dockerd 20.10 and 26.1 tell no status of an error, nor of a 200 without a body (network connect, cp) or with a stream (build, pull, load, attach, exec).',
    ),
  status: z.int().optional().describe("The response's HTTP status, where the daemon told it."),
  newId: z
    .string()
    .optional()
    .describe(
      'The id, or name, of what was made. A volume that was there already is answered as if it were new.',
    ),
});

const correctedRecord = z.strictObject({
  ...common,
  type: z
    .literal('corrected')
    .describe('An allow became durable after its request had been answered with a denial.'),
  of: ulid.describe('The `id` of the decision, which counts as denied.'),
  reason: z
    .string()
    .describe(
      'The code of the denial that was the answer, see `docs/errors.md`. Lists show it in the decision, as `corrected`.',
    ),
});

const systemRecord = z.strictObject({
  ...common,
  type: z.literal('system').describe("Bulwark's own doing."),
  event: z
    .enum([
      'start',
      'stop',
      'reload',
      'expired',
      'unrecorded',
      'heartbeat-lost',
      'heartbeat-back',
      'break-glass',
      'break-glass-undone',
      'token-issued',
      'token-revoked',
      'token-keys-rotated',
    ])
    .describe(
      '`start`, `stop`; `reload`: another policy set is in force; `expired`: the oldest records were removed; `unrecorded`: denials that no record could be kept of while the ledger could not be written; `heartbeat-lost`: the daemon answers without asking Bulwark, or does not answer; `heartbeat-back`: it asks again; `break-glass`: an administrator has taken Bulwark out of the daemon, `break-glass-undone`: and has put it back; `token-issued`, `token-revoked`: an administrator has made a token of a user, or taken one back; `token-keys-rotated`: has made a new key for them. Those from `break-glass` on are left in a file and recorded when Bulwark finds it.',
    ),
  policySet: hash.optional().describe('start, reload: digest of the policy set in force.'),
  count: z.int().optional().describe('expired, unrecorded: how many.'),
  reason: z
    .string()
    .optional()
    .describe(
      'heartbeat-lost: the code of what is wrong, see `docs/errors.md`; `daemon-silent` where nothing is judged.',
    ),
  by: z
    .string()
    .optional()
    .describe('break-glass, break-glass-undone, token-...: the account, behind `sudo` too, that did it.'),
  happened: z.iso
    .datetime()
    .optional()
    .describe('break-glass, break-glass-undone, token-...: when it was done.'),
  token: z
    .strictObject({ id: z.string(), subject: z.string().optional() })
    .optional()
    .describe('token-issued, token-revoked: its id (`jti`), and whom it names, where that is known.'),
  through: z.int().optional().describe('expired: `seq` of the last record that was removed.'),
});

/** A record of the ledger, version 1. */
export const recordSchema = z.discriminatedUnion('type', [
  decisionRecord,
  settledRecord,
  correctedRecord,
  systemRecord,
]);

export type LedgerRecord = z.infer<typeof recordSchema>;
export type DecisionRecord = z.infer<typeof decisionRecord>;
export type SettledRecord = z.infer<typeof settledRecord>;
export type CorrectedRecord = z.infer<typeof correctedRecord>;

/** A record before it has its place in the chain. */
export type Draft<R extends LedgerRecord = LedgerRecord> = R extends LedgerRecord
  ? Omit<R, 'v' | 'seq' | 'prev' | 'hash'>
  : never;
