/** container.create in JSON that two readers take in two ways, and HostConfig where no client puts it. */
import type { Row } from '../row.ts';
import { mounted, privileged, reads, stores } from './build.ts';

const etc = mounted('/etc');
const hostNetwork = { HostConfig: { NetworkMode: 'host' } };
const hostBind = '{"Type":"bind","Source":"/etc","Target":"/h"}';

/** One reading only, in an unusual dress: for the policy to stop. */
const dressed: readonly Row[] = [
  reads('key-lower', 'key spelling', '"hostconfig":{"privileged":true}}', privileged, {
    stoppedAt: 'create',
  }),
  reads('key-upper', 'key spelling', '"HOSTCONFIG":{"PRIVILEGED":true}}', privileged, {
    stoppedAt: 'create',
  }),
  reads('key-mixed', 'key spelling', '"hOsTcOnFiG":{"bInDs":["/etc:/h"]}}', etc, { stoppedAt: 'create' }),
  reads('key-escaped', 'key spelling', '"HostConfi\\u0067":{"\\u0050rivileged":true}}', privileged, {
    stoppedAt: 'create',
  }),
  reads('value-escaped', 'key spelling', '"HostConfig":{"Binds":["\\u002f\\u0065tc:/h"]}}', etc, {
    stoppedAt: 'create',
  }),
  reads('value-escaped-solidus', 'key spelling', '"HostConfig":{"Binds":["\\/etc:\\/h"]}}', etc, {
    stoppedAt: 'create',
  }),
  reads('white-space', 'key spelling', '\r\n\t "HostConfig" :\n{ "Privileged"\t:true } } \n', privileged, {
    stoppedAt: 'create',
  }),
  reads('mount-keys-lower', 'key spelling', `"HostConfig":{"mounts":[${hostBind.toLowerCase()}]}}`, etc, {
    stoppedAt: 'create',
  }),
  reads(
    'last-key',
    'key spelling',
    `"Labels":{${labels(2000)}},"HostConfig":{"Privileged":true}}`,
    privileged,
    {
      stoppedAt: 'create',
    },
  ),
];

function labels(count: number): string {
  return Array.from({ length: count }, (_, at) => `"label-${at}":"${'x'.repeat(20)}"`).join(',');
}

const twoReadings: readonly Row[] = [
  reads('long-s', 'folded keys', '"Ho\u017ftConfig":{"Privileged":true}}', privileged),
  reads('long-s-escaped', 'folded keys', '"Ho\\u017ftConfig":{"Privileged":true}}', privileged),
  reads('long-s-binds', 'folded keys', '"HostConfig":{"Bind\u017f":["/etc:/h"]}}', etc),
  reads('kelvin', 'folded keys', '"HostConfig":{"Networ\u212aMode":"host"}}', hostNetwork),
  reads('kelvin-escaped', 'folded keys', '"HostConfig":{"Networ\\u212aMode":"host"}}', hostNetwork),
  reads('twice-last', 'duplicate keys', '"HostConfig":{"Privileged":false,"Privileged":true}}', privileged),
  reads('twice-folded', 'duplicate keys', '"HostConfig":{"Privileged":false,"privileged":true}}', privileged),
  reads(
    'twice-folded-first',
    'duplicate keys',
    '"HostConfig":{"Privileged":true,"privileged":null}}',
    privileged,
  ),
  reads('twice-null', 'duplicate keys', '"HostConfig":{"Privileged":true,"Privileged":null}}', privileged),
  reads(
    'twice-merged',
    'duplicate keys',
    '"HostConfig":{"Privileged":true},"HostConfig":{"Memory":0}}',
    privileged,
  ),
  reads(
    'twice-merged-folded',
    'duplicate keys',
    '"HostConfig":{"Privileged":true},"hostconfig":{}}',
    privileged,
  ),
  reads(
    'twice-nested',
    'duplicate keys',
    `"HostConfig":{"Mounts":[{"Type":"tmpfs",${hostBind.slice(1)}]}}`,
    etc,
  ),
  reads(
    'twice-map',
    'duplicate keys',
    '"HostConfig":{"Sysctls":{"kernel.msgmax":"0"},"Sysctls":{"kernel.msgmax":"1"}}}',
    { HostConfig: { Sysctls: { 'kernel.msgmax': '1' } } },
  ),
  reads(
    'twice-escaped',
    'duplicate keys',
    '"HostConfig":{"Privileged":false,"P\\u0072ivileged":true}}',
    privileged,
  ),
  reads('null-inherits', 'inherited elements', '"HostConfig":{"Binds":["/etc:/h"],"Binds":[null]}}', etc),
  reads(
    'null-inherits-folded',
    'inherited elements',
    '"HostConfig":{"Binds":["/etc:/h"],"binds":[null]}}',
    etc,
  ),
  reads(
    'null-inherits-past-shorter',
    'inherited elements',
    '"HostConfig":{"Binds":["/srv:/s","/etc:/h"],"Binds":["/srv:/s"],"Binds":["/srv:/s",null]}}',
    etc,
  ),
  reads(
    'null-inherits-security',
    'inherited elements',
    '"HostConfig":{"SecurityOpt":["seccomp=unconfined"],"SecurityOpt":[null]}}',
    { SeccompProfile: 'unconfined' },
  ),
  reads(
    'null-inherits-device',
    'inherited elements',
    '"HostConfig":{"Devices":[{"PathOnHost":"/dev/mem"}],"Devices":[null]}}',
    { HostConfig: { Devices: [{ PathOnHost: '/dev/mem' }] } },
  ),
  reads(
    'null-inherits-volumes-from',
    'inherited elements',
    '"HostConfig":{"VolumesFrom":["target:ro"],"VolumesFrom":[null],"Privileged":true}}',
    { HostConfig: { VolumesFrom: ['target:ro'], Privileged: true } },
  ),
  reads('struct-inherits', 'inherited elements', `"HostConfig":{"Mounts":[${hostBind}],"Mounts":[{}]}}`, etc),
  reads(
    'struct-inherits-part',
    'inherited elements',
    `"HostConfig":{"Mounts":[${hostBind}],"mounts":[{"Type":"bind","Target":"/h"}]}}`,
    etc,
  ),
  reads(
    'invalid-utf8-label',
    'text',
    '"Labels":{"a":"INVALID"},"HostConfig":{"Privileged":true}}',
    privileged,
  ),
  reads('lone-surrogate', 'text', '"Labels":{"a":"\\ud800"},"HostConfig":{"Privileged":true}}', privileged),
  reads(
    'after-the-value',
    'trailing data',
    '"HostConfig":{"Privileged":true}}{"Image":"busybox"}',
    privileged,
    {
      release: '20.10',
      why: 'refused from 23 on',
    },
  ),
  reads('after-the-value-text', 'trailing data', '"HostConfig":{"Privileged":true}} and so on', privileged, {
    release: '20.10',
    why: 'refused from 23 on',
  }),
  reads('after-the-value-brace', 'trailing data', '"HostConfig":{"Privileged":true}}}', privileged),
  reads('after-the-value-bracket', 'trailing data', '"HostConfig":{"Privileged":true}}]', privileged),
];

