/** The longest wait between two firings of a crontab line. */
import { expect, it } from 'vitest';
import { longestGapMs } from '../../src/calendar/cron.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

it.each<[string, number]>([
  ['* * * * *', MINUTE],
  ['*/5 * * * *', 5 * MINUTE],
  ['*/7 * * * *', 7 * MINUTE],
  ['0 * * * *', HOUR],
  ['0 9 * * *', DAY],
  ['*/5 9-17 * * *', 15 * HOUR + 5 * MINUTE],
  ['*/5 9-17 * * mon-fri', 2 * DAY + 15 * HOUR + 5 * MINUTE],
  ['55 23,0 * * *', 23 * HOUR],
  ['30 3,20 * * thu', 6 * DAY + 7 * HOUR],
  ['0 0 1 * *', 31 * DAY],
  ['0 9 * 1-6 *', 185 * DAY],
  ['0 * * 6 *', 336 * DAY + HOUR],
  ['0 0 1 1 *', 366 * DAY],
])('of %s', (line, gap) => {
  expect(longestGapMs(line)).toBe(gap);
});
