/**
 * Working hours: spells that begin and end at fixed times of day, on some days of the week, in a
 * named zone. A spell belongs to the day on which it begins: "fri 22:00 to 06:00" ends on Saturday.
 */
import { nextAt } from './cron.ts';

/** Both as crontab lines: when a spell begins, when it ends. */
export interface Hours {
  readonly opens: string;
  readonly closes: string;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const WEEK = DAYS.length;

/**
 * `days` as `mon-fri` or `mon,wed,sat-sun`; `from` and `to` as `09:00`, `to` also as `24:00`. Not
 * later than `from`, `to` is on the next day. Equal, it is the whole day.
 */
export function hoursOf(days: string, from: string, to: string): Hours {
  const opening = daysIn(days);
  const isNextDay = to <= from || to === MIDNIGHT;
  const closing = isNextDay ? opening.map((day) => (day + 1) % WEEK) : opening;
  return { opens: line(from, opening), closes: line(to === MIDNIGHT ? '00:00' : to, closing) };
}
const MIDNIGHT = '24:00';

/** The instant itself if it is within the hours; else when they begin next. Epoch ms. */
export function opensAt({ opens, closes }: Hours, timezone: string, at: number): number {
  // Always after `at`: whatever closes before it opens again is open now.
  const nextOpening = nextAt(opens, timezone, at) ?? Infinity;
  const nextClosing = nextAt(closes, timezone, at) ?? Infinity;
  return nextClosing <= nextOpening ? at : nextOpening;
}

/** When the hours that hold `at` end; meaningless outside of them. Epoch ms. */
export function closesAt({ opens, closes }: Hours, timezone: string, at: number): number {
  for (let from = at; ;) {
    const closing = nextAt(closes, timezone, from) ?? Infinity;
    // The whole day, day after day, never closes for longer than no time at all.
    if (opensAt({ opens, closes }, timezone, closing) > closing) return closing;
    if (closing - at > WEEK * DAY_MS) return Infinity;
    from = closing;
  }
}
const DAY_MS = 86_400_000;

function line(time: string, days: readonly number[]): string {
  const [hour = '0', minute = '0'] = time.split(':');
  return `${Number(minute)} ${Number(hour)} * * ${days.join(',')}`;
}

function daysIn(written: string): readonly number[] {
  const days = new Set<number>();
  for (const part of written.toLowerCase().split(',')) {
    const [first = '', last = first] = part.split('-');
    const until = DAYS.indexOf(last);
    for (let day = DAYS.indexOf(first); ; day = (day + 1) % WEEK) {
      days.add(day);
      if (day === until) break;
    }
  }
  return [...days].toSorted((a, b) => a - b);
}
