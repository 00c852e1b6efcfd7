// The least that an authorization plugin in Node can do: parse both layers of JSON and allow. Listens on the socket
// named by its argument and says `ready:` when it does.
import { createServer } from 'node:http';

const allowed = '{"Allow":true}';
const headers = {
  'Content-Type': 'application/vnd.docker.plugins.v1.2+json',
  'Content-Length': allowed.length,
};

const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { RequestBody } = JSON.parse(Buffer.concat(chunks).toString());
    if (RequestBody !== undefined) JSON.parse(Buffer.from(RequestBody, 'base64').toString());
    response.writeHead(200, headers);
    response.end(allowed);
  });
});

server.listen(process.argv[2], () => process.stdout.write('ready: floor\n'));
