import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextAt, parseCron } from '../../src/calendar/cron.ts';

/** The next `count` times after `from`, in UTC to the minute. */
function times(cron: string, timezone: string, from: string, count: number): string[] {
  const found: string[] = [];
  let at = Date.parse(from);
  for (let i = 0; i < count; i += 1) {
    at = nextAt(cron, timezone, at) ?? Number.NaN;
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

describe('the night that has no 02:30', () => {
  it('in Berlin runs a 02:30 job at 03:00 summer time, once, and at 02:30 the day after', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T02:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
  });

  it('in Lisbon runs a 01:30 job at 02:00 summer time', () => {
    expect(times('30 1 * * *', 'Europe/Lisbon', '2026-03-28T02:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
  });

  it('does not lose the morning run of a job that also runs in the afternoon', () => {
    expect(times('30 2,14 * * *', 'Europe/Berlin', '2026-03-28T14:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-29T12:30',
    ]);
  });

  it('keeps a quarter-hourly job at every quarter of an hour that there is', () => {
    expect(times('*/15 * * * *', 'Europe/Berlin', '2026-03-29T00:40Z', 3)).toEqual([
      '2026-03-29T00:45',
      '2026-03-29T01:00',
      '2026-03-29T01:15',
    ]);
  });
});

describe('the night that has 02:30 twice', () => {
  it('in Berlin runs a 02:30 job the first time only', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  it('in Lisbon runs a 01:30 job the first time only', () => {
    expect(times('30 1 * * *', 'Europe/Lisbon', '2026-10-24T12:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  it('asked between the two, waits for the next day', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:45Z', 1)).toEqual([
      '2026-10-26T01:30',
    ]);
  });

  it('keeps a half-hourly job going through both hours', () => {
    expect(times('*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:00Z', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:00',
      '2026-10-25T01:30',
    ]);
  });
});

describe('what crontab says', () => {
  it('keeps nine o’clock at nine o’clock, summer and winter', () => {
    expect(times('0 9 * * 1', 'Europe/Lisbon', '2026-03-20T00:00Z', 2)).toEqual([
      '2026-03-23T09:00',
      '2026-03-30T08:00',
    ]);
  });

  it('finds the leap days, and the eight years without one', () => {
    expect(times('0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', 2)).toEqual([
      '2028-02-29T00:00',
      '2032-02-29T00:00',
    ]);
    expect(times('0 0 29 2 *', 'UTC', '2096-03-01T00:00Z', 1)).toEqual(['2104-02-29T00:00']);
  });

  it('takes day of month and day of week as "either"', () => {
    expect(times('0 9 13 * 5', 'UTC', '2026-11-09T00:00Z', 3)).toEqual([
      '2026-11-13T09:00',
      '2026-11-20T09:00',
      '2026-11-27T09:00',
    ]);
  });

  it('is strictly after the instant it is asked about, to the millisecond', () => {
    const noon = Date.parse('2026-05-04T12:00:00Z');
    expect(nextAt('0 12 * * *', 'UTC', noon - 1)).toBe(noon);
    expect(nextAt('0 12 * * *', 'UTC', noon)).toBe(noon + 86_400_000);
  });

  it('never stands still or goes back, whenever it is asked', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('30 2 * * *', '*/7 * * * *', '0 1-3 * * *', '59 23 31 12 *'),
        fc.constantFrom('Europe/Lisbon', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
        fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) }),
        (cron, timezone, after) => (nextAt(cron, timezone, after) ?? 0) > after,
      ),
      { numRuns: 300 },
    );
  });
});

describe('asked again', () => {
  it('says the same until the time comes, then the one after, whatever was asked before', () => {
    const minutes = 5 * 60_000;
    const instant = fc.integer({ min: 0, max: 20 * minutes });
    fc.assert(
      fc.property(fc.array(instant, { minLength: 2, maxLength: 20 }), (instants) => {
        for (const after of instants) {
          const next = (Math.floor(after / minutes) + 1) * minutes;
          expect(nextAt('*/5 * * * *', 'UTC', after)).toBe(next);
          expect(nextAt('*/5 * * * *', 'UTC', next - 1)).toBe(next);
          expect(nextAt('*/5 * * * *', 'UTC', next)).toBe(next + minutes);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a line that is refused says why', () => {
  it.each([
    ['0 0 31 2 *', 'UTC', '"0 0 31 2 *" never fires: there is no such date'],
    [
      '0 */5 * * * *',
      'UTC',
      'expected five fields as in crontab, minute hour day month weekday ' +
        '(there is none for seconds), got 6',
    ],
    ['', 'UTC', 'expected five fields as in crontab, minute hour day month weekday, got 0'],
    ['@daily', 'UTC', 'expected five fields as in crontab, minute hour day month weekday, got 1'],
    ['99 * * * *', 'UTC', '"99 * * * *" is not a crontab line: Invalid value for minute: 99'],
    ['? * * * *', 'UTC', '"?" is not part of crontab: write "*"'],
    ['0 3 * * 0', 'Europe/Lissabon', 'unknown time zone "Europe/Lissabon"'],
  ])('%s in %s', (line, timezone, why) => {
    expect(parseCron(line, timezone)).toEqual({ why });
  });

  it('takes names and blanks as crontab does, and trims', () => {
    expect(parseCron(' 0  9 * jan-mar mon ', 'Europe/Berlin')).toEqual({
      cron: '0  9 * jan-mar mon',
    });
  });

  it('never throws, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'binary', maxLength: 12 }), (line, zone) => {
        const fields = line.split('').join(' ');
        for (const text of [line, fields, `${line} * * * *`]) {
          expect(parseCron(text, 'UTC')).toBeTypeOf('object');
          expect(parseCron(text, zone)).toBeTypeOf('object');
        }
      }),
      { numRuns: 200 },
    );
  });
});
