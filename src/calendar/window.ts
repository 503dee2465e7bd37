/**
 * When planned work happens: a crontab line and a length, or two instants, in a named zone. Lengths
 * are elapsed time, so that an hour is an hour also in the night that has one more. A wall time that
 * the autumn repeats is the first one where a window begins and the second where it ends; one that
 * the spring skips is the instant of the change: rather too long a window than a page during it.
 */
import { nextAt } from './cron.ts';

export type When =
  | { readonly cron: string; readonly timezone: string; readonly forMs: number }
  /** Once; epoch ms. */
  | { readonly from: number; readonly to: number };

/** Epoch ms; the end is not part of it. */
export interface Occurrence {
  readonly startsAt: number;
  readonly endsAt: number;
}

/** The first occurrence that is not over at `now`; null: there is none any more. */
export function occurrenceAt(when: When, now: number): Occurrence | null {
  if ('from' in when) {
    return when.to > now ? { startsAt: when.from, endsAt: when.to } : null;
  }
  const { cron, timezone, forMs } = when;
  const startsAt = nextAt(cron, timezone, now - forMs);
  return startsAt === null ? null : { startsAt, endsAt: startsAt + forMs };
}

const LOCAL = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?$/;
const OFFSET = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/;

/** `2026-10-25T01:30` in the zone, or with an offset of its own; epoch ms, or null: no such instant. */
export function instantOf(written: string, timezone: string, edge: 'start' | 'end'): number | null {
  const text = written.trim().replace(' ', 'T');
  try {
    if (OFFSET.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
    return LOCAL.test(text) ? local(Temporal.PlainDateTime.from(text), timezone, edge) : null;
  } catch {
    // The 30th of February: no exception, but an answer.
    return null;
  }
}

function local(wall: Temporal.PlainDateTime, timezone: string, edge: 'start' | 'end'): number {
  const earlier = wall.toZonedDateTime(timezone, { disambiguation: 'earlier' });
  const later = wall.toZonedDateTime(timezone, { disambiguation: 'later' });
  const isSkipped = !earlier.toPlainDateTime().equals(wall);
  if (isSkipped) return (earlier.getTimeZoneTransition('next') ?? later).epochMilliseconds;
  return (edge === 'start' ? earlier : later).epochMilliseconds;
}
