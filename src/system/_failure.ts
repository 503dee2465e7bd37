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
  UND_ERR_HEADERS_OVERFLOW: { failure: 'too_large', what: 'more than 16 KiB of headers' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: CUT,
  // undici asserts that a status is one, and that nobody upgrades unasked.
  ERR_ASSERTION: MALFORMED,
  EMSGSIZE: { failure: 'too_large', what: 'more around the body than an answer needs' },
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
    return {
      failure: 'tls',
      what: `TLS handshake failed (${code.replace(/^ERR_(SSL|TLS)_/, '')})`,
    };
  }
  return BY_CODE[code] ?? { failure: 'internal', what: code === '' ? message : code };
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
}

export function failure({ failure, what }: Fault, given: Circumstances): NetworkFailure {
  const { host, port, elapsedMs, sent, phases, ip, tls } = given;
  const late = failure === 'timeout' || failure === 'connect_timeout';
  const name = ip ?? host;
  const where = port === null ? name : `${name.includes(':') ? `[${name}]` : name}:${port}`;
  const detail = `${what}${late ? ` in ${seconds(elapsedMs)}` : ''} (${where})`;
  return { failure, detail: detail.slice(0, MAX_DETAIL_LENGTH), sent, phases, ip, tls };
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)}ms` : `${Math.round(ms / 100) / 10}s`;
}
