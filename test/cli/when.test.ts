import { expect, it } from 'vitest';
import { when } from '../../src/cli/_when.ts';

const NOON = Date.UTC(2026, 0, 5, 12);

it.each([
  ['2026-01-05T11:57:00.123Z', '11:57:00+00:00 (2 min ago)', 'UTC'],
  ['2026-01-05T11:57:00.123Z', '12:57:00+01:00 (2 min ago)', 'Europe/Berlin'],
  ['2026-01-05T12:00:00.000Z', '12:00:00+00:00 (0 s ago)', 'UTC'],
  ['2026-01-03T11:59:59.999Z', '2026-01-03 11:59:59+00:00 (2 d ago)', 'UTC'],
  ['2026-01-05T14:00:00.000Z', '14:00:00+00:00 (in 2 h)', 'UTC'],
  ['2026-01-05T10:00:00.000Z', '2026-01-05 23:00:00+13:00 (2 h ago)', 'Pacific/Auckland'],
])('%s is told as %s in %s', (time, words, zone) => {
  expect(when(time, NOON, zone)).toBe(words);
});