const hoisted: readonly Row[] = [
  reads('hoisted-privileged', 'hoisted HostConfig', '"Privileged":true}', privileged),
  reads('hoisted-lower', 'hoisted HostConfig', '"privileged":true}', privileged),
  reads('hoisted-beside-null', 'hoisted HostConfig', '"HostConfig":null,"Privileged":true}', privileged),
  reads('hoisted-binds', 'hoisted HostConfig', '"Binds":["/etc:/h"]}', etc),
  reads('hoisted-mounts', 'hoisted HostConfig', `"Mounts":[${hostBind}]}`, etc),
  reads('hoisted-network', 'hoisted HostConfig', '"NetworkMode":"host"}', hostNetwork),
  reads('hoisted-pid', 'hoisted HostConfig', '"PidMode":"host"}', { HostConfig: { PidMode: 'host' } }),
  reads('hoisted-security', 'hoisted HostConfig', '"SecurityOpt":["seccomp=unconfined"]}', {
    SeccompProfile: 'unconfined',
  }),
  reads('hoisted-devices', 'hoisted HostConfig', '"Devices":[{"PathOnHost":"/dev/mem"}]}', {
    HostConfig: { Devices: [{ PathOnHost: '/dev/mem' }] },
  }),
  reads('hoisted-capabilities', 'hoisted HostConfig', '"CapAdd":["SYS_ADMIN"]}', {
    HostConfig: { CapAdd: [/SYS_ADMIN$/] },
  }),
  reads('hoisted-masked', 'hoisted HostConfig', '"MaskedPaths":[]}', { HostConfig: { MaskedPaths: [] } }),
  reads(
    'hoisted-after-taking-back',
    'hoisted HostConfig',
    '"HostConfig":{},"HostConfig":null,"Privileged":true}',
    privileged,
  ),
];

const wrapped: readonly Row[] = [
  stores(
    'beside-networking',
    'key spelling',
    { PidMode: 'host' },
    { HostConfig: { PidMode: 'host' } },
    {
      fields: { NetworkingConfig: { EndpointsConfig: { allowed: {} } } },
    },
  ),
];

/** JSON.stringify and TypeScript's strings cannot hold a byte that is not UTF-8. */
function withInvalidByte(row: Row): Row {
  const steps = row.steps.map((step) => {
    const [head = '', tail] = String(step.body).split('INVALID');
    if (tail === undefined) return step;
    return { ...step, body: Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from(tail)]) };
  });
  return { ...row, steps };
}

export const spellings: readonly Row[] = [...dressed, ...twoReadings, ...hoisted, ...wrapped].map(
  withInvalidByte,
);
