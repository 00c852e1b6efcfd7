import { stringify } from 'yaml';
import type { Profile } from '../../src/policy/control.ts';
import { controls } from '../../src/policy/controls/index.ts';
import { block, code, generatedFrom, table } from './markdown.ts';
import { cisImages } from './profiles/cisImages.ts';
import { cisRuntime } from './profiles/cisRuntime.ts';
import { podBaseline, podRestricted } from './profiles/podSecurity.ts';
import { flagsOfRestricted } from './profiles/restricted.ts';
import type { Row } from './profiles/row.ts';
import { verdict } from './profiles/verdict.ts';

/** All items of the standards with which the profiles are compared, by the title of their table. */
export const standards: ReadonlyMap<string, readonly Row[]> = new Map([
  ['The Pod Security Standards: `baseline`', podBaseline],
  ['The Pod Security Standards: `restricted`, beyond it', podRestricted],
  ['The CIS Docker Benchmark: 4, images and build files', cisImages],
  ['The CIS Docker Benchmark: 5, containers', cisRuntime],
]);

/** The page `docs/profiles.md`: what each profile is for, and how it stands to the known standards. */
export function profilesPage(): string {
  const tables = [...standards].map(([title, rows]) => `## ${title}\n\n${tableOf(rows)}`);
  return [
    generatedFrom('test/docs/profiles and src/policy/controls'),
    intro,
    inNoProfile(),
    reading,
    ...tables,
  ]
    .join('\n\n')
    .concat('\n');
}

const flags = Object.keys(flagsOfRestricted).join(' \\\n    ');

const intro = `# Profiles

A profile is a named set of controls with their parameters, after Kubernetes' Pod Security Standards.
[controls.md](controls.md) has the value of each control in each profile.

| profile | is for | denies |
| --- | --- | --- |
| \`privileged\` | administrators and what they run | nothing: it has no controls |
| \`baseline\` | everybody who works with Docker | the known ways out of a container; project folders, ports, builds and root inside the container stay |
| \`restricted\` | containers of those who are not trusted, and what faces the network | also what an intruder inside would use: root, capabilities, set-user-ID programs, folders of the host; and what costs others: memory, CPU and processes without a limit |

\`restricted\` has every control of \`baseline\`, at least as strict: what \`baseline\` denies it denies.

${block(
  'yaml',
  `apiVersion: bulwark/v1
kind: Policy
metadata: { name: restricted }
spec:
  profile: restricted
  controls:                       # each takes the place of the profile's control of that name, whole
    binds: { allowPaths: ["/srv/{subject}/**"], propagation: [private, rprivate] }
    memory: { required: true, max: 4GiB }`,
)}

A container that passes the whole of \`restricted\`, with no flag too many:

${block('sh', `docker run ${flags} \\\n    registry.example.com/app:1`)}

\`--user\` is not needed where the image's own USER is a number other than 0 and Bulwark can ask the daemon. Beside these
pass ports on \`127.0.0.1\`, named volumes, tmpfs, networks of one's own, \`--cap-add NET_BIND_SERVICE\` and
\`--restart on-failure:5\`. What to know before it is in force:

- Images are built with \`DOCKER_BUILDKIT=0\`: BuildKit hides what a build does, among it the host's network. Where the
  daemon switches that off (\`builder.entitlements\`), \`build\` with \`buildkit: allow\` takes it back. The commands of a
  Dockerfile run as root with Docker's default capabilities, with either builder: no request can say otherwise.
- The daemon writes its own \`log-opts\` into each container, where nothing tells them from a client's. One that \`logging\`
  does not list keeps every container from starting until it is listed, by name and value where it names a server.
- \`docker service create\` has no flag for no-new-privileges, so that services pass by the API alone.
- GPUs and images are the administrator's to allow: \`devices\` with \`maxGpus\`, [images](controls.md#images) with a list.
- Limits are required, and that of processes alone has a maximum: how much of the host one may have, \`memory\` and \`cpus\` say with \`max\`.`;

const reading = `The tables say what the standards ask in our words, which controls speak of it, and which rules of a profile
deny a request that goes against it. They are computed: each row holds such requests, which are judged when this page is
written. "In part" means that some of them pass. The texts compared are the
[Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/) as of Kubernetes 1.34 and the
CIS Docker Benchmark, whose v1.6.0 and v1.7.0 number these items alike. Its other sections are about the host, the daemon and
its files, which no request shows.`;

function inNoProfile(): string {
  const names = controls
    .filter(({ profiles }) => profiles.baseline === undefined && profiles.restricted === undefined)
    .map(({ name }) => linkTo(name));
  return `In no profile are ${names.join(', ')}: what they ask for depends on the site, as its registries and labels do, or
breaks images without keeping anybody in. tmpfs and /dev/shm count towards the memory that \`restricted\` limits.`;
}

function tableOf(rows: readonly Row[]): string {
  return table(
    ['item', 'asks', 'controls', 'denied by `baseline`', 'denied by `restricted`', 'what differs, and why'],
    rows.map((row) => [
      row.item,
      row.asks,
      row.controls.map(linkTo).join(', '),
      ...(['baseline', 'restricted'] as const).map((profile) => denied(row, profile)),
      row.differs + additionOf(row),
    ]),
  );
}

function denied(row: Row, profile: Profile): string {
  if (row.controls.length === 0) return '';
  const { how, rules } = verdict(row, profile);
  if (how === 'none') return 'no';
  return `${how === 'some' ? 'in part: ' : ''}${rules.map(code).join(', ')}`;
}

function additionOf({ add }: Row): string {
  if (add === undefined) return '';
  return ` Add ${code(stringify(add, { collectionStyle: 'flow', lineWidth: 0 }).trim().slice(1, -1).trim())}.`;
}

function linkTo(name: string): string {
  return `[${name}](controls.md#${name.toLowerCase()})`;
}
