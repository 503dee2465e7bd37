/**
 * What a hostile target is, and the pieces that the tables are made of. A target is a server that
 * has not begun to listen: the tables can be read without opening a port, and are served by another
 * process than the one that looks, so that only what looking costs is measured.
 */
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { setInterval } from 'node:timers/promises';
import type { Reason } from '../../src/probes/probe.ts';

export interface Case {
  readonly name: string;
  readonly server: () => Server;
  /** The rest of the check in checks.yml; `at` replaces `http: http://127.0.0.1:PORT/`. */
  readonly check?: object;
  readonly at?: (port: number) => object;
  /** 5 s, which nobody here takes; `SOON` where it is waited for. */
  readonly timeoutMs?: number;
  readonly expected: 'up' | `${'down' | 'degraded'} ${Reason}`;
}

export const SOON = 1_000;

/** Has the connection, and nothing else: also the request has to be read by whoever wants it. */
export function raw(onSocket: (socket: Socket) => void): () => Server {
  return () =>
    createServer({ allowHalfOpen: true }, (socket) => {
      // A hostile one does not mind how the other side goes away.
      socket.on('error', () => {});
      onSocket(socket);
    });
}

/** Called with the request when its head is there; the body need not be. */
export function asked(onRequest: (socket: Socket, request: string) => void): () => Server {
  return raw((socket) => {
    let request = '';
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) => {
      const isKnown = request.includes('\r\n\r\n');
      request += String(chunk);
      if (!isKnown && request.includes('\r\n\r\n')) onRequest(socket, request);
    });
  });
}

/** What is large is made when it is asked for. */
type Bytes = string | Uint8Array | (() => string | Uint8Array);

function send(socket: Socket, bytes: Bytes): boolean {
  return socket.write(typeof bytes === 'function' ? bytes() : bytes);
}

/** Answers with this, as it is, and closes. */
export function says(...answer: readonly Bytes[]): () => Server {
  return asked((socket) => {
    for (const bytes of answer) send(socket, bytes);
    socket.end();
  });
}

/** Answers with this and keeps the connection open for ever. */
export function holds(...answer: readonly Bytes[]): () => Server {
  return asked((socket) => {
    for (const bytes of answer) send(socket, bytes);
  });
}

/** Answers with this, then with `again` until the other side has had enough. */
export function pours(answer: string, again: string): () => Server {
  return asked((socket) => {
    socket.write(answer);
    const pour = (): void => {
      while (socket.writable && socket.write(again));
    };
    socket.on('drain', pour);
    pour();
  });
}

/** Answers with this at once, then with a byte of the rest every 50 ms, and from its start again. */
export function drips(answer: string, rest: string): () => Server {
  return asked((socket) => {
    socket.write(answer);
    void drip(socket, Buffer.from(rest));
  });
}

export async function drip(socket: Socket, bytes: Uint8Array): Promise<void> {
  let sent = 0;
  for await (const _ of setInterval(50)) {
    if (!socket.writable) return;
    const at = sent++ % bytes.length;
    socket.write(bytes.subarray(at, at + 1));
  }
}

export function http(listener: RequestListener): () => Server {
  return () => createHttpServer(listener);
}

/** A whole answer with this body and its length, after these lines of headers. */
export function ok(body: string | Uint8Array = 'ok', ...headers: readonly string[]): Uint8Array {
  const bytes = Buffer.from(body);
  const lines = ['HTTP/1.1 200 OK', `content-length: ${bytes.length}`, ...headers];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}
