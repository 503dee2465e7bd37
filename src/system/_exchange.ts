/**
 * A probe's look over HTTP: one request over a connection of its own. The connection is made before
 * undici is asked, so that each phase is seen by itself; whatever happens, the socket is destroyed.
 */
import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { Dispatcher } from 'undici';
import { answerPhases, ask, destinationOf, faultOf, requestOf } from './_ask.ts';
import { dial } from './_dial.ts';
import { CUT, failure, MALFORMED, NotConnected } from './_failure.ts';
import type { Fault } from './_failure.ts';
import { intake } from './_intake.ts';
import { Limit } from './_limit.ts';
import { secure } from './_tls.ts';
import type { SecureContexts } from './_tls.ts';
import type { Clock } from './clock.ts';
import type { Resolver } from './resolver.ts';
import type { Exchange, Exchanged, NetworkFailure, Phases, TlsFacts } from './transport.ts';

export const MAX_HEADER_BYTES = 16 * 1024;
export const NO_PHASES: Phases = { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 };

/** We ask for no other, so that a body in another is nobody's. */
const TRANSFERS = new Set(['chunked', 'identity']);

export async function exchange(
  { url, method, headers, body, maxBodyBytes, timeoutMs, signal, tls: tlsOptions }: Exchange,
  parts: { readonly resolver: Resolver; readonly clock: Clock },
  contexts: SecureContexts,
): Promise<Exchanged | NetworkFailure> {
  const { clock } = parts;
  const limit = new Limit(clock, timeoutMs, signal);
  const to = destinationOf(url);
  let phases = NO_PHASES;
  let ip: string | null = null;
  let tls: TlsFacts | null = null;
  let socket: Socket | undefined;
  const failed = (fault: Fault, sent: boolean): NetworkFailure =>
    failure(fault, { ...to, sent, phases, ip, tls, elapsedMs: limit.elapsedMs });
  try {
    const dialled = await dial(to, parts, limit.signal);
    ip = dialled.ip;
    phases = { ...phases, resolve: dialled.resolveMs, connect: dialled.connectMs };
    if ('failure' in dialled) return failed(dialled, false);
    socket = dialled.socket;
    if (url.protocol === 'https:') {
      const startedAt = clock.monotonic();
      const secured = await secure(socket, to.host, tlsOptions, contexts, limit.signal);
      phases = { ...phases, tls: clock.monotonic() - startedAt };
      tls = secured.facts;
      if ('failure' in secured) return failed(secured, false);
      socket = secured.socket;
    }
    const { version, isOver } = intake(socket, MAX_HEADER_BYTES, maxBodyBytes);
    const request = requestOf(url, method, headers, body);
    const asked = await ask(single(url, socket), request, maxBodyBytes, clock, limit.signal);
    phases = { ...phases, ...answerPhases(asked, clock.monotonic()) };
    if ('error' in asked) {
      const fault = faultOf(asked);
      return failed(fault === CUT && !isOver() ? MALFORMED : fault, asked.sent);
    }
    const transfer = asked.headers['transfer-encoding'] ?? 'identity';
    if (!TRANSFERS.has(transfer.toLowerCase())) return failed(MALFORMED, true);
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

/** A Client for the one request that this socket is for. */
function single(url: URL, socket: Socket): Dispatcher {
  let given = false;
  return new Client(url.origin, {
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: (_options, done) => {
      // undici connects anew when the connection is lost before anything was written.
      const isLost = given;
      given = true;
      // It misses an answer that comes before its call returns.
      queueMicrotask(() => {
        if (isLost) done(new NotConnected({ failure: 'reset', what: 'connection closed' }), null);
        else done(null, socket);
      });
    },
  });
}
