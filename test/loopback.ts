/**
 * Servers on loopback for tests that need real sockets. Each lives until its test has finished, and
 * its connections with it.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

/** Serves until the test has finished. Resolves to the port. */
export async function serve(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

export function tcpServer(onSocket: (socket: Socket) => void): Promise<number> {
  return serve(createServer(onSocket));
}

/** Answers every connection with these bytes as soon as something was asked, and closes. */
export function rawServer(answer: string): Promise<number> {
  return tcpServer((socket) => {
    socket.once('data', () => socket.end(answer));
  });
}

export function httpServer(listener: RequestListener): Promise<number> {
  return serve(createHttpServer(listener));
}

export type Certificate = 'good' | 'expired' | 'future' | 'wrong-host' | 'self-signed' | 'chain';

export function httpsServer(certificate: Certificate, listener: RequestListener): Promise<number> {
  const cert = pem(`${certificate}.pem`);
  return serve(createHttpsServer({ key: pem('leaf.key'), cert }, listener));
}

export function tlsServer(
  certificate: Certificate,
  onSocket: (socket: Socket) => void,
  more: TlsOptions = {},
): Promise<number> {
  const cert = pem(`${certificate}.pem`);
  return serve(createTlsServer({ key: pem('leaf.key'), cert, ...more }, onSocket));
}

/** The server's side of STARTTLS: from here on the connection is encrypted. */
export function upgraded(socket: Socket): TLSSocket {
  const cert = pem('good.pem');
  const upgraded = new TLSSocket(socket, { isServer: true, key: pem('leaf.key'), cert });
  return upgraded.on('error', () => {});
}

export function pem(name: string): string {
  return readFileSync(new URL(`fixtures/tls/${name}`, import.meta.url), 'utf8');
}

/** A port on which nothing listens, and for a while nothing will. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * A port that takes no connection and refuses none, as behind a firewall that drops: it listens in a
 * thread that stands still, and its queue is full.
 */
export async function blackHole(host = '127.0.0.1', port = 0): Promise<number> {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ ...workerData, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const worker = new Worker(source, { eval: true, workerData: { host, port } });
  onTestFinished(async () => {
    await worker.terminate();
  });
  const [bound] = (await once(worker, 'message')) as [number];
  for (let waiting = 0; waiting < 2; waiting++) {
    const socket = connect({ host, port: bound }).on('error', () => {});
    onTestFinished(() => {
      socket.destroy();
    });
    await once(socket, 'connect');
  }
  return bound;
}
