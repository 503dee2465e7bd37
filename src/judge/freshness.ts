/**
 * Does the last look still say anything about now? One that is older than two rounds and a timeout
 * does not: what is shown of such a check is "not known", never the last good news. What was
 * confirmed as down stays so: its incident is open. A heartbeat that is overdue is down as well.
 */
import { nextAt } from '../calendar/cron.ts';
import type { Check } from '../config/config.ts';
import type { CheckState } from './check-state.ts';
import type { Status } from './verdict.ts';

/** Asking a cron twice costs more than all else about a check, and the answer stays the same. */
const crons = new WeakMap<Check, { readonly lookedAt: number; readonly staleAt: number }>();

/** When a look at `lookedAt` ceases to say anything: epoch ms, Infinity for a check that a job reports to. */
export function staleAt(check: Check, lookedAt: number): number {
  const { rhythm, timeoutMs, heartbeat } = check;
  if (heartbeat) return Infinity;
  if ('everyMs' in rhythm) return lookedAt + 2 * rhythm.everyMs + timeoutMs;
  const known = crons.get(check);
  if (known?.lookedAt === lookedAt) return known.staleAt;
  const next = (after: number) => nextAt(rhythm.cron, rhythm.timezone, after) ?? Infinity;
  const due = next(lookedAt);
  const second = due === Infinity ? Infinity : next(due);
  crons.set(check, { lookedAt, staleAt: second + timeoutMs });
  return second + timeoutMs;
}

/** `now`: epoch ms. */
export function isFresh(check: Check, { lookedAt }: CheckState, now: number): boolean {
  if (check.heartbeat) return true;
  return lookedAt !== null && now <= staleAt(check, lookedAt);
}

/** What is known of a check now. */
export function statusNow(check: Check, state: CheckState | undefined, now: number): Status {
  if (state === undefined) return 'unknown';
  return state.status === 'down' || isFresh(check, state, now) ? state.status : 'unknown';
}
