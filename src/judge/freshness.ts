/**
 * Does the last look still say anything about now? One that is older than two rounds and a timeout
 * does not: what is shown of such a check is "not known", never the last good news. A heartbeat
 * that is overdue is down, which is news enough.
 */
import type { Check } from '../config/config.ts';
import type { CheckState } from './check-state.ts';

/**
 * `nextAt`, epoch ms: when the look after the last was due; null: not known. Only a check on a cron
 * needs it, and counts as fresh without it: its rounds have no length of their own.
 */
export function isFresh(
  check: Check,
  state: CheckState,
  now: number,
  nextAt: number | null,
): boolean {
  if (check.heartbeat) return true;
  if (state.lookedAt === null) return false;
  if ('everyMs' in check.rhythm) {
    return now <= state.lookedAt + 2 * check.rhythm.everyMs + check.timeoutMs;
  }
  if (nextAt === null) return true;
  return now <= state.lookedAt + 2 * (nextAt - state.lookedAt) + check.timeoutMs;
}
