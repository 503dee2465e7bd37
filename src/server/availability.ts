/**
 * How much of the time a check was up, by its looks: degraded is up, and what could not be seen does
 * not count. The last day is counted to the minute, the others by whole days in UTC, today included.
 */
import type { Day, History, Tally } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const MOST_DAYS = 90;
/** What is asked about a check in trouble must not wait for a disk that is. */
const PATIENCE_MS = 1_000;

/** Shares of 1; null: not looked at. */
export interface Availability {
  readonly '24h': number | null;
  readonly '7d': number | null;
  readonly '30d': number | null;
  readonly '90d': number | null;
}

/** null: the history does not answer. */
export async function availabilityOf(
  check: string,
  history: Pick<History, 'tally' | 'days'>,
  clock: Clock,
): Promise<Availability | null> {
  const now = clock.now();
  const late = Promise.withResolvers<null>();
  const patience = clock.alarm(now + PATIENCE_MS, () => late.resolve(null));
  const asked = Promise.all([history.tally(check, now - DAY_MS), history.days(check, MOST_DAYS)]);
  const answer = await Promise.race([asked.catch(() => null), late.promise]);
  patience.cancel();
  if (answer === null) return null;
  const [lately, days] = answer;
  const over = (count: number): number | null => share(days.filter(isWithin(count, now)));
  return { '24h': share([lately]), '7d': over(7), '30d': over(30), '90d': over(MOST_DAYS) };
}

function isWithin(days: number, now: number): (day: Day) => boolean {
  const since = (Math.floor(now / DAY_MS) - days + 1) * DAY_MS;
  return ({ startsAt }) => startsAt >= since;
}

function share(tallies: readonly Tally[]): number | null {
  let [well, seen] = [0, 0];
  for (const { up, degraded, down } of tallies) {
    well += up + degraded;
    seen += up + degraded + down;
  }
  return seen === 0 ? null : well / seen;
}
