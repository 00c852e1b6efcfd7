import { basename, dirname, join, resolve } from 'node:path';
import { readConfigFile } from './file.js';
import { ownPaths } from './ownPaths.js';
import { configSource, ledgerDefaults } from './settings.js';
import { readVariables } from './variables.js';
/**
 * The configuration: a flag before a variable, a variable before the Config file (so that `docker plugin set`,
 * which sets variables, wins over a file inside the plugin), the file before the defaults. Every error of all
 * sources, or the whole. Never throws.
 */
export async function resolveConfig({ configFile, flags, env, uid }) {
    const variables = readVariables(env);
    const file = configFile ?? env[configSource.variable];
    const path = file === undefined ? undefined : resolve(file);
    const read = path === undefined ? { spec: {} } : await readConfigFile(path);
    const errors = [...variables.errors, ...('errors' in read ? read.errors : [])];
    if ('errors' in read || errors.length > 0)
        return { ok: false, errors };
    const folder = uid === 0 ? undefined : runtimeFolder(uid, env['XDG_RUNTIME_DIR']);
    const { spec } = variables;
    const given = flags.authzSocket ?? spec.authzSocket ?? read.spec.authzSocket;
    const authzSocket = resolve(given ?? (folder ? join(folder, 'bulwark.sock') : '/run/docker/plugins/bulwark.sock'));
    const givenData = flags.data ?? spec.data ?? read.spec.data;
    const data = resolve(givenData ?? folder ?? '/var/lib/bulwark');
    const policies = (flags.policies ?? spec.policies ?? read.spec.policies ?? ['/etc/bulwark/policies']).map((policy) => resolve(policy));
    const config = {
        authzSocket,
        policies,
        data,
        ledger: read.spec.ledger ?? ledgerDefaults,
        deadline: flags.deadline ?? spec.deadline ?? read.spec.deadline ?? 5000,
        logLevel: flags.logLevel ?? spec.logLevel ?? read.spec.logLevel ?? 'info',
        protect: {
            paths: await ownPaths([
                ...(read.spec.protect?.paths ?? []),
                dirname(authzSocket),
                ...policies,
                data,
                ...(path ? [path] : []),
            ]),
            sockets: [],
            container: read.spec.protect?.container ?? undefined,
            plugin: basename(authzSocket, '.sock'),
        },
        privateFolder: given === undefined || givenData === undefined ? folder : undefined,
    };
    return { ok: true, config, warnings: variables.warnings };
}
/** Where who is not root keeps socket and data. */
function runtimeFolder(uid, xdgRuntimeDir) {
    return xdgRuntimeDir?.startsWith('/') ? join(xdgRuntimeDir, 'bulwark') : `/tmp/bulwark-${uid}`;
}
