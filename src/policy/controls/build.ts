import { z } from 'zod';
import type { Build } from '../../model/objects.ts';
import { printable, quote } from '../../model/printable.ts';
import { shownSecurityOption, withoutCredentials } from '../../model/secrets.ts';
import { control, type Finding } from '../control.ts';
import { matches } from '../pattern.ts';
import { showList } from '../show.ts';

/**
 * Names of build arguments that hold a secret itself. They end in the word, or have it as a part of their
 * own: TOKEN, NPM_TOKEN and TOKEN_PROD are secrets, TOKENIZERS_PARALLELISM and MAX_TOKENS are not. PASSWORD
 * and SECRET are rare enough in other words to count anywhere.
 */
const secretNames = [
  '*PASSWORD*',
  '*PASSWD*',
  '*PASSPHRASE*',
  '*_PASS',
  '*SECRET*',
  '*TOKEN',
  '*_TOKEN_*',
  'TOKEN_*',
  '*API_KEY',
  '*APIKEY',
  '*API_KEY_*',
  '*ACCESS_KEY',
  '*PRIVATE_KEY*',
  '*SSH_KEY*',
  '*CREDENTIAL',
  '*CREDENTIALS',
];

/** Names that speak of a secret without holding it: where it lies, how long it is, which tool reads it. */
const notSecretNames = ['*_FILE', '*_PATH', '*_DIR', '*_NAME', '*_VERSION', '*_ENABLED', '*_LENGTH', '*_TTL'];

/** A value of `remote` by which BuildKit fetches the context from its own client. */
const ownContext = new Set(['client-session', 'upload-request']);

const patterns = z.array(z.string());
const parameters = z.strictObject({
  network: patterns
    .optional()
    .describe(
      'Networks that --network may name, as patterns; absent: any. No pattern stands for `host`: it must be named itself.',
    ),
  denyArgs: patterns
    .default([])
    .describe('Names of build arguments that are denied, as patterns without regard to case.'),
  allowArgs: patterns.default([]).describe('Names that pass although `denyArgs` has them, as patterns.'),
  remote: patterns
    .optional()
    .describe(
      'URLs from which the daemon may fetch a build context, as patterns; absent: any. Git URLs are given as typed.',
    ),
  buildkit: z
    .enum(['allow', 'deny'])
    .default('allow')
    .describe(
      'BuildKit speaks past Bulwark: what a Dockerfile does there cannot be seen. `deny` leaves the classic builder alone.',
    ),
  outputs: patterns
    .optional()
    .describe(
      'Types that --output may name, as patterns: `local`, `tar`, `image`, `registry` ...; absent: any.',
    ),
  options: patterns.optional().describe('What --security-opt may say, as patterns; absent: anything.'),
});
type Parameters = z.infer<typeof parameters>;

function allowed(list: readonly string[] | undefined, text: string): boolean {
  return list === undefined || list.some((pattern) => matches(pattern, text));
}

function network({ networkMode }: Build, { network: allow }: Parameters): Finding[] {
  if (allow === undefined || networkMode === '') return [];
  if (networkMode === 'host' ? allow.includes('host') : allowed(allow, networkMode)) return [];
  return [
    {
      part: 'network',
      message:
        networkMode === 'host'
          ? "--network host lets the build's commands reach every service that listens on this host alone."
          : `--network ${printable(networkMode)} is not a network that builds may use here.`,
      fix: 'drop --network, or use --network none.',
      value: printable(networkMode),
    },
  ];
}

function args({ argNames }: Build, { denyArgs, allowArgs }: Parameters): Finding[] {
  const named = (list: readonly string[], name: string) =>
    list.some((pattern) => matches(pattern.toUpperCase(), name.toUpperCase()));
  return argNames
    .filter((name) => named(denyArgs, name) && !named(allowArgs, name))
    .map((name) => ({
      part: 'args',
      message: `--build-arg ${printable(name)} is named like a secret: its value stays in the image's history, for everybody who has the image.`,
      fix: `docker build --secret id=${printable(name)},env=${printable(name)} and, in the Dockerfile, RUN --mount=type=secret,id=${printable(name)}.`,
      value: printable(name),
    }));
}

function options({ securityOpts }: Build, { options: allow }: Parameters): Finding[] {
  return securityOpts
    .filter((option) => !allowed(allow, option))
    .map((option) => ({
      part: 'options',
      message: `--security-opt ${printable(shownSecurityOption(option))} weakens what keeps the build's commands from the host.`,
      fix: 'drop --security-opt.',
      value: printable(shownSecurityOption(option)),
    }));
}

function places({ remote, outputs }: Build, parameters: Parameters): Finding[] {
  const findings: Finding[] = [];
  if (remote !== undefined && !ownContext.has(remote) && !allowed(parameters.remote, remote)) {
    findings.push({
      part: 'remote',
      message: `${quote(withoutCredentials(remote))} is a build context that the daemon would fetch from a place that is not allowed here.`,
      fix: `fetch it yourself and build the folder: docker build . ; allowed are: ${showList(parameters.remote ?? [])}.`,
      value: printable(withoutCredentials(remote)),
    });
  }
  for (const output of outputs) {
    if (allowed(parameters.outputs, output)) continue;
    findings.push({
      part: 'outputs',
      message: `--output type=${printable(output)} is not where builds may put their result here.`,
      fix: `use one of: ${showList(parameters.outputs ?? [])}.`,
      value: printable(output),
    });
  }
  return findings;
}

