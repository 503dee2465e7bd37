import { expect, test } from 'vitest';
import { firstDue, firstWithinMs, nextDue } from '../../src/schedule/due.ts';

const START = Date.UTC(2026, 0, 5, 9);
const every = (everyMs: number, id = 'shop') => ({ id, rhythm: { everyMs } });

test('due times are one rhythm apart for ever, whenever one asks', () => {
  const first = nextDue(every(30_000), START, START);
  expect(first).toBeGreaterThan(START);
  expect(first).toBeLessThanOrEqual(START + 30_000);
  expect(nextDue(every(30_000), START, first)).toBe(first + 30_000);
  expect(nextDue(every(30_000), START, first + 1_234)).toBe(first + 30_000);
  expect(nextDue(every(30_000), START, first + 29_999)).toBe(first + 30_000);
  expect(nextDue(every(30_000), START, first + 30_000 * 100_000)).toBe(first + 30_000 * 100_001);
});

test('one instant before the first point of the grid, that point is next', () => {
  const first = nextDue(every(30_000), START, START);
  expect(nextDue(every(30_000), START, first - 1)).toBe(first);
  expect(nextDue(every(30_000), START, START - 90_000)).toBeLessThanOrEqual(first);
});

test('a check keeps its place over restarts and differs from its neighbour', () => {
  const phase = (id: string) => nextDue(every(30_000, id), START, START) - START;
  expect(phase('shop-1')).toBe(phase('shop-1'));
  expect(phase('shop-1')).not.toBe(phase('shop-2'));
});

test('a thousand checks spread evenly over their rhythm', () => {
  const seconds = new Array<number>(10).fill(0);
  for (let i = 0; i < 1_000; i++) {
    const due = nextDue(every(10_000, `check-${i}`), START, START - 1) - START;
    seconds[Math.floor((due % 10_000) / 1_000)]! += 1;
  }
  for (const crowd of seconds) expect(crowd).toBeGreaterThan(60);
  for (const crowd of seconds) expect(crowd).toBeLessThan(140);
});

test('a cron check is due when its cron says, in its zone', () => {
  const rhythm = { cron: '0 3 * * *', timezone: 'Europe/Lisbon' };
  const three = Date.UTC(2026, 0, 6, 3);
  expect(nextDue({ id: 'backup', rhythm }, START, START)).toBe(three);
  expect(nextDue({ id: 'backup', rhythm }, START, three)).toBe(three + 86_400_000);
  expect(firstDue({ id: 'backup', rhythm }, 1, START)).toBe(three);
});

test('a cron that never comes is never due', () => {
  const rhythm = { cron: '0 0 31 2 *', timezone: 'UTC' };
  expect(nextDue({ id: 'never', rhythm }, START, START)).toBe(Infinity);
});

test('what a start has taken is taken off the four seconds, as far as looks stay apart', () => {
  expect(firstWithinMs(10_000, 0)).toBe(4_000);
  expect(firstWithinMs(10_000, 1_200)).toBe(2_800);
  expect(firstWithinMs(10_000, 3_900)).toBe(2_500);
  expect(firstWithinMs(100, 3_900)).toBe(100);
  expect(firstWithinMs(100_000, 60_000)).toBe(4_000);
  const dues = Array.from({ length: 10_000 }, (_, i) =>
    firstDue({ id: `c${i}`, rhythm: { everyMs: 30_000 } }, 10_000, 0, null, 2_800),
  );
  expect(Math.max(...dues)).toBeLessThan(2_800);
});

test('a single check is first looked at at once, ten thousand within four seconds', () => {
  for (let i = 0; i < 200; i++) {
    const check = every(30_000, `c${i}`);
    expect(firstDue(check, 1, START) - START).toBeLessThan(20);
    expect(firstDue(check, 10_000, START) - START).toBeLessThan(4_000);
    expect(firstDue(every(500, `c${i}`), 10_000, START) - START).toBeLessThan(500);
  }
});
