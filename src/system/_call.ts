/**
 * A channel's calls: kept-alive, verified connections, a few to each origin, and the caller's signal
 * as the deadline. `sent` decides whether a page may have been taken: it is false only when the
 * request was never handed to a connection.
 */
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { answerPhases, ask, destinationOf, faultOf, requestOf, textOf } from './_ask.ts';
import { dial } from './_dial.ts';
import { failure, NotConnected } from './_failure.ts';
import type { Fault } from './_failure.ts';
import { MAX_HEADER_BYTES } from './_engine.ts';
import { NO_PHASES } from './_exchange.ts';
import { Limit } from './_limit.ts';
import { secure } from './_tls.ts';
import type { SecureContexts } from './_tls.ts';
import { Agent } from './_undici.ts';
import type { Clock } from './clock.ts';
import type { Resolver } from './resolver.ts';
import type { Answer, Call, NetworkFailure, TlsOptions } from './transport.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
/** Longer than a burst of pages, shorter than servers are known to keep an idle connection. */
const KEEP_ALIVE_MS = 4_000;
const VERIFIED: TlsOptions = { verify: true, ca: null, serverName: null };

export async function call(
  { url: address, method, headers, body, signal }: Call,
  agent: Agent,
  clock: Clock,
): Promise<Answer | NetworkFailure> {
  const url = new URL(address);
  const limit = new Limit(clock, null, signal);
  const request = { ...requestOf(url, method, headers, body), origin: url.origin };
  const asked = await ask(agent, request, MAX_BODY_BYTES, clock, limit);
  limit.release();
  const endedAt = clock.monotonic();
  const failed = (fault: Fault, sent: boolean): NetworkFailure =>
    failure(fault, {
      ...destinationOf(url),
      sent,
      phases: { ...NO_PHASES, ...answerPhases(asked, endedAt) },
      ip: null,
      tls: null,
      elapsedMs: limit.elapsedMs,
    });
  if ('error' in asked) return failed(faultOf(asked), asked.sent);
  if (asked.truncated) {
    return failed({ failure: 'too_large', what: 'more than 1 MiB of answer' }, true);
  }
  return { status: asked.status, headers: asked.headers, body: textOf(asked.bytes) };
}

export function callAgent(
  parts: { readonly resolver: Resolver; readonly clock: Clock },
  contexts: SecureContexts,
  connections: number,
): Agent {
  return new Agent({
    connections,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: (to, done) => {
      void open(to, parts, contexts).then((opened) => {
        if ('failure' in opened) done(new NotConnected(opened), null);
        else done(null, opened.socket);
      });
    },
  });
}

async function open(
  { hostname, port, protocol }: buildConnector.Options,
  parts: { readonly resolver: Resolver; readonly clock: Clock },
  contexts: SecureContexts,
): Promise<{ readonly socket: Socket } | Fault> {
  const isTls = protocol === 'https:';
  const to = { host: hostname, port: Number(port) || (isTls ? 443 : 80) };
  const limit = new Limit(parts.clock, CONNECT_TIMEOUT_MS);
  try {
    const dialled = await dial(to, parts, limit);
    if ('failure' in dialled || !isTls) return dialled;
    return await secure(dialled.socket, hostname, VERIFIED, contexts, limit);
  } finally {
    limit.release();
  }
}
