import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import type { RequestObject } from '../../model/request.ts';
import { control, type Finding } from '../control.ts';
import { matches } from '../pattern.ts';
import { showList } from '../show.ts';

const parameters = z.strictObject({
  drivers: z
    .array(z.string())
    .optional()
    .describe("Log drivers that may be named, as patterns. The daemon's default always passes. Absent: any."),
  options: z
    .array(z.string())
    .optional()
    .describe(
      'Options of log drivers that may be given, as patterns of the name, `max-*`, or of name and value, `syslog-address=tcp://logs.example.com:*`. One that has the daemon write to a socket or read a file of the host passes only by name and value. Absent: any but those.',
    ),
});
type Parameters = z.infer<typeof parameters>;

/** Options whose value is a file of the host that the daemon reads, relative or not (S, its syslog and splunk drivers). */
const fileOptions = new Set(['splunk-capath', 'syslog-tls-ca-cert', 'syslog-tls-cert', 'syslog-tls-key']);
/** Their kin of log driver plugins; without a path such an option may as well be a token. */
const fileName = /(cert|key|path|file)$/;
/** `unix:///path`, `unixgram:///path`: the daemon connects to that socket. */
const socketAddress = /^\s*unix[a-z]*:\/\//i;

/** Logs stay on the host, where they can be read afterwards: `none` keeps nothing, and with others the daemon connects out. */
const restricted: Parameters = {
  drivers: ['json-file', 'local', 'journald'],
  options: ['max-size', 'max-file', 'compress', 'mode', 'tag', 'labels', 'labels-regex', 'env', 'env-regex'],
};

export const logging = control({
  name: 'logging',
  flags: ['docker run --log-driver', 'docker run --log-opt', 'docker service create --log-driver'],
  about:
    'It is the daemon, root on the host, that writes the logs: by an address `unix://...` into any socket of the host, and it reads certificates and keys from any file. A log server in the network is no way into the host.',
  reads: ['container', 'swarm'],
  fields: [
    'HostConfig.LogConfig',
    'DaemonInfo.LoggingDriver',
    'LogConfig.*',
    'TaskSpec.LogDriver',
    'LogDriver.*',
    'TaskDefaults.LogDriver',
  ],
  parameters,
  needs: () => ['defaults'],
  profiles: { baseline: {}, restricted: restricted },
  check({ object }, parameters) {
    return stated(object).flatMap(({ driver, options }) => [
      ...checkDriver(driver, parameters),
      ...[...options].flatMap(([name, value]) => checkOption(name, value, parameters)),
    ]);
  },
  examples: [
    { docker: 'docker run --log-driver json-file --log-opt max-size=10m --log-opt max-file=3 alpine' },
    { docker: 'docker run --log-driver none alpine' },
    { docker: 'docker run --log-driver journald --log-opt tag=web alpine' },
    { docker: 'docker run --log-driver syslog --log-opt syslog-address=udp://10.0.0.5:514 alpine' },
    { docker: 'docker run --log-driver fluentd --log-opt fluentd-address=10.0.0.5:24224 alpine' },
    {
      docker: 'docker run --log-driver syslog --log-opt syslog-address=unix:///run/docker.sock alpine',
      breaks: [''],
    },
    {
      docker: 'docker run --log-driver syslog --log-opt syslog-address=unixgram:///dev/log alpine',
      breaks: [''],
    },
    {
      docker: 'docker run --log-driver fluentd --log-opt fluentd-address=unix:///x.sock alpine',
      breaks: [''],
    },
    {
      docker:
        'docker run --log-driver syslog --log-opt syslog-address=tcp+tls://h:1 --log-opt syslog-tls-key=/etc/shadow alpine',
      breaks: [''],
    },
    { docker: 'docker run --log-driver syslog --log-opt syslog-tls-key=etc/shadow alpine', breaks: [''] },
    { docker: 'docker run --log-driver own --log-opt own-ca-file=/etc/shadow alpine', breaks: [''] },
    { docker: 'docker run --log-driver own --log-opt own-api-key=Zm9v/YmFy alpine' },
    {
      docker:
        'docker run --log-driver splunk --log-opt splunk-url=https://h --log-opt splunk-token=x --log-opt splunk-capath=/etc/shadow alpine',
      breaks: [''],
    },
    {
      docker:
        'docker service create --log-driver syslog --log-opt syslog-address=unix:///run/docker.sock alpine',
      breaks: [''],
    },
    {
      docker: 'docker run --log-driver gelf --log-opt gelf-address=udp://h:1 alpine',
      with: { drivers: ['json-file', 'local'] },
      breaks: ['driver'],
    },
    {
      docker: 'docker run --log-opt max-size=10m alpine',
      with: { drivers: ['json-file'], options: ['max-*'] },
    },
    { docker: 'docker run --log-opt tag=x alpine', with: { options: ['max-*'] }, breaks: [''] },
    {
      docker: 'docker run --log-driver syslog --log-opt syslog-address=unixgram:///dev/log alpine',
      with: { options: ['syslog-address'] },
      breaks: [''],
    },
    {
      docker: 'docker run --log-driver syslog --log-opt syslog-address=unixgram:///dev/log alpine',
      with: { options: ['syslog-address=unixgram:///dev/log'] },
    },
    { docker: 'docker run --log-driver local --log-opt max-size=10m alpine', with: restricted },
    { docker: 'docker run --log-driver none alpine', with: restricted, breaks: ['driver'] },
    {
      docker: 'docker run --log-driver syslog --log-opt syslog-address=udp://10.0.0.5:514 alpine',
      with: restricted,
      breaks: ['', 'driver'],
    },
    // In the daemon's own memory, without a limit of its own.
    {
      docker: 'docker run --log-opt mode=non-blocking --log-opt max-buffer-size=8g alpine',
      with: restricted,
      breaks: [''],
    },
  ],
});

