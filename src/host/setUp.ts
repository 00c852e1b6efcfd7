import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseDocument } from 'yaml';
import { makeFolder, mustBeRoots, textOf, writeAll, writeText } from './files.ts';
import { places } from './places.ts';
import { home } from './program.ts';
import type { Step } from './steps.ts';

/** What an installation is to do. */
export interface SetUp {
  /** The daemon's socket. */
  readonly socket: string;
  /** Whether the policies are only tried, beside some that deny nothing; undefined: as it is. */
  readonly shadow: boolean | undefined;
  /** A folder of policies to begin with; absent: those that Bulwark ships. Only where there are none yet. */
  readonly policies: string | undefined;
}

const shipped = ['baseline.yaml', 'access.yaml'];

/** Denies nothing: in force while the policies are only tried. */
const watching = `# In force while /etc/bulwark/policies is only tried (\`bulwark install --shadow\`; \`--no-shadow\` ends it): denies nothing that can be read.
apiVersion: bulwark/v1
kind: Policy
metadata: { name: watching, description: Denies nothing. }
spec: { profile: privileged }
`;

const firstConfig = `# Written by \`bulwark install\`. docs/config.md has every setting; after a change: systemctl restart bulwark
apiVersion: bulwark/v1
kind: Config
metadata: { name: this-host }
spec:
  policies: [/etc/bulwark/policies]
`;

/**
 * Puts configuration and policies in place. Policies that are there stay as they are; of the configuration only what is asked
 * for is changed.
 *
 * @param first files of policies to begin with
 */
export function setUpSteps(setUp: SetUp, first: readonly string[]): readonly Step[] {
  return [
    {
      what:
        first.length > 0 ? `write policies to ${places.policies}` : `keep the policies in ${places.policies}`,
      async run() {
        mustBeRoots(places.policies);
        return writeAll([
          ...first.map(
            (from) => [join(places.policies, basename(from)), readFileSync(from, 'utf8')] as const,
          ),
          ...(setUp.shadow ? [[join(places.watching, 'watching.yaml'), watching] as const] : []),
        ]);
      },
    },
    {
      what: `write the configuration ${places.config}`,
      run: async () => writeText(places.config, configText(textOf(places.config), setUp)),
    },
    {
      what: `make the folder ${places.data}`,
      async run() {
        mustBeRoots(places.data);
        if (existsSync(places.data)) return undefined;
        makeFolder(places.data, 0o700);
        // With the ledger that began in it.
        return () => rmSync(places.data, { recursive: true });
      },
    },
  ];
}

/** The policies that are to be written: none where there are some. */
export function firstPolicies(policies: string | undefined): readonly string[] {
  if (yamlIn(places.policies).length > 0) return [];
  return policies === undefined ? shipped.map((name) => join(home, 'policies', name)) : yamlIn(policies);
}

function yamlIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));
}

/** The Config file with what is asked for; its other settings, their order and the comments stay. */
export function configText(before: string | undefined, { socket, shadow }: SetUp): string {
  const document = parseDocument(before ?? firstConfig);
  const wanted: Record<string, unknown> = { dockerHost: `unix://${socket}` };
  if (shadow === true) Object.assign(wanted, { policies: [places.watching], shadow: places.policies });
  else if (shadow === false && document.hasIn(['spec', 'shadow']))
    Object.assign(wanted, { policies: [places.policies], shadow: undefined });
  const said: { readonly spec?: Readonly<Record<string, unknown>> | null } | null = document.toJS();
  const news = Object.entries(wanted).filter(
    ([key, value]) => JSON.stringify(said?.spec?.[key]) !== JSON.stringify(value),
  );
  for (const [key, value] of news) {
    if (value === undefined) document.deleteIn(['spec', key]);
    else document.setIn(['spec', key], document.createNode(value, { flow: true }));
  }
  return news.length === 0 && before !== undefined ? before : document.toString();
}
