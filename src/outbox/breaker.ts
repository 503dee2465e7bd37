/**
 * Mercy for a vendor that has just refused our credentials or said "too many": for a second, all
 * else by that channel gets the same answer unasked. So it is tried once a second at most, and
 * what waits behind learns at once that it has to go another way.
 */
import type { Outcome } from '../incident/notification.ts';

const OPEN_MS = 1_000;

export interface Breaker {
  /** The answer to give without asking; null: ask. */
  answer(now: number): Outcome | null;
  /** What the channel has really said. */
  heard(outcome: Outcome, now: number): void;
}

export function createBreaker(): Breaker {
  let last: { readonly outcome: Outcome; readonly until: number } | null = null;
  return {
    answer: (now) => (last && now < last.until ? last.outcome : null),
    heard(outcome, now) {
      last = concernsAll(outcome) ? { outcome, until: now + OPEN_MS } : null;
    },
  };
}

function concernsAll(outcome: Outcome): boolean {
  return (
    (outcome.outcome === 'refused' && outcome.reason === 'auth') ||
    (outcome.outcome === 'deferred' && outcome.reason === 'rate_limited')
  );
}
