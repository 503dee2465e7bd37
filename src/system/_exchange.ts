/**
 * A probe's look over HTTP: one request over a connection of its own. The connection is made before
 * undici is asked, so that each phase is seen by itself; whatever happens, the socket is destroyed.
 */
import type { Socket } from 'node:net';
import { answerPhases, destinationOf, faultOf, requestOf } from './_ask.ts';
import { dial } from './_dial.ts';
import { MAX_HEADER_BYTES } from './_engine.ts';
import type { Engines } from './_engine.ts';
import { CUT, failure, MALFORMED } from './_failure.ts';
import type { Fault } from './_failure.ts';
import { intake } from './_intake.ts';
import { Limit } from './_limit.ts';
import { secure } from './_tls.ts';
import type { SecureContexts } from './_tls.ts';
import type { Clock } from './clock.ts';
import type { Resolver } from './resolver.ts';
import type { Exchange, Exchanged, NetworkFailure, Phases, TlsFacts } from './transport.ts';

export const NO_PHASES: Phases = { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 };

/** We ask for no other, so that a body in another is nobody's. */
const TRANSFERS = new Set(['chunked', 'identity']);

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
    const { version, isOver } = intake(socket, MAX_HEADER_BYTES, maxBodyBytes);
    const request = requestOf(url, method, headers, body);
    const asked = await engines.ask(socket, request, maxBodyBytes, clock, limit);
    Object.assign(phases, answerPhases(asked, clock.monotonic()));
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
