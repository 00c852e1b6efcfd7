/** Parameters of a classic build, in the query, in forms, and where Go's lenient reading drops what is beside them. */
import { planted } from '../planted.ts';
import type { Row, Step } from '../row.ts';
import { tar } from './tar.ts';

const form = ['Content-Type', 'application/x-www-form-urlencoded'] as const;
const tarType = ['Content-Type', 'application/x-tar'] as const;
const value = '{me}-hunter2';
const args = encodeURIComponent(`{"DB_PASSWORD":"@"}`).replace('%40', value);
const secret = `remote=${encodeURIComponent(`http://${planted.web}/secret`)}`;
const network = `remote=${encodeURIComponent(`http://${planted.web}/network`)}`;
const secretDockerfile = planted.dockerfiles.secret;
const networkDockerfile = planted.dockerfiles.network;
const context = tar({ Dockerfile: secretDockerfile });

const removeImage: readonly Step[] = [{ method: 'DELETE', target: '/images/{me}?force=1' }];

/** The argument's value is then in the image's configuration. */
function secretArg(id: string, query: string, step: Partial<Step> = {}, more: Partial<Row> = {}): Row {
  return {
    id: `build-${id}`,
    kind: 'build parameters',
    stoppedAt: 'create',
    steps: [{ method: 'POST', target: `/v1.41/build?${query}`, ...step }],
    holds: { stored: 'image', says: value },
    after: removeImage,
    ...more,
  };
}

/** Its RUN fails but on the host's network, so the image is there only then. */
function hostNetwork(id: string, query: string, step: Partial<Step> = {}, more: Partial<Row> = {}): Row {
  return { ...secretArg(id, query, step, more), holds: { stored: 'image', says: '{me}:latest' } };
}

const read = { stoppedAt: 'read' } as const;

// Pairs count behind the first 4096 bytes of a body, which the daemon has used up by then.
const inForm = (body: string, more: readonly (readonly [string, string])[] = []): Partial<Step> => ({
  headers: [form, ...more],
  body: `padding=${'x'.repeat(5000)}&${body}`,
});

const multipart = (fields: Readonly<Record<string, string>>): string =>
  [['padding', 'x'.repeat(5000)], ...Object.entries(fields)]
    .map(([name, text]) => `--frontier\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`)
    .join('')
    .concat('--frontier--\r\n');
const multipartType = ['Content-Type', 'multipart/form-data; boundary=frontier'] as const;

/**
 * A context in the first 4096 bytes, which the daemon keeps for the builder while it looks for a form in the rest. With
 * a second Content-Type that is shown instead of the form's it looks like any `docker build`.
 */
const behindContext = (dockerfile: string, fields: string): Partial<Step> => {
  const context = tar({ Dockerfile: dockerfile });
  const padding = Buffer.alloc(4096 - context.length);
  return {
    headers: [form, tarType],
    body: `${Buffer.concat([context, padding]).toString('latin1')}&${fields}`,
  };
};
const front = { stoppedAt: 'front' } as const;

export const builds: readonly Row[] = [
  secretArg('secret', `t={me}&buildargs=${args}`, { headers: [tarType], body: context }),
  secretArg('secret-remote', `${secret}&t={me}&buildargs=${args}`),
  secretArg('secret-version-1', `version=1&${secret}&t={me}&buildargs=${args}`),
  secretArg('secret-key-encoded', `${secret}&t={me}&build%61rgs=${args}`),
  secretArg('secret-no-version', '', { target: `/build?${secret}&t={me}&buildargs=${args}` }),
  secretArg('secret-twice', `${secret}&t={me}&buildargs=${args}&buildargs=%7B%7D`, {}, read),
  secretArg('secret-bad-pair', `${secret}&t={me}&buildargs=${args}&%zz=1`, {}, read),
  secretArg('secret-semicolon', `${secret}&t={me}&buildargs=${args}&a;b`, {}, read),
  secretArg('secret-fragment', `${secret}&t={me}&buildargs=${args}&x=#y`, {}, read),
  secretArg(
    'secret-keys-twice',
    `${secret}&t={me}&buildargs=${args.replace('%7B', '%7B%22DB_PASSWORD%22%3A%22y%22%2C')}`,
    {},
    read,
  ),
  secretArg('secret-form', secret, inForm(`t={me}&buildargs=${args}`), read),
  secretArg(
    'secret-form-chunked',
    secret,
    { ...inForm(`t={me}&buildargs=${args}`), framing: 'chunked' },
    read,
  ),
  secretArg('secret-form-type-twice', secret, inForm(`t={me}&buildargs=${args}`, [tarType]), read),
  secretArg('secret-form-over-query', `${secret}&buildargs=%7B%7D`, inForm(`t={me}&buildargs=${args}`), read),
  secretArg(
    'secret-multipart',
    secret,
    { headers: [multipartType], body: multipart({ t: '{me}', buildargs: `{"DB_PASSWORD":"${value}"}` }) },
    read,
  ),
  secretArg(
    'secret-multipart-type-twice',
    secret,
    {
      headers: [multipartType, tarType],
      body: multipart({ t: '{me}', buildargs: `{"DB_PASSWORD":"${value}"}` }),
    },
    read,
  ),
  hostNetwork('network', `${network}&t={me}&networkmode=host&nocache=1`),
  hostNetwork('network-encoded', `${network}&t={me}&networkmode=ho%73t&nocache=1`),
  hostNetwork('network-twice', `${network}&t={me}&networkmode=host&networkmode=none&nocache=1`, {}, read),
  hostNetwork('network-bad-pair', `${network}&t={me}&networkmode=host&nocache=1&x=%`, {}, read),
  hostNetwork(
    'network-form',
    `${network}&t={me}&networkmode=none&nocache=1`,
    inForm('t={me}&networkmode=host'),
    read,
  ),
  hostNetwork(
    'network-form-type-twice',
    `${network}&t={me}&nocache=1`,
    inForm('t={me}&networkmode=host', [tarType]),
    read,
  ),
  secretArg(
    'secret-behind-context',
    '',
    { target: '/v1.41/build', ...behindContext(secretDockerfile, `t={me}&buildargs=${args}`) },
    front,
  ),
  hostNetwork(
    'network-behind-context',
    't={me}&networkmode=none',
    behindContext(networkDockerfile, 'networkmode=host&nocache=1'),
    front,
  ),
];