type Logging = NonNullable<NonNullable<RequestObject['container']>['logging']>;

function stated({ container, swarm }: RequestObject): Logging[] {
  return [container?.logging, swarm?.logging].filter((logging) => logging !== undefined);
}

function checkDriver(driver: string, { drivers }: Parameters): Finding[] {
  if (driver === '' || drivers === undefined || drivers.some((pattern) => matches(pattern, driver)))
    return [];
  return [
    {
      part: 'driver',
      message: `--log-driver ${printable(driver)} is not among the log drivers allowed here.`,
      fix: `drop it; allowed are ${showList(drivers)}.`,
      value: printable(driver),
    },
  ];
}

function checkOption(name: string, value: string, { options }: Parameters): Finding[] {
  const socket = socketAddress.test(value);
  const known = fileOptions.has(name) && value !== '';
  const risky = socket || known || (fileName.test(name) && value.startsWith('/'));
  const allowed =
    options === undefined ? !risky : options.some((pattern) => isListed(pattern, name, value, risky));
  if (allowed) return [];
  // Other options may be tokens: their values are not shown.
  const shown = `--log-opt ${printable(socket || known ? `${name}=${value}` : name)}`;
  if (risky) {
    return [
      {
        message: socket
          ? `${shown} has the daemon, which is root, write the container's output into a socket of the host.`
          : `${shown} has the daemon, which is root, read a file of the host.`,
        fix: socket
          ? 'drop it, or give an address in the network: udp://HOST:PORT.'
          : 'drop it; an administrator can set it for all containers in daemon.json.',
        value: printable(name),
      },
    ];
  }
  return [
    {
      message: `${shown} is not among the options of log drivers allowed here.`,
      fix: `drop it; allowed are ${showList(options ?? [])}.`,
      value: printable(name),
    },
  ];
}

function isListed(pattern: string, name: string, value: string, risky: boolean): boolean {
  if (pattern.includes('=')) return matches(pattern, `${name}=${value}`);
  return !risky && matches(pattern, name);
}
