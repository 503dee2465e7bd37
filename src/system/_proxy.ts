/**
 * The way through an HTTP proxy: a tunnel (CONNECT, RFC 9110, 9.3.6) to a target with TLS, and the
 * whole URL in the request line to one without, as proxies allow it. What the proxy itself refuses
 * is told as the proxy's; its credentials go to it, and to nobody behind it.
 */
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { destinationOf } from './_ask.ts';
import { dial } from './_dial.ts';
import type { Dialled, NotDialled } from './_dial.ts';
import { MAX_HEADER_BYTES } from './_engine.ts';
import { classify, MALFORMED, TOO_MANY_HEADERS } from './_failure.ts';
import type { Fault } from './_failure.ts';
import type { Limit } from './_limit.ts';
import { secure } from './_tls.ts';
import type { SecureContexts } from './_tls.ts';
import type { Clock } from './clock.ts';
import type { Family, Resolver } from './resolver.ts';

interface Place {
  readonly host: string;
  readonly port: number;
}

interface Way {
  readonly proxy: URL;
  readonly family: Family | undefined;
  /** For a proxy with TLS, which is verified in any case. */
  readonly ca: string | null;
  /** Where the tunnel leads; null: none is needed. */
  readonly to: Place | null;
}

/** It could not do what was asked of it, in the words of RFC 9110: bad gateway, unavailable, time-out. */
const NOT_REACHED = new Set([502, 503, 504]);

export function proxyPlace(proxy: URL): Place {
  return destinationOf(proxy);
}

/** `connectMs` is until the tunnel stands. Never rejects; where it fails, no socket is left open. */
export async function dialThrough(
  { proxy, family, ca, to }: Way,
  parts: { readonly resolver: Resolver; readonly clock: Clock },
  contexts: SecureContexts,
  limit: Limit,
): Promise<Dialled | NotDialled> {
  const { clock } = parts;
  const startedAt = clock.monotonic();
  const place = proxyPlace(proxy);
  const dialled = await dial({ ...place, family }, parts, limit);
  const { ip, resolveMs } = dialled;
  const failed = ({ failure, what }: Fault): NotDialled => {
    const connectMs = clock.monotonic() - startedAt - resolveMs;
    return { failure, what: `proxy: ${what}`, ip, resolveMs, connectMs };
  };
  if ('failure' in dialled) return failed(dialled);
  let { socket } = dialled;
  if (proxy.protocol === 'https:') {
    const verified = { verify: true, ca, serverName: null };
    const secured = await secure(socket, place.host, verified, contexts, limit);
    if ('failure' in secured) return failed(secured);
    ({ socket } = secured);
  }
  const fault = to === null ? null : await tunnel(socket, to, authorizationOf(proxy), limit);
  if (fault !== null) return failed(fault);
  return { ...dialled, socket, connectMs: clock.monotonic() - startedAt - resolveMs };
}

/** The request as a proxy takes it that is to fetch the URL by itself. */
export function absolutely(
  request: Dispatcher.DispatchOptions,
  url: URL,
  proxy: URL,
): Dispatcher.DispatchOptions {
  const authorization = authorizationOf(proxy);
  return {
    ...request,
    path: `${url.origin}${request.path}`,
    headers: {
      ...(request.headers as Readonly<Record<string, string>>),
      ...(authorization !== null && { 'proxy-authorization': authorization }),
    },
  };
}

/** Of an answer that came by such a request: was it the proxy that would not, or could not? */
export function proxyFault(status: number, headers: Readonly<Record<string, string>>) {
  // RFC 9209; the other one is Squid's. Without either it is the target's word.
  const isMarked = 'proxy-status' in headers || 'x-squid-error' in headers;
  const isProxys = status === 407 || (isMarked && status >= 400);
  if (!isProxys) return null;
  const { failure, what } = refusalOf(status);
  return { failure, what: `proxy: ${what}` };
}

function refusalOf(status: number): Fault {
  if (NOT_REACHED.has(status)) {
    return { failure: 'unreachable', what: `HTTP ${status}, did not reach the target` };
  }
  const why = status === 407 ? 'wants credentials, or other ones' : 'refused';
  return { failure: 'refused', what: `HTTP ${status}, ${why}` };
}

function authorizationOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** null: what follows on the socket is the target's. Destroys the socket when it fails. */
async function tunnel(
  socket: Socket,
  { host, port }: Place,
  authorization: string | null,
  limit: Limit,
): Promise<Fault | null> {
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (authorization !== null) lines.push(`Proxy-Authorization: ${authorization}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const head = await headOf(socket, limit);
  const fault = typeof head === 'string' ? refusalIn(head) : head;
  if (fault !== null) socket.destroy();
  return fault;
}

function refusalIn(head: string): Fault | null {
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r?\n)/.exec(head)?.[1] ?? NaN);
  if (Number.isNaN(status)) return MALFORMED;
  if (status < 200 || status >= 300) return refusalOf(status);
  return head.endsWith('\r\n\r\n') ? null : { failure: 'protocol', what: 'spoke for the target' };
}

/** All that is said before there is a tunnel; what follows at once is nobody's: we are to speak first. */
function headOf(socket: Socket, limit: Limit): Promise<string | Fault> {
  return new Promise((resolve) => {
    let received = '';
    const end = (outcome: string | Fault): void => {
      socket.pause();
      socket.off('data', hear).off('error', fail).off('close', close).off('end', close);
      limit.unwatch();
      resolve(outcome);
    };
    const stop = (): void => {
      end({ failure: 'timeout', what: 'no tunnel' });
    };
    const fail = (error: Error): void => {
      end(classify(error));
    };
    const close = (): void => {
      end({ failure: 'reset', what: 'connection closed before there was a tunnel' });
    };
    const hear = (chunk: Buffer): void => {
      received += chunk.toString('latin1');
      if (received.includes('\r\n\r\n')) end(received);
      else if (received.length > MAX_HEADER_BYTES) {
        end(TOO_MANY_HEADERS);
      }
    };
    if (limit.isOver || socket.destroyed) {
      if (limit.isOver) stop();
      else close();
      return;
    }
    limit.watch(stop);
    socket.on('data', hear).on('error', fail).on('close', close).on('end', close).resume();
  });
}
