import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { IdentityOptions } from '../identity/identify.ts';
import type { LogLevel } from '../logging/log.ts';
import type { Address } from '../model/address.ts';
import { cleanPath } from '../model/paths.ts';
import { printable } from '../model/printable.ts';
import type { Protect } from '../model/protect.ts';
import type { FileError } from '../policyfiles/fileerror.ts';
import { readConfigFile } from './file.ts';
import { ownFolder, ownPaths } from './ownPaths.ts';
import { configSource, identityDefaults, ledgerDefaults, type Spec } from './settings.ts';
import { readVariables } from './variables.ts';

/** What `serve` runs on; every path absolute. */
export interface Config {
  readonly authzSocket: string;
  readonly policies: readonly string[];
  /** A folder of policies that are tried beside those; undefined: none. */
  readonly shadow: string | undefined;
  /** What policies and the ledger call this host. */
  readonly hostName: string;
  /** The folder of the ledger. */
  readonly data: string;
  readonly ledger: NonNullable<Spec['ledger']>;
  readonly admin: Address;
  readonly metrics: Address;
  /** The socket of the daemon that asks, or off. */
  readonly dockerHost: Address;
  /** The folder in which the root of the host is seen; undefined: links there are not followed. */
  readonly hostRoot: string | undefined;
  /** In milliseconds. */
  readonly deadline: number;
  readonly logLevel: LogLevel;
  readonly protect: Protect;
  readonly identity: IdentityOptions;
  /** The folder that must belong to this user alone, where one was chosen for the socket or the data of who is not root. */
  readonly privateFolder: string | undefined;
}

/** What a command line and the process say; values of flags are checked by then. */
export interface Given {
  readonly configFile: string | undefined;
  readonly flags: Spec;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's id; 0 is root. */
  readonly uid: number;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly errors: readonly FileError[] };

/**
 * The configuration: a flag before a variable, a variable before the Config file (so that `docker plugin set`,
 * which sets variables, wins over a file inside the plugin), the file before the defaults. Every error of all
 * sources, or the whole. Never throws.
 */
export async function resolveConfig({ configFile, flags, env, uid }: Given): Promise<ConfigResult> {
  const variables = readVariables(env);
  const file = configFile ?? (env[configSource.variable] || undefined);
  const path = file === undefined ? undefined : resolve(file);
  const read = path === undefined ? { spec: {} } : await readConfigFile(path);
  const errors = [...variables.errors, ...('errors' in read ? read.errors : [])];
  if ('errors' in read || errors.length > 0) return { ok: false, errors };

  const { spec } = variables;
  const givenRoot = flags.hostRoot ?? spec.hostRoot ?? read.spec.hostRoot ?? '/';
  const hostRoot = givenRoot === 'off' ? undefined : cleanPath(givenRoot);
  if (hostRoot !== undefined && !(await isFolder(hostRoot)))
    return { ok: false, errors: [noHostRoot(hostRoot)] };
  const identity = read.spec.identity ?? identityDefaults;
  if (identity.hostGroups && hostRoot === undefined)
    return { ok: false, errors: [hostGroupsUnseen(path ?? configSource.variable)] };
  const folder = uid === 0 ? undefined : runtimeFolder(uid, env['XDG_RUNTIME_DIR']);
  const given = flags.authzSocket ?? spec.authzSocket ?? read.spec.authzSocket;
  const authzSocket = resolve(
    given ?? (folder ? join(folder, 'bulwark.sock') : '/run/docker/plugins/bulwark.sock'),
  );
  const givenData = flags.data ?? spec.data ?? read.spec.data;
  const data = resolve(givenData ?? folder ?? '/var/lib/bulwark');
  const policies = (flags.policies ?? spec.policies ?? read.spec.policies ?? ['/etc/bulwark/policies']).map(
    (policy) => resolve(policy),
  );
  const givenShadow = flags.shadow ?? spec.shadow ?? read.spec.shadow;
  const shadow = givenShadow === undefined ? undefined : resolve(givenShadow);
  const admin = adminAddress(flags.admin ?? spec.admin ?? read.spec.admin, data);
  const givenHost = flags.dockerHost ?? spec.dockerHost ?? read.spec.dockerHost;
  const dockerHost = dockerHostOf(givenHost, uid, env['XDG_RUNTIME_DIR']);
  const hostName = flags.hostName ?? spec.hostName ?? read.spec.hostName ?? hostname();
  const config: Config = {
    authzSocket,
    policies,
    shadow,
    hostName,
    data,
    ledger: read.spec.ledger ?? ledgerDefaults,
    admin,
    metrics: flags.metrics ?? spec.metrics ?? read.spec.metrics ?? { kind: 'off' },
    dockerHost,
    hostRoot,
    deadline: flags.deadline ?? spec.deadline ?? read.spec.deadline ?? 5000,
    logLevel: flags.logLevel ?? spec.logLevel ?? read.spec.logLevel ?? 'info',
    protect: {
      paths: await ownPaths(
        [
          ...(read.spec.protect?.paths ?? []),
          dirname(authzSocket),
          ...policies,
          ...(shadow === undefined ? [] : [shadow]),
          data,
          ...(admin.kind === 'unix' ? [admin.path] : []),
          ...(path ? [path] : []),
          ownFolder,
        ],
        hostRoot,
      ),
      sockets: dockerHost.kind === 'unix' ? await ownPaths([dockerHost.path], hostRoot) : [],
      container: read.spec.protect?.container ?? undefined,
      plugin: basename(authzSocket, '.sock'),
    },
    identity: identityOf(identity, data, hostName, hostRoot),
    privateFolder: given === undefined || givenData === undefined ? folder : undefined,
  };
  return { ok: true, config, warnings: variables.warnings };
}

