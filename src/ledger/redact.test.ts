import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denialText } from '../authz/denial.ts';
import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import { anonymous } from '../model/subject.ts';
import { normalize } from '../normalize/normalize.ts';
import type { PolicySet } from '../policy/compile.ts';
import { evaluate } from '../policy/evaluate.ts';
import { loadPolicySet } from '../policyfiles/load.ts';
import { draftOf, type Judged } from './draft.ts';
import { redact } from './redact.ts';

/** What must never be kept. */
const secret = 'hunter2SECRET';
const inUri = encodeURIComponent(secret);

/** A policy that denies whatever it can, so that every control speaks. */
const strict = `apiVersion: bulwark/v1
kind: Policy
metadata: { name: strict }
spec:
  controls:
    volumes: { drivers: [], types: [], names: [] }
    binds: { allowPaths: [] }
    networks: { names: [], drivers: [], options: [] }
    logging: { drivers: [], options: [] }
    labels: { reserved: ["**"], required: [owner] }
    annotations: { allow: [] }
    sysctls: { allow: [] }
    images: { allowRegistries: [], allow: [], denyTags: [latest], requireDigest: true, allowIds: false }
    env: { denyNames: ["**"] }
    build: { network: [], denyArgs: ["**"], allowArgs: [], remote: [], buildkit: deny, outputs: [], options: [] }
    seccomp: { allowProfiles: [] }
    appArmor: { allowProfiles: [] }
    seLinux: { allowDisable: false, allowTypes: [] }
    devices: { allowPaths: [], allowRules: [], allowRequests: [] }
    exec: { privileged: false, users: [], env: [] }
    tmpfs: { maxSize: 1k, allowExec: false }
    actions: { deny: [{ actions: ["**"], message: no, fix: none }] }
    unknownFields: { allow: false }
`;

let folder: string;
let set: PolicySet;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  writeFileSync(join(folder, 'strict.yaml'), strict);
  const loaded = await loadPolicySet([folder, join(import.meta.dirname, '..', '..', 'policies')]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  set = loaded.set;
});

afterAll(() => rmSync(folder, { recursive: true }));

const protect = { paths: [], sockets: [], container: undefined, plugin: 'bulwark' };

/** What is kept and said of a message, denied by all that can deny it. */
function kept(message: Message): { readonly record: string; readonly told: string } {
  const judged = judge(message);
  const draft = draftOf(judged, 'host');
  return { record: JSON.stringify(draft), told: denialText(judged.decision) };
}

function judge(message: Message): Judged {
  const decision = { id: '01A', allow: false, action: 'unknown', subject: anonymous, violations: [] };
  try {
    const request = normalize(message);
    const { violations } = evaluate(set, request, { subject: anonymous, protect, now: 0 });
    return { message, request, decision: { ...decision, action: request.action, violations } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { message, decision: { ...decision, violations: [error.toViolation()] } };
  }
}

function post(uri: string, body?: unknown): Message {
  const json = { 'Content-Type': 'application/json' };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  if (body === undefined) return { method: 'POST', uri: `/v1.41${uri}`, headers: {} };
  return { method: 'POST', uri: `/v1.41${uri}`, headers: json, body: Buffer.from(text) };
}

const create = (body: object) => post('/containers/create', { Image: 'alpine', ...body });
const hosted = (HostConfig: object) => create({ HostConfig });
const logged = (Type: string, Config: object) => hosted({ LogConfig: { Type, Config } });
const mounted = (DriverConfig: object) =>
  hosted({ Mounts: [{ Type: 'volume', Source: 'v', Target: '/v', VolumeOptions: { DriverConfig } }] });
const cifs = (o: string) => ({ type: 'cifs', device: '//10.0.0.1/share', o });
const volume = (DriverOpts: object, Driver = 'local') =>
  post('/volumes/create', { Name: 'v', Driver, DriverOpts });
const service = (TaskTemplate: object) => post('/services/create', { Name: 's', TaskTemplate });
const task = (ContainerSpec: object) => service({ ContainerSpec: { Image: 'alpine', ...ContainerSpec } });
const build = (query: string) => post(`/build?${query}`);
const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));

