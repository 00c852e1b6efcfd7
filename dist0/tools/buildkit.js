import { createServer } from 'node:http2';
/** `/moby.buildkit.v1.Control/ListWorkers`: a client asks for these before it builds. */
const listWorkers = /\/ListWorkers$/;
/** `docker builder prune` and `du` end with these: a stream of nothing, and an empty message. */
const emptyStream = /\/(?:Prune|ListenBuildHistory)$/;
const emptyMessage = /\/DiskUsage$/;
/**
 * Answers BuildKit's client on a connection that it took over: it is told of one worker, and that all else is not
 * there. It gives up then, after it has opened its session.
 */
export function answerBuildKit(connection) {
    const server = createServer();
    server.on('stream', (stream, headers) => {
        stream.on('error', () => { });
        stream.resume();
        const method = headers[':path'] ?? '';
        if (listWorkers.test(method))
            return reply(stream, '0', grpcFrame(oneWorker()));
        if (emptyStream.test(method))
            return reply(stream, '0');
        if (emptyMessage.test(method))
            return reply(stream, '0', grpcFrame(new Uint8Array(0)));
        // The session is opened beside the first calls; who gives up at once never gets to ask for it.
        stream.on('end', () => setTimeout(() => reply(stream, '12'), sessionTime));
    });
    server.on('sessionError', () => connection.destroy());
    server.emit('connection', connection);
}
/** Milliseconds. */
const sessionTime = 300;
/** gRPC's status stands behind the content: 0 for ok, 12 for unimplemented. */
function reply(stream, status, content) {
    if (stream.destroyed || stream.headersSent)
        return;
    stream.on('wantTrailers', () => stream.sendTrailers({
        'grpc-status': status,
        'grpc-message': status === '0' ? '' : 'nothing is built here',
    }));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.end(content);
}
/** A message behind its head: not compressed, its length in four bytes. */
function grpcFrame(message) {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    return Buffer.concat([head, message]);
}
/** ListWorkersResponse with one WorkerRecord: its id, and the platform linux/amd64 (protobuf by hand). */
function oneWorker() {
    const platform = Buffer.concat([field(1, Buffer.from('amd64')), field(2, Buffer.from('linux'))]);
    return field(1, Buffer.concat([field(1, Buffer.from('bulwark-try')), field(3, platform)]));
}
/** A protobuf field of the length-delimited kind; all here are shorter than 128 bytes. */
function field(number, content) {
    return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
}
