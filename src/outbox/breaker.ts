/**
 * Mercy for a vendor that has just refused our credentials, said "too many" or said nothing: for a
 * while, all else by that channel gets its answer unasked. So it is not hammered, and what waits
 * behind learns at once that it has to go another way, instead of waiting for its own deadline.
 */
import type { Outcome } from '../incident/notification.ts';

const OPEN_MS = 1_000;
/** An attempt that hangs costs ten seconds of a lane: fewer of them than of those that are answered. */
const HUNG_MS = 5_000;

export interface Breaker {
  /** The answer to give without asking; null: ask. `now` is monotonic: no clock that is set holds it open. */
  answer(now: number): Outcome | null;
  /** What the channel has really said. */
  heard(outcome: Outcome, now: number): void;
}

export function createBreaker(): Breaker {
  let last: { readonly outcome: Outcome; readonly until: number } | null = null;
  return {
    answer: (now) => (last && now < last.until ? last.outcome : null),
    heard(outcome, now) {
      if (hasHung(outcome)) last = { outcome: SILENT, until: now + HUNG_MS };
      else last = concernsAll(outcome) ? { outcome, until: now + OPEN_MS } : null;
    },
  };
}

function concernsAll(outcome: Outcome): boolean {
  return (
    (outcome.outcome === 'refused' && outcome.reason === 'auth') ||
    (outcome.outcome === 'deferred' && outcome.reason === 'rate_limited')
  );
}

function hasHung(outcome: Outcome): boolean {
  return outcome.outcome === 'unconfirmed' && outcome.reason === 'timeout';
}

/** Nothing was asked, so nothing can have been taken. */
const SILENT: Outcome = {
  outcome: 'deferred',
  reason: 'timeout',
  detail: 'no answer to another message a moment ago',
};
