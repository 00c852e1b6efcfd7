import { once } from 'node:events';
import { logDecision } from '../logging/decision.js';
import { readBody } from './body.js';
import { denialText } from './denial.js';
import { failed, judge } from './judge.js';
import { parseMessage, parseResponse } from './wire.js';
// An `import` of node:http asks it for everything it has, which loads undici: 14 MB and most of the time that Bulwark
// takes to start (Node 24).
const { createServer } = process.getBuiltinModule('node:http');
const contentType = 'application/vnd.docker.plugins.v1.2+json';
const allowed = '{"Allow":true}';
/**
 * Connections live for ever. dockerd pools them, and one that closes just as a request is sent makes it send the
 * message again, now and then empty (E: an honest `_ping` got 403). So none of Node's timers may close one:
 * `keepAliveTimeout` is that of an idle connection, `headersTimeout` also ends one that never sent anything
 * (as pooled ones may be), `requestTimeout` a slow message, which the deadline ends better. Off by default
 * are `timeout` and `maxRequestsPerSocket` (Node 24).
 */
const forEver = { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 };
/** Makes the plugin's server. It answers nothing but `decide`'s own word with `Allow: true` in the request phase. */
export function createPlugin(options) {
    let stopping = false;
    const underWay = new Set();
    const server = createServer(forEver, (request, response) => {
        underWay.add(response);
        response.on('close', () => underWay.delete(response));
        response.sendDate = false;
        response.shouldKeepAlive &&= !stopping;
        route(request, response, options);
    });
    // Failing to accept one connection (EMFILE) must not end the server.
    server.on('error', (error) => options.log.error({ error }, 'the plugin socket failed'));
    async function stop(limit) {
        stopping = true;
        const closed = new Promise((resolve) => server.close(() => resolve()));
        const timer = setTimeout(() => server.closeAllConnections(), limit);
        for (const response of underWay)
            response.shouldKeepAlive = false;
        while (underWay.size > 0)
            await Promise.all(Array.from(underWay, (response) => once(response, 'close')));
        // What is open now carries no request.
        server.closeAllConnections();
        await closed;
        clearTimeout(timer);
    }
    return { server, stop };
}
function route(request, response, options) {
    const answer = calls.get(request.url ?? '');
    if (answer === undefined)
        send(response, 404, '{"Err":"no such plugin call"}');
    else if (request.method !== 'POST')
        send(response, 405, '{"Err":"plugin calls are POST"}');
    else
        answer(request, response, options);
}
const calls = new Map([
    ['/Plugin.Activate', (_, response) => send(response, 200, '{"Implements":["authz"]}')],
    ['/AuthZPlugin.AuthZReq', (request, response, options) => void answerRequest(request, response, options)],
    ['/AuthZPlugin.AuthZRes', (request, response, options) => void answerResponse(request, response, options)],
]);
async function answerRequest(request, response, options) {
    try {
        const bytes = readBody(request);
        const decision = await judge(bytes, options);
        logDecision(options.log, decision);
        watchDelivery(response, () => tellUndelivered(bytes, decision, options));
        send(response, 200, decision.allow === true ? allowed : denied(denialText(decision)));
    }
    catch {
        // Not even the failure could be told to the log, or to the user in its own words.
        send(response, 200, denied(denialText(failed())));
    }
}
/** Once all is with the system, the answer arrives unless the whole host fails. */
function watchDelivery(response, lost) {
    const check = () => {
        if (!response.writableFinished)
            lost();
    };
    if (response.closed)
        check();
    else
        response.once('close', check);
}
/** What could not even be read is not known again. */
function tellUndelivered(bytes, decision, { undelivered }) {
    if (undelivered === undefined)
        return;
    bytes.then((read) => undelivered(parseMessage(read), decision)).catch(() => { });
}
function denied(text) {
    return JSON.stringify({ Allow: false, Msg: text });
}
/**
 * The response phase: the effect has taken place, so a denial or a delay only corrupts what the client sees (E:
 * `docker run ... exit 7` returned 0). The answer waits for the message's last byte alone, because dockerd does not
 * use a connection again on which it was answered before it had written everything.
 */
async function answerResponse(request, response, options) {
    const { settled, log } = options;
    const bytes = await readBody(request).catch(() => undefined);
    send(response, 200, allowed);
    if (settled === undefined)
        return;
    setImmediate(() => {
        settle(bytes, settled).catch((error) => log.error({ error }, 'settling a response failed'));
    });
}
async function settle(bytes, settled) {
    // Too large or cut off: there is nothing to settle by.
    if (bytes !== undefined)
        await settled(parseResponse(bytes));
}
function send(response, status, body) {
    if (response.headersSent)
        return;
    response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
}
