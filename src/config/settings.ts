import { z } from 'zod';
import { bytes } from '../policy/values.ts';
import { adminSchema, dockerHostSchema, metricsSchema } from './address.ts';
import { ageSchema, durationSchema, lifeSchema } from './duration.ts';

const path = z.string().min(1, 'a path must not be empty');

/** Ages in milliseconds, sizes in bytes. */
export const ledgerDefaults = {
  retention: { age: 400 * 24 * 60 * 60_000, size: 20 * 1024 ** 3 },
  coalesceAbove: 60,
  reserve: 64 * 1024 ** 2,
};

/** Names by which a token's maker and the hosts that it is for are known: compared, and shown. */
const claimText = z.string().min(1, 'a name must not be empty').max(200, 'at most 200 characters');

/** Who asks, and how that is known; durations in milliseconds. */
const identitySchema = z.strictObject({
  tls: z
    .strictObject({
      groupsFrom: z
        .array(z.enum(['ou', 'o']))
        .default(['ou', 'o'])
        .describe('Fields of a client certificate that become groups, `ou:NAME` and `o:NAME`.'),
    })
    .default({ groupsFrom: ['ou', 'o'] }),
  tokens: z
    .strictObject({
      keys: z
        .array(path)
        .min(1, 'at least one key')
        .optional()
        .describe(
          'Files with the keys that tokens are signed with: public keys (PEM; P-256 for ES256, RSA for RS256), or a set of keys (`.json`, JWKS; a secret for HS256 too). Where nothing is said, that of `bulwark token issue`, `DATA/keys/token.pub.pem`.',
        ),
      issuer: claimText.default('bulwark').describe('Who must have made a token (`iss`).'),
      audience: claimText
        .optional()
        .describe('For whom a token must be (`aud`); where nothing is said, the name of this host.'),
      maxLife: lifeSchema
        .default(90 * 24 * 60 * 60_000)
        .describe('A token that holds for longer is refused; `90d` where nothing is said.'),
      leeway: durationSchema
        .default(30_000)
        .describe('How far the clock of who makes tokens may be off; `30s` where nothing is said.'),
    })
    .default(() => ({ issuer: 'bulwark', maxLife: 90 * 24 * 60 * 60_000, leeway: 30_000 })),
  precedence: z
    .enum(['agree', 'tls', 'token'])
    .default('agree')
    .describe(
      'Who asks where a request has a certificate and a token. `agree`: they must name the same, who then has the groups of both; `tls`, `token`: that one counts alone. A bad one is refused in any case.',
    ),
  hostGroups: z
    .boolean()
    .default(false)
    .describe('Whether who is called as a user of this host has the groups of its `/etc/group` too.'),
});

export const identityDefaults = identitySchema.parse({});

