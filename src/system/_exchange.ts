/**
 * A probe's look over HTTP: one request over a connection of its own. The connection is made before
 * undici is asked, so that each phase is seen by itself; whatever happens, the socket is destroyed.
 */
import type { Socket } from 'node:net';
import { answerPhases, destinationOf, faultOf, requestOf } from './_ask.ts';
import { dial } from './_dial.ts';
import type { Engines } from './_engine.ts';
import { failure } from './_failure.ts';
import type { Fault } from './_failure.ts';
import { Limit } from './_limit.ts';
import { secure } from './_tls.ts';
import type { SecureContexts } from './_tls.ts';
import type { Clock } from './clock.ts';
import type { Resolver } from './resolver.ts';
import type { Exchange, Exchanged, NetworkFailure, Phases, TlsFacts } from './transport.ts';

export const NO_PHASES: Phases = { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 };

export async function exchange(
  { url, method, headers, body, maxBodyBytes, timeoutMs, signal, tls: tlsOptions }: Exchange,
  parts: { readonly resolver: Resolver; readonly clock: Clock },
  contexts: SecureContexts,
  engines: Engines,
): Promise<Exchanged | NetworkFailure> {
  const { clock } = parts;
  const limit = new Limit(clock, timeoutMs, signal);
  const to = destinationOf(url);
  const phases = { ...NO_PHASES };
  let ip: string | null = null;
  let tls: TlsFacts | null = null;
  let socket: Socket | undefined;
  const failed = (fault: Fault, sent: boolean): NetworkFailure =>
    failure(fault, { ...to, sent, phases, ip, tls, elapsedMs: limit.elapsedMs });
  try {
    const dialled = await dial(to, parts, limit);
    ip = dialled.ip;
    phases.resolve = dialled.resolveMs;
    phases.connect = dialled.connectMs;
    if ('failure' in dialled) return failed(dialled, false);
    socket = dialled.socket;
    if (url.protocol === 'https:') {
      const startedAt = clock.monotonic();
      const secured = await secure(socket, to.host, tlsOptions, contexts, limit);
      phases.tls = clock.monotonic() - startedAt;
      tls = secured.facts;
      if ('failure' in secured) return failed(secured, false);
      socket = secured.socket;
    }
    const version = watchVersion(socket);
    const request = requestOf(url, method, headers, body);
    const asked = await engines.ask(socket, request, maxBodyBytes, clock, limit);
    Object.assign(phases, answerPhases(asked, clock.monotonic()));
    if ('error' in asked) return failed(faultOf(asked), asked.sent);
    return {
      status: asked.status,
      headers: asked.headers,
      body: asked.body,
      bodyBytes: asked.bodyBytes,
      truncated: asked.truncated,
      httpVersion: version(),
      ip: dialled.ip,
      phases,
      tls,
    };
  } finally {
    socket?.destroy();
    limit.release();
  }
}

/** The version is on the first line of the answer, and undici does not tell it. */
function watchVersion(socket: Socket): () => string {
  let version = '1.1';
  const read = socket.read.bind(socket);
  socket.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (Buffer.isBuffer(chunk)) {
      version = /^HTTP\/(\d\.\d)/.exec(chunk.toString('latin1', 0, 8))?.[1] ?? version;
      socket.read = read;
    }
    return chunk;
  };
  return () => version;
}