const viaBuildKit: Finding = {
  part: 'buildkit',
  message: 'docker build with BuildKit does things that Bulwark cannot see, and is switched off here.',
  fix: 'DOCKER_BUILDKIT=0 docker build .',
};

const safeOptions = [
  'no-new-privileges',
  'no-new-privileges=true',
  'no-new-privileges:true',
  'seccomp=builtin',
];

/** Nothing that cannot be seen, no other container's network, and no address that the daemon would fetch for the caller. */
const restricted: Parameters = {
  network: ['default', 'bridge', 'none'],
  denyArgs: secretNames,
  allowArgs: notSecretNames,
  remote: [],
  buildkit: 'deny',
  options: safeOptions,
};

export const build = control({
  name: 'build',
  flags: [
    'docker build --network',
    'docker build --build-arg',
    'docker build --security-opt',
    'docker build --output',
    'docker build URL',
  ],
  about:
    "The commands of a Dockerfile run as root in containers that the daemon starts without asking: the host's network, weakened security options and secrets in build arguments are stopped where the request shows them.",
  // The session and grpc routes have no parts: BuildKit is judged by the action alone.
  reads: 'every request',
  fields: [
    'BuildQuery.networkmode',
    'BuildQuery.buildargs',
    'BuildQuery.remote',
    'BuildQuery.version',
    'BuildQuery.outputs',
    'BuildOutput.*',
    'BuildQuery.securityopt',
  ],
  parameters,
  profiles: {
    baseline: {
      network: ['**'],
      denyArgs: secretNames,
      allowArgs: notSecretNames,
      buildkit: 'allow',
      options: safeOptions,
    },
    restricted,
  },
  check({ object, action }, parameters) {
    const opaque = action === 'session' || action === 'grpc' || object.build?.builder === 'buildkit';
    const findings: Finding[] = opaque && parameters.buildkit === 'deny' ? [viaBuildKit] : [];
    if (object.build === undefined) return findings;
    for (const judge of [network, args, options, places]) findings.push(...judge(object.build, parameters));
    return findings;
  },
  examples: [
    { docker: 'DOCKER_BUILDKIT=0 docker build --build-arg VERSION=3 --network none .' },
    { docker: 'DOCKER_BUILDKIT=0 docker build --network container:db .' },
    { docker: 'DOCKER_BUILDKIT=0 docker build --network host .', breaks: ['network'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build --build-arg DB_PASSWORD=x .', breaks: ['args'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build --build-arg npm_token=x .', breaks: ['args'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build --build-arg AWS_SECRET_ACCESS_KEY=x .', breaks: ['args'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build --build-arg OPENAI_API_KEY=x .', breaks: ['args'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build --build-arg TOKENIZERS_PARALLELISM=false .' },
    { docker: 'DOCKER_BUILDKIT=0 docker build --build-arg PASSWORD_FILE=/run/secrets/db .' },
    { docker: 'DOCKER_BUILDKIT=0 docker build --security-opt seccomp=unconfined .', breaks: ['options'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build --security-opt no-new-privileges .' },
    { request: { method: 'POST', uri: '/v1.41/build?version=2&session=s1&remote=client-session' } },
    {
      request: { method: 'POST', uri: '/v1.41/build?version=2&session=s1&networkmode=host' },
      breaks: ['network'],
    },
    { request: { method: 'POST', uri: '/v1.41/session' } },
    {
      request: { method: 'POST', uri: '/v1.41/session' },
      with: { denyArgs: [], allowArgs: [], buildkit: 'deny' },
      breaks: ['buildkit'],
    },
    {
      request: { method: 'POST', uri: '/v1.41/build?version=2&session=s1' },
      with: { denyArgs: [], allowArgs: [], buildkit: 'deny' },
      breaks: ['buildkit'],
    },
    {
      request: { method: 'POST', uri: '/v1.41/build?remote=https%3A%2F%2Fexample.com%2Fa.tar' },
      with: { denyArgs: [], allowArgs: [], buildkit: 'allow', remote: ['https://git.example.com/**'] },
      breaks: ['remote'],
    },
    {
      request: {
        method: 'POST',
        uri: '/v1.41/build?version=2&session=s1&outputs=%5B%7B%22Type%22%3A%22local%22%7D%5D',
      },
      with: { denyArgs: [], allowArgs: [], buildkit: 'allow', outputs: ['image'] },
      breaks: ['outputs'],
    },
    { docker: 'DOCKER_BUILDKIT=0 docker build --network none --build-arg VERSION=3 .', with: restricted },
    {
      docker: 'DOCKER_BUILDKIT=0 docker build --network container:db .',
      with: restricted,
      breaks: ['network'],
    },
    {
      request: { method: 'POST', uri: '/v1.41/build?remote=http%3A%2F%2F169.254.169.254%2Flatest' },
      with: restricted,
      breaks: ['remote'],
    },
    { request: { method: 'POST', uri: '/v1.41/grpc' }, with: restricted, breaks: ['buildkit'] },
  ],
});
