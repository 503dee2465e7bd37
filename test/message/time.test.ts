import { describe, expect, it } from 'vitest';
import { span, timeOfDay } from '../../src/message/time.ts';

const at = (text: string) => Date.parse(text);

describe('a time of day', () => {
  it.each([
    ['2026-11-23T04:12:59Z', '2026-11-23T04:20:00Z', null, '04:12Z'],
    ['2026-11-23T04:12:00Z', '2026-11-23T04:20:00Z', 'Europe/Lisbon', '04:12'],
    ['2026-07-23T04:12:00Z', '2026-07-23T04:20:00Z', 'Europe/Lisbon', '05:12'],
    ['2026-11-23T00:00:00Z', '2026-11-23T04:20:00Z', null, '00:00Z'],
    ['2026-09-22T23:59:00Z', '2026-09-23T00:01:00Z', null, '22 Sep 23:59Z'],
    // Yesterday in UTC, today where it is read.
    ['2026-11-22T23:59:00Z', '2026-11-23T00:01:00Z', 'Asia/Tokyo', '08:59'],
    ['2026-11-23T14:59:00Z', '2026-11-23T15:01:00Z', 'Asia/Tokyo', '23 Nov 23:59'],
  ])('%s told at %s in %s is %s', (instant, spokenAt, timezone, expected) => {
    expect(timeOfDay(at(instant), at(spokenAt), timezone)).toBe(expected);
  });

  it('tells the two hours of the night when clocks go back alike, without failing', () => {
    const told = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((instant) =>
      timeOfDay(at(instant), at('2026-10-25T02:00:00Z'), 'Europe/Lisbon'),
    );
    expect(told).toEqual(['01:30', '01:30']);
  });
});

describe('a span', () => {
  it.each([
    [-5, '0s'],
    [999, '0s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [12 * 60_000, '12m'],
    [3_600_000, '1h'],
    [5_400_000, '1h30m'],
    [86_400_000, '1d'],
    [3 * 86_400_000 + 4 * 3_600_000 + 59 * 60_000, '3d4h'],
  ])('of %d ms is %s', (ms, expected) => {
    expect(span(ms)).toBe(expected);
  });
});
