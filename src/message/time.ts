/**
 * Instants and durations as people read them at 3 a.m. Nothing here asks what time it is: "today"
 * is the day of the instant that the message speaks at, in the reader's own timezone.
 */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Making one costs about 100 µs; there are only as many as responders' timezones. */
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * `04:12`, or `23 Nov 04:12` if that is not the day of `spokenAt`; both epoch ms. `timezone` is an
 * IANA zone; null: UTC, and says so: `04:12Z`.
 */
export function timeOfDay(instant: number, spokenAt: number, timezone: string | null): string {
  const told = parts(instant, timezone ?? 'UTC');
  const today = parts(spokenAt, timezone ?? 'UTC').day === told.day;
  return `${today ? '' : `${told.day} `}${told.time}${timezone === null ? 'Z' : ''}`;
}

/** The two greatest units, rounded down: `45s`, `12m`, `1h30m`, `3d4h`. */
export function span(ms: number): string {
  const left = Math.max(0, ms);
  if (left < MINUTE_MS) return `${Math.floor(left / 1000)}s`;
  if (left < HOUR_MS) return `${Math.floor(left / MINUTE_MS)}m`;
  if (left < DAY_MS) return pair(left, HOUR_MS, 'h', MINUTE_MS, 'm');
  return pair(left, DAY_MS, 'd', HOUR_MS, 'h');
}

function pair(ms: number, great: number, greatUnit: string, small: number, unit: string): string {
  const rest = Math.floor((ms % great) / small);
  return `${Math.floor(ms / great)}${greatUnit}${rest === 0 ? '' : `${rest}${unit}`}`;
}

function parts(instant: number, timeZone: string): { day: string; time: string } {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  const read = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  return {
    day: `${read.get('day') ?? ''} ${read.get('month') ?? ''}`,
    time: `${read.get('hour') ?? ''}:${read.get('minute') ?? ''}`,
  };
}
