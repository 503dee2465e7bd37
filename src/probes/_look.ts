/**
 * What every probe's assessment has in common: findings in the same words, foreign text made
 * harmless, and the gauges that all connections have.
 */
import { printDuration } from '../system/values.ts';
import type { NetworkFailure } from '../system/transport.ts';
import type { Undecided } from './_inspect.ts';
import type { Finding, Gauge, Reason } from './probe.ts';

const MAX_SHOWN_LENGTH = 200;
const MAX_BRIEF_LENGTH = 60;
/** Nearly all that is ever shown. */
const PLAIN = /^[ -~]*$/;

/** Why there was no answer, with the certificate's end where that was the reason. */
export interface LookFailure {
  readonly reason: Reason;
  readonly detail: string;
  readonly certificateEndsAt: number | null;
}

/** Throws when the failure is our own, such as no file descriptors left: that says nothing of the target. */
export function failureOf(failed: NetworkFailure): LookFailure {
  const { failure, detail, tls } = failed;
  if (failure === 'internal') throw new Error(detail);
  const certificateEndsAt = tls === null ? null : Math.min(tls.leafNotAfter, tls.chainNotAfter);
  return { reason: failure, detail, certificateEndsAt };
}

/** The single finding of a look that came to nothing. */
export function failed({ reason, detail, certificateEndsAt }: LookFailure, at: number): Finding {
  // The detail ends in the address, which a phone has no room for.
  const brief = detail.replace(/ \([^()]*\)$/, '');
  const expired = reason === 'certificate' && certificateEndsAt !== null && certificateEndsAt < at;
  return finding({
    expectation: 'connect',
    met: false,
    expected: 'an answer',
    seen: detail,
    reason,
    brief: expired ? `certificate expired ${rough(at - certificateEndsAt)} ago` : brief,
  });
}

export function connected(seen: string, reason: Reason): Finding {
  return finding({
    ...{ expectation: 'connect', met: true, expected: 'an answer', seen, reason, brief: '' },
  });
}

/** `level` is `expect` unless it is said. Cuts what is too long and escapes what is not printable. */
export function finding(
  parts: Omit<Finding, 'level'> & { readonly level?: Finding['level'] },
): Finding {
  return {
    ...parts,
    level: parts.level ?? 'expect',
    expected: shown(parts.expected),
    seen: shown(parts.seen),
    brief: parts.met ? '' : shown(parts.brief, MAX_BRIEF_LENGTH),
  };
}

/** Whether it is as expected nobody knows: that is no fault of the target's, and not well either. */
export function undecided(
  about: { readonly expectation: string; readonly expected: string; readonly reason: Reason },
  what: string,
  { undecided: limit, isOurs }: Undecided,
): Finding {
  const brief = `${what} not decided in ${limit}`;
  const why = isOurs
    ? 'too many other answers take long to look through'
    : 'what is expected takes too long to look for in this answer';
  const seen = `not decided in ${limit}: ${why}`;
  return finding({
    ...{ ...about, met: false, seen, reason: 'internal', brief },
    ...(isOurs && { isJudged: false }),
  });
}

/** Both the limit that means down and the one that warns. */
export function timeFinding(level: Finding['level'], elapsedMs: number, limitMs: number): Finding {
  const took = printTook(elapsedMs);
  return finding({
    expectation: 'time',
    level,
    met: elapsedMs <= limitMs,
    expected: `at most ${printDuration(limitMs)}`,
    seen: took,
    reason: 'slow',
    brief: `took ${took}`,
  });
}

/** On one line, without control or direction characters, at most `max` characters long. */
export function shown(text: string, max = MAX_SHOWN_LENGTH): string {
  if (text.length <= max && PLAIN.test(text)) return text;
  const plain = text.slice(0, max + 1).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
  return plain.length > max ? `${plain.slice(0, max - 3).toWellFormed()}...` : plain.toWellFormed();
}

function escaped(control: string): string {
  const short: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t' };
  return short[control] ?? `\\u{${(control.codePointAt(0) ?? 0).toString(16)}}`;
}

/** `db.internal:5432`, `[::1]:5432` */
export function printTarget({ host, port }: { readonly host: string; readonly port: number }) {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `34ms`, `3.2s`. */
export function printTook(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)}ms` : `${Math.round(ms / 100) / 10}s`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** The largest unit will do: `3d`, `5h`. */
export function rough(ms: number): string {
  for (const [unit, unitMs] of UNITS) {
    if (ms >= unitMs) return `${Math.floor(ms / unitMs)}${unit}`;
  }
  return `${Math.floor(ms / 1_000)}s`;
}

export interface ConnectionFacts {
  readonly ip: string | null;
  readonly resolveMs: number;
}

export const connectionGauges: readonly Gauge<ConnectionFacts>[] = [
  {
    name: 'probe_dns_lookup_time_seconds',
    help: 'Time taken to resolve the name',
    read: ({ resolveMs }) => resolveMs / 1_000,
  },
  {
    name: 'probe_ip_protocol',
    help: 'IP version of the connection, 4 or 6',
    read: ({ ip }) => (ip === null ? undefined : ip.includes(':') ? 6 : 4),
  },
  {
    name: 'probe_ip_addr_hash',
    help: 'A hash of the address of the connection: it tells that the address has changed',
    read: ({ ip }) => (ip === null ? undefined : hashOf(ip)),
  },
];

const FNV_BASIS = 0x81_1c_9d_c5;
const FNV_PRIME = 0x01_00_01_93;

/** FNV-1a of 32 bits over the bytes of an address, the text of it for IPv6. http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(ip: string): number {
  const bytes = ip.includes(':') ? Buffer.from(ip) : ip.split('.').map(Number);
  let hash = FNV_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}