// Every place where Docker takes a secret, or people are known to put one.
const planted: readonly (readonly [string, Message])[] = [
  ['the value of an environment variable', create({ Env: [`PASSWORD=${secret}`] })],
  ['a command', create({ Cmd: ['login', '-p', secret], Entrypoint: [secret] })],
  ['a health check', create({ Healthcheck: { Test: ['CMD', 'curl', secret] } })],
  ['a label', create({ Labels: { 'traefik.basicauth.users': `admin:${secret}` } })],
  ['an annotation', hosted({ Annotations: { token: secret } })],
  ['the token of a log driver', logged('splunk', { 'splunk-url': 'https://h', 'splunk-token': secret })],
  ['the credentials of a log driver', logged('awslogs', { 'awslogs-credentials-endpoint': `/${secret}` })],
  ['the address of a log driver', logged('fluentd', { 'fluentd-address': `tcp://u:${secret}@h:1` })],
  [
    'an option of an unknown log driver',
    logged('loki', { 'loki-url': `https://u:${secret}@h/push?token=${secret}` }),
  ],
  ['another option of it', logged('own', { 'own-api-key': secret })],
  ['a storage option', hosted({ StorageOpt: { key: secret } })],
  ['a seccomp profile', hosted({ SecurityOpt: [`seccomp={"defaultAction":"${secret}"}`] })],
  ['an unknown security option', hosted({ SecurityOpt: [`own=/${secret}`] })],
  ['credentialspec', hosted({ SecurityOpt: [`credentialspec=raw://${secret}`] })],
  [
    'the options of a device request',
    hosted({ DeviceRequests: [{ Driver: 'x', Options: { key: secret } }] }),
  ],
  [
    'a driver option of an endpoint',
    create({ NetworkingConfig: { EndpointsConfig: { n: { DriverOpts: { key: secret } } } } }),
  ],
  ['the password of a share', volume(cifs(`username=u,password=${secret}`))],
  ['a password with a comma', volume(cifs(`username=u,password=x,${secret}`))],
  ['a short word for the password', volume(cifs(`user=u,pass=${secret}`))],
  ['a password in another case', volume(cifs(`PassWord=${secret}`))],
  ['a password with a blank', volume(cifs(`password=my ${secret}`))],
  [
    "a share's credentials before its host",
    volume({ type: 'cifs', device: `//u:${secret}@host/share`, o: 'ro' }),
  ],
  ['the secret of ceph', volume({ type: 'ceph', device: '10.0.0.1:/', o: `name=admin,secret=${secret}` })],
  [
    'an option of a volume driver',
    volume({ 'sftp.password': secret, sshcmd: `u:${secret}@host:/p` }, 'vieux/sshfs'),
  ],
  ['a label of a volume', post('/volumes/create', { Name: 'v', Labels: { key: secret } })],
  ['the password of a share in a mount', mounted({ Name: 'local', Options: cifs(`password=${secret}`) })],
  ['a driver option in a mount', mounted({ Name: 'rexray', Options: { accessKey: secret } })],
  [
    'an option of a network',
    post('/networks/create', { Name: 'n', Driver: 'own', Options: { key: secret } }),
  ],
  [
    'an option of its addresses',
    post('/networks/create', { Name: 'n', IPAM: { Driver: 'x', Options: { key: secret } } }),
  ],
  ['a label of a network', post('/networks/create', { Name: 'n', Labels: { key: secret } })],
  ['an exec', post('/containers/c/exec', { Cmd: ['mysql', `-p${secret}`], Env: [`A=${secret}`] })],
  ['a build argument', build(`buildargs=${json({ NPM_TOKEN: secret })}`)],
  ['a label of a build', build(`labels=${json({ key: secret })}`)],
  ['the user of a build context', build(`remote=https%3A%2F%2F${inUri}%40github.com%2Fa%2Fb.git`)],
  ['the query of a build context', build(`remote=https%3A%2F%2Fs3.example.com%2Fa.tar%3Fsig%3D${inUri}`)],
  ['a build context without a scheme', build(`remote=u%3A${inUri}%40github.com%2Fa%2Fb.git`)],
  ["a build's cache", build(`cachefrom=${json([`type=gha,token=${secret}`])}`)],
  [
    'the attributes of an output',
    build(`version=2&outputs=${json([{ Type: 'registry', Attrs: { password: secret } }])}`),
  ],
  ['a security option of a build', build(`securityopt=own%3D%7B${inUri}%7D`)],
  [
    'the URL of an import',
    post(`/images/create?fromSrc=https%3A%2F%2Fu%3A${inUri}%40h%2Fa.tar%3Fs%3D${inUri}`),
  ],
  ['an ENV of a change', post(`/images/create?fromSrc=http%3A%2F%2Fh%2Fa&changes=ENV%20A%3D${inUri}`)],
  ['a LABEL of a change', post(`/images/create?fromSrc=http%3A%2F%2Fh%2Fa&changes=LABEL%20A%3D${inUri}`)],
  ['an unreadable change', post(`/commit?container=c&changes=ENV%20A%3D${inUri}%20%5C`)],
  ['a change that is a comment', post(`/commit?container=c&changes=%23%20${inUri}`)],
  ['a change that is none', post(`/commit?container=c&changes=${inUri}%20x`)],
  ['the registry credentials', { ...post('/images/alpine/push'), headers: { 'X-Registry-Auth': secret } }],
  [
    "a subject's token",
    { ...create({}), headers: { 'Content-Type': 'application/json', 'X-Bulwark-Token': secret } },
  ],
  ['the password of a login', post('/auth', { username: 'u', password: secret })],
  [
    'the data of a secret',
    post('/secrets/create', { Name: 's', Data: Buffer.from(secret).toString('base64') }),
  ],
  [
    'the options of a secret driver',
    post('/secrets/create', { Name: 's', Driver: { Name: 'vault', Options: { token: secret } } }),
  ],
  ['a label of a secret', post('/secrets/create', { Name: 's', Labels: { key: secret } })],
  [
    'the data of a configuration',
    post('/configs/create', { Name: 's', Data: Buffer.from(secret).toString('base64') }),
  ],
  ['the token to join a swarm', post('/swarm/join', { RemoteAddrs: ['10.0.0.1:2377'], JoinToken: secret })],
  ['the key of a swarm', post('/swarm/unlock', { UnlockKey: secret })],
  [
    'the key of the swarm CA',
    post('/swarm/update?version=1', { CAConfig: { SigningCAKey: secret, SigningCACert: secret } }),
  ],
  [
    'an external CA',
    post('/swarm/init', {
      Spec: {
        CAConfig: {
          ExternalCAs: [{ Protocol: 'cfssl', URL: `https://u:${secret}@h/`, Options: { key: secret } }],
        },
      },
    }),
  ],
  [
    "a swarm's log driver",
    post('/swarm/init', {
      Spec: { TaskDefaults: { LogDriver: { Name: 'splunk', Options: { 'splunk-token': secret } } } },
    }),
  ],
  ['the environment of a service', task({ Env: [`A=${secret}`] })],
  ['the command of a service', task({ Command: [secret], Args: [secret] })],
  ['a label of a service', task({ Labels: { key: secret } })],
  [
    'a mount of a service',
    task({
      Mounts: [
        {
          Type: 'volume',
          Source: 'v',
          Target: '/v',
          VolumeOptions: { DriverConfig: { Name: 'local', Options: cifs(`password=${secret}`) } },
        },
      ],
    }),
  ],
  [
    'the log driver of a service',
    service({
      ContainerSpec: { Image: 'a' },
      LogDriver: { Name: 'splunk', Options: { 'splunk-token': secret } },
    }),
  ],
  [
    'the environment of a plugin service',
    service({ Runtime: 'plugin', PluginSpec: { name: 'p', remote: 'p', env: [`A=${secret}`] } }),
  ],
  ['the settings of a plugin', post('/plugins/p/set', [`TOKEN=${secret}`])],
  [
    'a query key that nobody reads',
    { method: 'GET', uri: `/v1.41/containers/json?token=${inUri}`, headers: {} },
  ],
  ['a field that nobody knows', create({ Token: secret })],
  ['broken JSON', post('/containers/create', `{"Env":["A=${secret}"`)],
  ['a value of the wrong type', create({ Env: { A: secret } })],
  ['a parameter of the wrong type', build(`buildargs=${json([secret])}`)],
  ['text behind the JSON', post('/containers/create', `{"Image":"alpine"} ${secret}`)],
];

describe('a record', () => {
  it('says where host paths led', () => {
    expect(redact({ leads: new Map([['/srv/link', '/etc']]) })).toEqual({ leads: { '/srv/link': '/etc' } });
  });

  it.each(planted)('never has %s', (_, message) => {
    const { record, told } = kept(message);
    expect(record).not.toContain(secret);
    expect(record).not.toContain(Buffer.from(secret).toString('base64'));
    expect(told).not.toContain(secret);
  });

  it('is asked about by every control that may show a value', () => {
    const rules = new Set(
      planted.flatMap(([, message]) => judge(message).decision.violations.map(({ rule }) => rule)),
    );
    for (const rule of [
      'strict/volumes',
      'strict/networks',
      'strict/logging',
      'strict/labels',
      'strict/build.remote',
      'strict/images.registry',
      'strict/env',
      'strict/annotations',
      'changes-unreadable',
      'body-syntax',
    ]) {
      expect([...rules].filter((one) => one.startsWith(rule))).not.toEqual([]);
    }
  });
});
