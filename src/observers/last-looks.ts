/**
 * The last looks, whole, for whoever asks why. So many are kept over all checks and no more: with
 * thousands of checks a success is soon gone, and a failure stays longer, because there are fewer.
 */
import type { TocsinEvent } from '../events.ts';

export type Looked = Extract<TocsinEvent, { type: 'looked' }>;

const SUCCESSES_KEPT = 1_000;
const FAILURES_KEPT = 2_000;

export interface LastLooks {
  keep(look: Looked): void;
  of(check: string): { readonly success: Looked | null; readonly failure: Looked | null };
}

export function createLastLooks(): LastLooks {
  const successes = new Map<string, Looked>();
  const failures = new Map<string, Looked>();
  return {
    keep(look) {
      const isSuccess = look.verdict.status === 'up';
      const kept = isSuccess ? successes : failures;
      // Put last: what leaves first is what was looked at longest ago.
      kept.delete(look.verdict.check);
      kept.set(look.verdict.check, look);
      if (kept.size <= (isSuccess ? SUCCESSES_KEPT : FAILURES_KEPT)) return;
      for (const oldest of kept.keys().take(1)) kept.delete(oldest);
    },
    of: (check) => ({
      success: successes.get(check) ?? null,
      failure: failures.get(check) ?? null,
    }),
  };
}
