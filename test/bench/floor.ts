// The least that an authorization plugin in Node can do: parse both layers of JSON and allow. Listens on the socket
// named by its first argument and says `ready:` when it does. With a second one, what it was sent is appended to that
// file and synced before the answer: the least that a durable one can do.
import { fdatasync, openSync, write } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';

const [, , socket, log] = process.argv;
const file = log === undefined ? undefined : openSync(log, 'a');

const allowed = '{"Allow":true}';
const headers = {
  'Content-Type': 'application/vnd.docker.plugins.v1.2+json',
  'Content-Length': allowed.length,
};

function answer(response: ServerResponse): void {
  response.writeHead(200, headers);
  response.end(allowed);
}

const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const bytes = Buffer.concat(chunks);
    const { RequestBody } = JSON.parse(bytes.toString());
    if (RequestBody !== undefined) JSON.parse(Buffer.from(RequestBody, 'base64').toString());
    if (file === undefined) answer(response);
    else write(file, bytes, 0, bytes.length, null, () => fdatasync(file, () => answer(response)));
  });
});

server.listen(socket, () => process.stdout.write('ready: floor\n'));
