import { describe, expect, test } from 'vitest';
import { instantOf, occurrenceAt, type When } from '../../src/calendar/window.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

const at = (text: string): number => Date.parse(text);
const printed = (when: When, now: string): string | null => {
  const found = occurrenceAt(when, at(now));
  return (
    found && `${new Date(found.startsAt).toISOString()}/${new Date(found.endsAt).toISOString()}`
  );
};

describe('a weekly window', () => {
  const weekly: When = { cron: '0 3 * * 0', timezone: 'Europe/Lisbon', forMs: HOUR };

  test('is the next one before it, and the one in force until its end', () => {
    const sunday = '2026-01-11T03:00:00.000Z/2026-01-11T04:00:00.000Z';
    expect(printed(weekly, '2026-01-05T00:00:00Z')).toBe(sunday);
    expect(printed(weekly, '2026-01-11T03:00:00Z')).toBe(sunday);
    expect(printed(weekly, '2026-01-11T03:59:59.999Z')).toBe(sunday);
    expect(printed(weekly, '2026-01-11T04:00:00Z')).toContain('2026-01-18T03:00');
  });

  test('goes with the wall clock: an hour earlier in UTC in summer', () => {
    expect(printed(weekly, '2026-07-01T00:00:00Z')).toContain('2026-07-05T02:00');
  });
});

describe('at 01:30 in Lisbon', () => {
  const nightly: When = { cron: '30 1 * * *', timezone: 'Europe/Lisbon', forMs: HOUR };

  test('in spring there is no such time: it begins when the clock has changed', () => {
    // 29 March 2026: 01:00 becomes 02:00 (01:00Z).
    expect(printed(nightly, '2026-03-28T12:00:00Z')).toBe(
      '2026-03-29T01:00:00.000Z/2026-03-29T02:00:00.000Z',
    );
    expect(printed(nightly, '2026-03-29T02:00:00Z')).toContain('2026-03-30T00:30');
  });

  test('in autumn there are two: it begins at the first, once, and lasts an hour', () => {
    // 25 October 2026: 02:00 becomes 01:00 (01:00Z).
    expect(printed(nightly, '2026-10-24T12:00:00Z')).toBe(
      '2026-10-25T00:30:00.000Z/2026-10-25T01:30:00.000Z',
    );
    expect(printed(nightly, '2026-10-25T01:30:00Z')).toContain('2026-10-26T01:30');
  });
});

test('a window as long as the time between two of them never ends for long', () => {
  const hourly: When = { cron: '0 * * * *', timezone: 'UTC', forMs: HOUR };
  expect(printed(hourly, '2026-01-05T09:59:59.999Z')).toContain('09:00:00.000Z/');
  expect(printed(hourly, '2026-01-05T10:00:00Z')).toContain('10:00:00.000Z/');
});

test('a window of one time is there until it is over', () => {
  const once = { from: at('2026-01-05T09:00:00Z'), to: at('2026-01-05T10:00:00Z') };
  expect(occurrenceAt(once, once.from - MINUTE)).toEqual({ startsAt: once.from, endsAt: once.to });
  expect(occurrenceAt(once, once.to - 1)).not.toBeNull();
  expect(occurrenceAt(once, once.to)).toBeNull();
});

describe('an instant as people write it', () => {
  test.each([
    ['2026-07-01T09:00', 'start', '2026-07-01T08:00:00Z'],
    ['2026-07-01 09:00:30', 'start', '2026-07-01T08:00:30Z'],
    ['2026-07-01T09:00+02:00', 'start', '2026-07-01T07:00:00Z'],
    ['2026-07-01T09:00Z', 'end', '2026-07-01T09:00:00Z'],
    // Skipped: the instant of the change, where it begins and where it ends.
    ['2026-03-29T01:30', 'start', '2026-03-29T01:00:00Z'],
    ['2026-03-29T01:30', 'end', '2026-03-29T01:00:00Z'],
    // Twice: from the first to the second.
    ['2026-10-25T01:30', 'start', '2026-10-25T00:30:00Z'],
    ['2026-10-25T01:30', 'end', '2026-10-25T01:30:00Z'],
  ] as const)('%s in Lisbon, as %s, is %s', (written, edge, expected) => {
    expect(instantOf(written, 'Europe/Lisbon', edge)).toBe(at(expected));
  });

  test.each(['tomorrow', '2026-07-01', '2026-02-30T09:00', '09:00', '2026-07-01T25:00'])(
    '%s is none',
    (written) => {
      expect(instantOf(written, 'Europe/Lisbon', 'start')).toBeNull();
    },
  );
});
