/** Serves the corpus on loopback, tells whoever started it the ports, and goes when that one goes. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { corpus } from './corpus.ts';

const servers = corpus.map(({ server }) => server().listen(0, '127.0.0.1'));
await Promise.all(servers.map((server) => once(server, 'listening')));
process.on('disconnect', () => process.exit());
process.send?.(servers.map((server) => (server.address() as AddressInfo).port));
