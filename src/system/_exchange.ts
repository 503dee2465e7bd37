/**
 * A probe's look over HTTP: one request over a connection of its own. The connection is made before
 * undici is asked, so that each phase is seen by itself; whatever happens, the socket is destroyed.
 */
import type { Socket } from 'node:net';
import { answerPhases, destinationOf, faultOf, requestOf, textOf } from './_ask.ts';
import type { Asked, NotAsked } from './_ask.ts';
import { dial } from './_dial.ts';
import { MAX_HEADER_BYTES } from './_engine.ts';
import type { Engines } from './_engine.ts';
import { CUT, failure, MALFORMED, TOO_MANY_HEADERS } from './_failure.ts';
import type { Fault } from './_failure.ts';
import { inflate } from './_inflate.ts';
import { intake } from './_intake.ts';
import type { Intake } from './_intake.ts';
import { Limit } from './_limit.ts';
import { absolutely, dialThrough, proxyFault, proxyPlace } from './_proxy.ts';
import { secure } from './_tls.ts';
import type { SecureContexts } from './_tls.ts';
import type { Clock } from './clock.ts';
import type { Resolver } from './resolver.ts';
import type { Exchange, Exchanged, NetworkFailure, Phases, TlsFacts } from './transport.ts';

export const NO_PHASES: Phases = { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 };

/** We ask for no other, so that a body in another is nobody's. */
const TRANSFERS = new Set(['chunked', 'identity']);
const WITH_HTTP2: readonly string[] = ['h2', 'http/1.1'];

export interface Parts {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly contexts: SecureContexts;
}

/** What is known of an exchange while it is under way. */
export interface Course {
  readonly limit: Limit;
  readonly phases: { -readonly [phase in keyof Phases]: number };
  ip: string | null;
  tls: TlsFacts | null;
}

/** A connection over which the target, or a proxy for it, can be asked. */
export interface Line {
  readonly socket: Socket;
  readonly ip: string;
  readonly tls: TlsFacts | null;
}

export async function exchange(
  request: Exchange,
  parts: Parts,
  engines: Engines,
): Promise<Exchanged | NetworkFailure> {
  const { clock } = parts;
  const { timeoutMs, signal, maxBodyBytes } = request;
  const course = begin(new Limit(clock, timeoutMs, signal));
  let line: Line | undefined;
  try {
    const opened = await open(request, parts, course);
    if ('failure' in opened) return failedBy(opened, false, request, course);
    line = opened;
    const taken = intake(line.socket, MAX_HEADER_BYTES, maxBodyBytes);
    const written = writtenFor(request);
    const asked = await engines.ask(line.socket, written, maxBodyBytes, clock, course.limit);
    return await outcomeOf(asked, taken, request, course, clock);
  } finally {
    line?.socket.destroy();
    course.limit.release();
  }
}

export function begin(limit: Limit): Course {
  return { limit, phases: { ...NO_PHASES }, ip: null, tls: null };
}

/** Never rejects; where it fails, no socket is left open. */
export async function open(
  { url, tls, family, refusal, proxy, http2 = false }: Exchange,
  { resolver, clock, contexts }: Parts,
  course: Course,
): Promise<Line | Fault> {
  const { limit, phases } = course;
  const to = destinationOf(url);
  const isTls = url.protocol === 'https:';
  const parts = { resolver, clock };
  const dialled =
    proxy === undefined
      ? await dial({ ...to, family, refusal }, parts, limit)
      : await dialThrough(
          { proxy, family, ca: tls.ca, to: isTls ? to : null },
          parts,
          contexts,
          limit,
        );
  const { ip } = dialled;
  course.ip = ip;
  phases.resolve = dialled.resolveMs;
  phases.connect = dialled.connectMs;
  if ('failure' in dialled) return dialled;
  if (!isTls) return { socket: dialled.socket, ip: dialled.ip, tls: null };
  const startedAt = clock.monotonic();
  const handshake = http2 ? { ...tls, alpn: WITH_HTTP2 } : tls;
  const secured = await secure(dialled.socket, to.host, handshake, contexts, limit);
  phases.tls = clock.monotonic() - startedAt;
  course.tls = secured.facts;
  if ('failure' in secured) return secured;
  const { socket } = secured;
  if (http2 && socket.alpnProtocol !== 'h2') {
    socket.destroy();
    return { failure: 'protocol', what: 'HTTP/2 was asked, the server speaks HTTP/1.1' };
  }
  return { socket, ip: dialled.ip, tls: secured.facts };
}

export function writtenFor({ url, method, headers, body, proxy }: Exchange) {
  const written = requestOf(url, method, headers, body);
  return proxy === undefined || url.protocol === 'https:'
    ? written
    : absolutely(written, url, proxy);
}

export function failedBy(
  fault: Fault,
  sent: boolean,
  { url, proxy, spentMs = 0 }: Exchange,
  { limit, phases, ip, tls }: Course,
): NetworkFailure {
  const elapsedMs = spentMs + limit.elapsedMs;
  const through = proxy === undefined ? null : proxyPlace(proxy);
  const given = { ...destinationOf(url), proxy: through, sent, phases, ip, tls, elapsedMs };
  return failure(fault, given);
}

/** Of an answer, or of none; `taken` is null where the protocol bounds what comes by itself. */
export async function outcomeOf(
  asked: Asked | NotAsked,
  taken: Intake | null,
  request: Exchange,
  course: Course,
  clock: Clock,
): Promise<Exchanged | NetworkFailure> {
  const { phases, ip, tls } = course;
  Object.assign(phases, answerPhases(asked, clock.monotonic()));
  const failed = (fault: Fault, sent = true) => failedBy(fault, sent, request, course);
  if ('error' in asked) {
    const fault = faultOf(asked);
    const isBroken = fault === CUT && taken !== null && !taken.isOver();
    return failed(isBroken ? MALFORMED : fault, asked.sent);
  }
  const { status, headers, bytes, truncated } = asked;
  const transfer = headers['transfer-encoding'] ?? 'identity';
  if (!TRANSFERS.has(transfer.toLowerCase())) return failed(MALFORMED);
  if (taken === null && sizeOf(headers) > MAX_HEADER_BYTES) return failed(TOO_MANY_HEADERS);
  const isProxied = request.proxy !== undefined && request.url.protocol === 'http:';
  const proxys = isProxied ? proxyFault(status, headers) : null;
  if (proxys !== null) return failed(proxys);
  const encoding = headers['content-encoding'] ?? '';
  const isPlain = encoding === '' || bytes.length === 0 || encoding.toLowerCase() === 'identity';
  const plain = isPlain
    ? { bytes, isCut: truncated }
    : await inflate(bytes, encoding, request.maxBodyBytes, !truncated);
  return {
    status,
    headers,
    body: textOf(plain?.bytes ?? bytes),
    bodyBytes: bytes.length,
    encoding: plain === null ? encoding : null,
    truncated: plain?.isCut ?? truncated,
    httpVersion: taken?.version() ?? '2',
    ip: ip ?? '',
    phases,
    tls,
  };
}

function sizeOf(headers: Readonly<Record<string, string>>): number {
  let size = 0;
  for (const [name, value] of Object.entries(headers)) size += name.length + value.length + 4;
  return size;
}
