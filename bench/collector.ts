/** A collector of traces that reads what it gets and takes all of it. Tells its parent its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, answer) => {
  request.resume().once('end', () => {
    answer.setHeader('content-type', 'application/json').end('{}');
  });
});
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