/** With what depends on the rest of the configuration. */
function identityOf(
  { tls, tokens, precedence, hostGroups }: NonNullable<Spec['identity']>,
  data: string,
  hostName: string,
  hostRoot: string | undefined,
): IdentityOptions {
  const folder = join(data, 'keys');
  const keys = tokens.keys ?? [join(folder, 'token.pub.pem')];
  return {
    ...{ tls, precedence },
    tokens: {
      keys,
      revoked: join(folder, 'revoked'),
      ...{ issuer: tokens.issuer, audience: tokens.audience ?? hostName },
      ...{ maxLife: tokens.maxLife, leeway: tokens.leeway },
    },
    hostGroups: hostGroups && hostRoot !== undefined ? join(hostRoot, 'etc') : undefined,
  };
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function noHostRoot(path: string): FileError {
  return {
    code: 'file-unreadable',
    file: printable(path),
    message: 'there is no such folder, in which `hostRoot` says that the root of the host is seen',
    hint: "mount the host's root there, read-only; or say `off`, and links on the host are not followed",
  };
}

function hostGroupsUnseen(file: string): FileError {
  return {
    code: 'file-invalid',
    file: printable(file),
    message: '`hostGroups` needs the files of the host, and `hostRoot` is off',
    hint: 'say where the root of the host is seen (`hostRoot`), or leave `hostGroups` out',
  };
}

function adminAddress(given: Address | undefined, data: string): Address {
  if (given === undefined) return { kind: 'unix', path: join(data, 'admin.sock') };
  return given.kind === 'unix' ? { ...given, path: resolve(given.path) } : given;
}

/** A user's Bulwark is asked by that user's rootless dockerd, whose socket is there (20.10 to 29). */
function dockerHostOf(given: Address | undefined, uid: number, xdgRuntimeDir: string | undefined): Address {
  if (given?.kind === 'unix') return { ...given, path: resolve(given.path) };
  const rootless = xdgRuntimeDir?.startsWith('/') ? xdgRuntimeDir : `/run/user/${uid}`;
  return given ?? { kind: 'unix', path: join(uid === 0 ? '/var/run' : rootless, 'docker.sock') };
}

/** Where who is not root keeps socket and data. */
function runtimeFolder(uid: number, xdgRuntimeDir: string | undefined): string {
  return xdgRuntimeDir?.startsWith('/') ? join(xdgRuntimeDir, 'bulwark') : `/tmp/bulwark-${uid}`;
}
