/**
 * The next instant of a crontab line in a named zone. Daylight saving is where it goes wrong: a
 * fixed time that the spring night skips comes at the first instant after the gap (02:30 at 03:00),
 * one that the autumn night repeats comes once, the first time. Day of month and day of week
 * together mean "either", as in crontab.
 */
import { Cron } from 'croner';
import { isTimezone } from './zone.ts';

const FIELDS = 5;
/** Any year will do: a line has no year, so that what fires at all after it fires for ever. */
const SOME_INSTANT = Date.UTC(2026, 0, 1);
/** A thousand checks share a few lines; past this many, parsing again is cheaper than keeping. */
const KEPT = 1_000;
const kept = new Map<string, Kept>();

/** What was asked last, and the answer, which is the same until it comes: ten thousand checks ask at once. */
interface Kept {
  readonly cron: Cron;
  after: number;
  next: number | null;
}

/** The line, known to parse in its zone and to fire; or why not, in words for its author. */
export function parseCron(
  expression: string,
  timezone: string,
): { readonly cron: string } | { readonly why: string } {
  const line = expression.trim();
  if (!isTimezone(timezone)) return { why: `unknown time zone ${JSON.stringify(timezone)}` };
  const fields = line === '' ? 0 : line.split(/\s+/).length;
  if (fields !== FIELDS) {
    const six = fields === FIELDS + 1 ? ' (there is none for seconds)' : '';
    return {
      why:
        `expected five fields as in crontab, minute hour day month weekday${six}, ` +
        `got ${fields}`,
    };
  }
  // Croner reads "?" as the time at which it parses; the next instant must not depend on it.
  if (line.includes('?')) return { why: '"?" is not part of crontab: write "*"' };
  try {
    return schedule(line, timezone).cron.nextRun(new Date(SOME_INSTANT)) === null
      ? { why: `"${line}" never fires: there is no such date` }
      : { cron: line };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { why: `"${line}" is not a crontab line: ${why.replace(/^Cron\w+: |\.$/g, '')}` };
  }
}

/** Epoch ms of the first time strictly after `after`; null where there is none. */
export function nextAt(cron: string, timezone: string, after: number): number | null {
  const line = schedule(cron, timezone);
  const isSame = line.next !== null && line.after <= after && after < line.next;
  if (!isSame) {
    line.after = after;
    line.next = line.cron.nextRun(new Date(after))?.getTime() ?? null;
  }
  return line.next;
}

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
const YEAR_DAYS = 366;

/**
 * The longest time, in ms, between two firings that follow each other, clock changes aside. The
 * first day is walked firing by firing, the others from the last firing of one to the first of the
 * next: every minute of a year would take a minute.
 */
export function longestGapMs(cron: string): number {
  const first = nextAt(cron, 'UTC', SOME_INSTANT) ?? SOME_INSTANT;
  let [longest, last] = [0, first];
  const step = (from: number): number => {
    const next = nextAt(cron, 'UTC', from) ?? from;
    longest = Math.max(longest, next - from);
    return next;
  };
  for (let at = first; at - first < DAY_MS; at = step(at)) last = at;
  const [, , dayOfMonth, month] = cron.split(/\s+/);
  const days = dayOfMonth === '*' && month === '*' ? WEEK_DAYS : YEAR_DAYS;
  for (let day = 0, at = last; day < days; day += 1) at = step(at) + (last - first);
  return longest;
}

function schedule(line: string, timezone: string): Kept {
  const key = `${timezone} ${line}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  // Without a function to call, croner only computes: it sets no timer.
  const cron = new Cron(line, { mode: '5-part', timezone, fixedTimeRule: 'no-wildcard' });
  const fresh = { cron, after: 0, next: null };
  if (kept.size >= KEPT) kept.clear();
  kept.set(key, fresh);
  return fresh;
}
