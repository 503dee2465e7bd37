/**
 * Times for whoever sits at the terminal: in its zone (TZ), to the second, with the offset, for what
 * is compared with a log elsewhere, and how long ago it is. JSON has them in UTC, as the API does.
 */
import { systemClock } from '../system/clock.ts';

/** `18:24:07+00:00 (3 min ago)`; of another day `2026-01-05 18:24:07+00:00 (2 d ago)`. `time`: RFC 3339. */
export function when(time: string, now = systemClock().now(), zone = zoneHere()): string {
  const at = Date.parse(time);
  const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(now)).toZonedDateTimeISO(zone);
  const isToday = there.toPlainDate().equals(today.toPlainDate());
  const day = isToday ? '' : `${there.toPlainDate().toString()} `;
  const clock = there.toPlainTime().toString({ smallestUnit: 'second' });
  return `${day}${clock}${there.offset} (${age(at - now)})`;
}

/** Empty where there is none. */
export function whenIfAny(time: string | null | undefined): string {
  return time === null || time === undefined ? '' : when(time);
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

function age(ms: number): string {
  const [name, unit] = UNITS.find(([, length]) => Math.abs(ms) >= length) ?? ['s', 1_000];
  const words = `${String(Math.floor(Math.abs(ms) / unit))} ${name}`;
  return ms > 0 ? `in ${words}` : `${words} ago`;
}

function zoneHere(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
