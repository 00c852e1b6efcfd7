import { once } from 'node:events';
import { createServer } from 'node:http';
import { createAnswers, release } from './answers.js';
import { answerBuildKit } from './buildkit.js';
import { parseRecord } from './json.js';
import { shownMessage, showsBody } from './shownMessage.js';
/** As dockerd refuses it, before it asks its plugin (releases with the fix of CVE-2026-34040). */
const largestBody = 4 * 1024 * 1024;
/**
 * Listens where a docker CLI expects a daemon and answers as one would, so that the CLI goes on to its last
 * request; does nothing. Bodies that are no JSON are read to their end and thrown away.
 */
export async function startFakeDaemon(options) {
    const { things, answer } = createAnswers();
    const { apiVersion = release.api } = options;
    const connections = new Set();
    const sessions = new Set();
    let isBuilt = false;
    const headers = {
        'Api-Version': apiVersion,
        'Builder-Version': '2',
        'Docker-Experimental': 'true',
        Ostype: 'linux',
        Server: `Docker/${release.version} (linux)`,
        Swarm: 'active/manager',
    };
    /** The trip of one request: told, judged, answered. */
    async function decide(request, body) {
        const { method = '', url: uri = '', rawHeaders } = request;
        const denial = await options.authorize(shownMessage(method, uri, rawHeaders, body));
        if (denial !== undefined)
            return failure(403, denial);
        return answer({
            method,
            ...target(uri),
            body: parseRecord(body),
            upgrade: request.headers.upgrade !== undefined,
            client: request.headers['user-agent'] ?? '',
        });
    }
    async function serve(request, response) {
        const shows = showsBody(request.url ?? '', request.rawHeaders);
        const body = shows ? await read(request) : none;
        if (body === undefined)
            return write(response, failure(500, 'the body is larger than 4 MiB'), headers);
        const given = await decide(request, body);
        // A daemon that lets a stream pass reads it; one that does not answers at once.
        if (!shows && !isDenied(given))
            await drain(request);
        else
            request.resume();
        if (given.kind === 'reply') {
            write(response, given, headers);
            if (!/\/build\?/.test(request.url ?? ''))
                return;
            isBuilt = true;
            for (const session of sessions)
                session.end();
            return;
        }
        if (given.kind === 'streams')
            return write(response, { kind: 'reply', status: 200 }, headers);
        if (given.kind === 'held')
            options.onHeld?.();
    }
    async function serveUpgrade(request, socket, head) {
        socket.on('error', () => socket.destroy());
        connections.add(socket);
        socket.once('close', () => connections.delete(socket));
        const body = await readUpgradeBody(request, socket, head);
        const given = await decide(request, body);
        if (given.kind === 'reply')
            return void socket.end(rawReply(given, headers));
        const protocol = request.headers.upgrade ?? 'tcp';
        socket.write(`HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
        if (given.kind === 'grpc')
            return answerBuildKit(socket);
        socket.resume();
        // A CLI that builds by BuildKit itself (20.10) waits for its session's end, and may open it behind the build.
        if (given.kind === 'streams' || isBuilt)
            socket.end();
        else
            sessions.add(socket);
    }
    const server = createServer((request, response) => {
        // What fails here is a client that went away, or a judge that threw: neither gets an answer.
        serve(request, response).catch(() => response.destroy());
    });
    server.on('upgrade', (request, socket, head) => {
        serveUpgrade(request, socket, head).catch(() => socket.destroy());
    });
    server.listen(options.socket);
    await once(server, 'listening');
    return {
        isOwnId: (text) => things.isOwnId(text),
        close() {
            server.close();
            server.closeAllConnections();
            for (const connection of connections)
                connection.destroy();
        },
    };
}
const none = new Uint8Array(0);
function failure(status, message) {
    return { kind: 'reply', status, value: { message } };
}
function isDenied(answer) {
    return answer.kind === 'reply' && answer.status === 403;
}
/** The path as dockerd's router sees it: decoded, without the version. */
function target(uri) {
    const [path = '', ...query] = uri.split('?');
    return {
        path: decoded(path).replace(/^\/v\d+\.\d+(?=\/)/, ''),
        query: new URLSearchParams(query.join('?')),
    };
}
function decoded(path) {
    try {
        return decodeURIComponent(path);
    }
    catch {
        return path;
    }
}
/** Undefined where it is larger than a daemon takes. */
async function read(request) {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
        size += chunk.length;
        if (size <= largestBody)
            chunks.push(chunk);
    }
    return size <= largestBody ? new Uint8Array(Buffer.concat(chunks)) : undefined;
}
async function drain(request) {
    request.resume();
    if (!request.complete)
        await once(request, 'end');
}
/** Node leaves the body of a request that asks for the connection on the connection. */
async function readUpgradeBody(request, socket, head) {
    const length = Math.min(Number(request.headers['content-length'] ?? 0) || 0, largestBody);
    let bytes = head;
    while (bytes.length < length) {
        const [chunk] = await once(socket, 'data');
        bytes = Buffer.concat([bytes, chunk ?? none]);
    }
    socket.pause();
    if (bytes.length > length)
        socket.unshift(bytes.subarray(length));
    return new Uint8Array(bytes.subarray(0, length));
}
function write(response, reply, headers) {
    const content = contentOf(reply);
    const size = content === '' ? {} : { 'Content-Length': Buffer.byteLength(content) };
    response.writeHead(reply.status, { ...typeOf(reply), ...size, ...headers, ...reply.headers });
    response.end(response.req.method === 'HEAD' ? '' : content);
}
function rawReply(reply, headers) {
    const content = contentOf(reply);
    const all = {
        ...typeOf(reply),
        ...headers,
        'Content-Length': `${Buffer.byteLength(content)}`,
        Connection: 'close',
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    return [`HTTP/1.1 ${reply.status} Answer`, ...lines, '', content].join('\r\n');
}
function contentOf({ value }) {
    if (value === undefined)
        return '';
    return typeof value === 'string' ? value : JSON.stringify(value);
}
function typeOf({ value }) {
    return value === undefined ? {} : { 'Content-Type': 'application/json' };
}
