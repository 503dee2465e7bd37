/**
 * Errors of sockets, TLS and HTTP into the few words that Tocsin has for them. A code that is not
 * listed is `internal`: our own trouble must not be told as the target's.
 */
import type { NetworkFailure } from './transport.ts';

export type FailureWord = NetworkFailure['failure'];

export interface Fault {
  readonly failure: FailureWord;
  /** For people, without an address. */
  readonly what: string;
}

const INCOMPLETE = 'connection closed before the answer was complete';

/** Announced with a length, and not as long; or, says undici, broken in any other way. */
export const CUT: Fault = { failure: 'reset', what: INCOMPLETE };
export const MALFORMED: Fault = { failure: 'protocol', what: 'not a valid HTTP answer' };
export const TOO_MANY_HEADERS: Fault = {
  failure: 'too_large',
  what: 'more than 16 KiB of headers',
};

const BY_CODE: Readonly<Record<string, Fault>> = {
  ECONNREFUSED: { failure: 'refused', what: 'connection refused' },
  ECONNRESET: { failure: 'reset', what: 'connection reset' },
  ECONNABORTED: { failure: 'reset', what: 'connection aborted' },
  EPIPE: { failure: 'reset', what: 'connection closed' },
  UND_ERR_SOCKET: { failure: 'reset', what: INCOMPLETE },
  EHOSTUNREACH: { failure: 'unreachable', what: 'no route to host' },
  ENETUNREACH: { failure: 'unreachable', what: 'network unreachable' },
  EHOSTDOWN: { failure: 'unreachable', what: 'host down' },
  ENETDOWN: { failure: 'unreachable', what: 'network down' },
  EADDRNOTAVAIL: { failure: 'unreachable', what: 'no address to connect from' },
  EACCES: { failure: 'unreachable', what: 'connection prohibited' },
  EPERM: { failure: 'unreachable', what: 'connection prohibited' },
  ETIMEDOUT: { failure: 'timeout', what: 'connection timed out' },
  EPROTO: { failure: 'tls', what: 'TLS handshake failed' },
  UND_ERR_HEADERS_OVERFLOW: TOO_MANY_HEADERS,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: CUT,
  // undici asserts that a status is one, and that nobody upgrades unasked.
  ERR_ASSERTION: MALFORMED,
  EMSGSIZE: { failure: 'too_large', what: 'more around the body than an answer needs' },
};

/** Alerts (RFC 8446, 6.2) by which a server says that it does not like who asks. */
const ABOUT_US: Readonly<Record<string, string>> = {
  CERTIFICATE_REQUIRED: 'the server demands a client certificate',
  BAD_CERTIFICATE: 'the server refused the client certificate, or that there was none',
  UNSUPPORTED_CERTIFICATE: 'the server refused the client certificate',
  CERTIFICATE_REVOKED: 'the server refused the client certificate',
  CERTIFICATE_EXPIRED: 'the server refused the client certificate',
  CERTIFICATE_UNKNOWN: 'the server refused the client certificate',
  UNKNOWN_CA: 'the server does not know who issued the client certificate',
  ACCESS_DENIED: 'the server refused the client certificate',
};

const MAX_DETAIL_LENGTH = 200;

export function classify(error: unknown): Fault {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  // undici says so when an interim answer comes unasked or an upgrade was not wanted.
  if (code === 'UND_ERR_SOCKET' && message.startsWith('bad ')) {
    return MALFORMED;
  }
  if (error instanceof Error && error.name === 'HTTPParserError') {
    const why = /\(([^()]*)\)$/.exec(message)?.[1] ?? '';
    return why === 'Invalid EOF state'
      ? { failure: 'reset', what: INCOMPLETE }
      : { failure: 'protocol', what: `not a valid HTTP answer: ${why}` };
  }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    const why = code.replace(/^ERR_(SSL|TLS)_/, '');
    const what = ABOUT_US[why.replace(/^.*_ALERT_/, '')] ?? `TLS handshake failed (${why})`;
    return { failure: 'tls', what };
  }
  return (
    ofHttp2(code, message) ??
    BY_CODE[code] ?? { failure: 'internal', what: code === '' ? message : code }
  );
}

/** As node:http2 and undici tell what a server did to a stream, or to the connection of all streams. */
function ofHttp2(code: string, message: string): Fault | undefined {
  if (code === 'ERR_HTTP2_STREAM_ERROR') {
    const why = /NGHTTP2_(\w+)$/.exec(message)?.[1] ?? 'RST_STREAM';
    // So node:http2 itself ends a stream of which it can make nothing.
    if (why === 'PROTOCOL_ERROR') return { failure: 'protocol', what: 'not a valid HTTP/2 answer' };
    return { failure: 'reset', what: `stream reset by the server (${why})` };
  }
  if (code === 'ERR_HTTP2_SESSION_ERROR' || message.startsWith('HTTP/2: "GOAWAY"')) {
    const why = /code (\d+)/.exec(message)?.[1] ?? '?';
    return { failure: 'reset', what: `connection ended by the server (GOAWAY ${why})` };
  }
  if (code.startsWith('ERR_HTTP2_')) {
    return { failure: 'protocol', what: `not a valid HTTP/2 answer: ${message}` };
  }
  return message.startsWith('HTTP/2: ') ? { failure: 'reset', what: INCOMPLETE } : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

/** A connector's fault, so that what was found out while connecting survives the way through undici. */
export class NotConnected extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.what);
    this.fault = fault;
  }
}

export interface Circumstances extends Omit<NetworkFailure, 'failure' | 'detail'> {
  readonly host: string;
  /** null: it did not come to one. */
  readonly port: number | null;
  readonly elapsedMs: number;
  /** The proxy on the way: then `ip` is its own. */
  readonly proxy?: { readonly host: string; readonly port: number } | null;
}

export function failure({ failure, what }: Fault, given: Circumstances): NetworkFailure {
  const { host, port, elapsedMs, sent, phases, ip, tls, proxy } = given;
  const late = failure === 'timeout' || failure === 'connect_timeout';
  const where = proxy
    ? `${place(host, port)} through the proxy ${place(ip ?? proxy.host, proxy.port)}`
    : place(ip ?? host, port);
  const detail = `${what}${late ? ` in ${seconds(elapsedMs)}` : ''} (${where})`;
  return { failure, detail: detail.slice(0, MAX_DETAIL_LENGTH), sent, phases, ip, tls };
}

function place(name: string, port: number | null): string {
  if (port === null) return name;
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)}ms` : `${Math.round(ms / 100) / 10}s`;
}
