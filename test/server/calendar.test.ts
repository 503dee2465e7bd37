import { expect, it } from 'vitest';
import { calendar } from '../../src/server/calendar.ts';

const NOON = Date.UTC(2026, 0, 5, 12);

it('a long line goes on behind a space, and no character is cut in two', () => {
  const title = `${'é'.repeat(60)}: primary`;
  const text = calendar([{ about: 'primary', title, from: NOON, until: NOON + 1 }], NOON);
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  expect(text.replaceAll('\r\n ', '')).toContain(`SUMMARY:${title}\r\n`);
  expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
});
