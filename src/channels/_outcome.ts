/**
 * From what the wire said to an Outcome: one rule for all HTTP channels. Nothing that a server
 * wrote gets into a detail unless it has the shape of a code: bodies repeat phone numbers, tokens
 * and whatever was sent.
 */
import type { FailReason, Outcome } from '../incident/notification.ts';
import type { Instant } from '../system/clock.ts';
import type { Answer, NetworkFailure } from '../system/transport.ts';

/** Every outcome but the good ones. */
export type Trouble = Exclude<Outcome, { readonly reference: string | null }>;

/** A vendor that wants to be left alone for longer is asked again all the same: pages wait on it. */
const RETRY_AFTER_MAX_MS = 3_600_000;
const SECOND_MS = 1_000;
const DETAIL_MAX = 200;

/** Not sent is safe to try again; sent and unanswered may have been taken. */
export function outcomeOfFailure({ failure, detail, sent }: NetworkFailure): Trouble {
  const timedOut = failure === 'timeout' || failure === 'connect_timeout';
  return {
    outcome: sent ? 'unconfirmed' : 'deferred',
    reason: timedOut ? 'timeout' : 'network',
    detail: detail.slice(0, DETAIL_MAX),
  };
}

/**
 * What any status but the expected one means. `code` is the vendor's own word for it, already known
 * to be harmless. 408, 425, 429 and 5xx (RFC 9110 §15, RFC 6585, RFC 8470) may be tried again, all
 * else may not. A 2xx here is somebody else's: a proxy or a portal that speaks for the vendor.
 */
export function outcomeOfStatus(answer: Answer, now: Instant, code = ''): Trouble {
  const { status } = answer;
  const detail = code === '' ? `HTTP ${String(status)}` : `HTTP ${String(status)} (${code})`;
  if (status >= 200 && status < 300) {
    return { outcome: 'unconfirmed', reason: 'server', detail: `${detail}, not as promised` };
  }
  if (status === 401 || status === 403) return { outcome: 'refused', reason: 'auth', detail };
  const reason = passing(status);
  if (reason === null) return { outcome: 'refused', reason: 'refused', detail };
  return { outcome: 'deferred', reason, detail, ...retryAfter(answer.headers, now) };
}

function passing(status: number): FailReason | null {
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate_limited';
  if (status === 425 || status >= 500) return 'server';
  return null;
}

/** RFC 9110 §10.2.3: seconds, or a date. */
export function retryAfter(
  headers: Answer['headers'],
  now: Instant,
): { readonly retryAfterMs?: number } {
  const wish = headers['retry-after']?.trim() ?? '';
  const ms = /^\d+$/.test(wish) ? Number(wish) * SECOND_MS : Date.parse(wish) - now;
  if (Number.isNaN(ms)) return {};
  return { retryAfterMs: Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS) };
}

/** A JSON object, or null: what a vendor promises, and a portal does not keep. */
export function jsonObject(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
    return parsed as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}
