import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { admit } from './admit.js';
import { createPlugin } from './authz/server.js';
import { listen } from './authz/socket.js';
import { ensurePrivateFolder } from './config/privateFolder.js';
import { failureOf } from './ledger/failure.js';
import { Ledger } from './ledger/ledger.js';
import { codes } from './model/codes.js';
import { Refusal } from './model/error.js';
import { loadPolicySet } from './policyfiles/load.js';
/** Beyond the deadline, for writing the denials that it brings. */
const grace = 250;
/**
 * Puts the parts together and starts them. Gives the errors of policies that cannot be used; throws a `Refusal`
 * where the socket cannot be had.
 */
export async function serve(config, log, uid) {
    const ledger = createLedger(config, log);
    // Its thread starts while the policies are read.
    ledger.prepare();
    let started;
    try {
        started = await begin(config, log, uid, ledger);
        return started;
    }
    finally {
        if (started?.ok !== true)
            await ledger.close(0);
    }
}
async function begin(config, log, uid, ledger) {
    const loaded = await loadPolicySet(config.policies);
    if (!loaded.ok)
        return { ...loaded, what: 'policies' };
    warn(log, loaded.warnings);
    let inForce = loaded.set;
    const trip = { policySet: () => inForce, protect: config.protect, ledger };
    const plugin = createPlugin({
        decide: (message, until) => admit(message, trip, until),
        record: (decision, until) => ledger.commit({ decision }, until),
        late: (decision, reason) => ledger.correct(decision, reason),
        undelivered: (message, decision) => ledger.lose(message, decision),
        settled: (message) => ledger.settle(message),
        deadline: config.deadline,
        log,
    });
    if (config.privateFolder !== undefined)
        ensurePrivateFolder(config.privateFolder, uid);
    // Before the ledger is opened: where another Bulwark listens, the ledger is its own.
    const socket = await listen(plugin.server, config.authzSocket);
    const unusable = await openLedger(ledger, config, loaded);
    if (unusable !== undefined) {
        socket.remove();
        await plugin.stop(0);
        return { ok: false, what: 'ledger', errors: [unusable] };
    }
    log.info({ authz: config.authzSocket, ledger: config.data, ...described(inForce) }, 'started');
    async function load() {
        const next = await loadPolicySet(config.policies);
        if (next.ok) {
            inForce = next.set;
            ledger.reload(next.set.digest, next.texts);
            warn(log, next.warnings);
            log.info(described(inForce), 'reloaded the policies');
        }
        else {
            log.error({ errors: next.errors.map(shortly) }, 'THE POLICIES ARE BROKEN: the last good set stays in force');
        }
    }
    // One after the other, so that the last one asked for is the last one in force.
    let loading = Promise.resolve();
    const reload = () => {
        loading = loading.then(load);
        return loading;
    };
    async function stop() {
        log.info('stopping');
        socket.remove();
        await plugin.stop(config.deadline + grace);
        await ledger.close(performance.now() + config.deadline);
        log.info('stopped');
    }
    const { documents, policySet } = described(inForce);
    const ready = `ready: authz=${config.authzSocket} policies=${documents} documents (${policySet}) facts=off admin=off`;
    return { ok: true, running: { ready, reload, stop, abandon: socket.remove } };
}
function createLedger({ data, ledger }, log) {
    return new Ledger({
        path: join(data, 'ledger.db'),
        host: hostname(),
        retention: ledger.retention,
        coalesceAbove: ledger.coalesceAbove,
        reserve: { path: join(data, 'reserve'), bytes: ledger.reserve },
        onHealth: (failure) => tellHealth(log, failure),
    });
}
function tellHealth(log, failure) {
    if (failure === undefined)
        log.info('the ledger can be written again');
    else
        log.error(failure, 'THE LEDGER CANNOT BE WRITTEN: everything is denied until it can');
}
/** What keeps the ledger from being used, if anything does. */
async function openLedger(ledger, { data, deadline }, { set, texts }) {
    try {
        mkdirSync(data, { recursive: true, mode: 0o700 });
        await ledger.open(set.digest, texts, performance.now() + deadline);
        return undefined;
    }
    catch (error) {
        if (error instanceof Refusal)
            return { code: error.code, file: data, message: error.message, hint: error.fix };
        const { code, detail } = failureOf(error, data);
        return { code, file: data, message: detail, hint: codes[code].fix };
    }
}
function described({ documents, digest }) {
    return { documents, policySet: digest.slice(0, 12) };
}
function warn(log, warnings) {
    for (const warning of warnings)
        log.warn({ at: shortly(warning) }, 'a policy has a weak place');
}
/** On one line, as a log wants it. */
function shortly({ file, at, message, hint }) {
    const place = at === undefined ? file : `${file}:${at.line}:${at.column}`;
    return `${place}: ${message}${hint === undefined ? '' : `; ${hint}`}`;
}