/** The `spec` of a Config document. The values of flags and variables are held against the same schemas. */
export const specSchema = z.strictObject({
  authzSocket: path.optional().describe('Where dockerd reaches Bulwark.'),
  policies: z.array(path).min(1, 'at least one folder').optional().describe('Folders of policies.'),
  shadow: path
    .optional()
    .describe(
      'A folder of policies that are tried beside those in force: what they would deny is recorded, and nothing is denied by them.',
    ),
  data: path.optional().describe('The folder of the ledger.'),
  ledger: z
    .strictObject({
      retention: z
        .strictObject({
          age: ageSchema
            .default(ledgerDefaults.retention.age)
            .describe('Older records are removed; `400d` where nothing is said.'),
          size: bytes
            .default(ledgerDefaults.retention.size)
            .describe('The oldest records are removed from a larger ledger; `20GiB` where nothing is said.'),
        })
        .default(ledgerDefaults.retention),
      coalesceAbove: z
        .int()
        .positive()
        .default(ledgerDefaults.coalesceAbove)
        .describe('Reads and denials of one kind a minute, above which they are counted together.'),
      reserve: bytes
        .default(ledgerDefaults.reserve)
        .describe(
          'Space on the disk that is held for the day when it is full; `64MiB` where nothing is said.',
        ),
    })
    .optional(),
  admin: adminSchema
    .optional()
    .describe('Where the admin API is: `unix:PATH`, `127.0.0.1:PORT` with a token, or `off`.'),
  metrics: metricsSchema
    .optional()
    .describe('Where the metrics are, alone and without login: `127.0.0.1:PORT`, or `off`.'),
  dockerHost: dockerHostSchema
    .optional()
    .describe(
      'The socket of the daemon that asks Bulwark, `unix:///PATH`, by which a container is looked at once more when it starts or is reached into; or `off`. Of a user who is not root it is `$XDG_RUNTIME_DIR/docker.sock` by default.',
    ),
  hostRoot: z
    .string()
    .refine((text) => text === 'off' || text.startsWith('/'), 'write an absolute path, or `off`')
    .optional()
    .describe(
      "The folder in which Bulwark sees the root of the daemon's host, so that links on the way of a bind are followed there; in a container or a managed plugin a read-only mount of it. `off`: links are not followed.",
    ),
  hostName: z
    .string()
    .min(1, 'a name must not be empty')
    .optional()
    .describe('What policies (`hosts`) and the ledger call this host.'),
  deadline: durationSchema.optional().describe('How long a decision may take before it is a denial.'),
  logLevel: z
    .enum(['error', 'warn', 'info', 'debug'])
    .optional()
    .describe('Allowed requests show at `debug`.'),
  identity: identitySchema.optional().describe('Who asks, and how that is known.'),
  protect: z
    .strictObject({
      paths: z
        .array(z.string().startsWith('/', 'a path on the host begins with `/`'))
        .default([])
        .describe("Host paths that nobody may mount, beside Bulwark's own."),
      container: z
        .string()
        .min(1, 'a name or an id, or null')
        .nullable()
        .default(null)
        .describe('Name or id of the container in which Bulwark runs.'),
    })
    .optional(),
});

export type Spec = z.output<typeof specSchema>;

/** A setting's other sources beside the Config file. */
export interface Source {
  readonly flag: string;
  readonly variable: string;
  /** How one text becomes the value that the schema reads: several are divided by `:`, as in PATH. */
  readonly list: boolean;
  /** What holds where nothing is said, for people. */
  readonly byDefault?: string;
}

/** Every setting that a flag or a variable can give too. */
export const sources = {
  authzSocket: {
    flag: '--authz-socket <path>',
    variable: 'BULWARK_AUTHZ_SOCKET',
    list: false,
    byDefault: '/run/docker/plugins/bulwark.sock',
  },
  policies: {
    flag: '--policies <folder>',
    variable: 'BULWARK_POLICIES',
    list: true,
    byDefault: '/etc/bulwark/policies',
  },
  shadow: { flag: '--shadow <folder>', variable: 'BULWARK_SHADOW', list: false, byDefault: 'none' },
  data: { flag: '--data <folder>', variable: 'BULWARK_DATA', list: false, byDefault: '/var/lib/bulwark' },
  admin: {
    flag: '--admin <address>',
    variable: 'BULWARK_ADMIN',
    list: false,
    byDefault: 'unix:DATA/admin.sock',
  },
  metrics: { flag: '--metrics <address>', variable: 'BULWARK_METRICS', list: false, byDefault: 'off' },
  dockerHost: {
    flag: '--docker-host <url>',
    variable: 'BULWARK_DOCKER_HOST',
    list: false,
    byDefault: 'unix:///var/run/docker.sock',
  },
  hostRoot: { flag: '--host-root <path>', variable: 'BULWARK_HOST_ROOT', list: false, byDefault: '/' },
  hostName: {
    flag: '--host-name <name>',
    variable: 'BULWARK_HOST_NAME',
    list: false,
    byDefault: "the system's",
  },
  deadline: { flag: '--deadline <duration>', variable: 'BULWARK_DEADLINE', list: false, byDefault: '5s' },
  logLevel: { flag: '--log-level <level>', variable: 'BULWARK_LOG_LEVEL', list: false, byDefault: 'info' },
} as const satisfies Partial<Record<keyof Spec, Source>>;

export type SourcedKey = keyof typeof sources;

/** Names the Config file itself. */
export const configSource: Source = { flag: '--config <file>', variable: 'BULWARK_CONFIG', list: false };
