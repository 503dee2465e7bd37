import { expect, test } from 'vitest';
import { firstDue, firstWithinMs, nextDue, slotFor } from '../../src/schedule/due.ts';

const START = Date.UTC(2026, 0, 5, 9);
const GRID = { startedAt: START, slotMs: 1 };
const every = (everyMs: number, id = 'shop') => ({ id, rhythm: { everyMs } });

test('due times are one rhythm apart for ever, whenever one asks', () => {
  const first = nextDue(every(30_000), GRID, START);
  expect(first).toBeGreaterThan(START);
  expect(first).toBeLessThanOrEqual(START + 30_000);
  expect(nextDue(every(30_000), GRID, first)).toBe(first + 30_000);
  expect(nextDue(every(30_000), GRID, first + 1_234)).toBe(first + 30_000);
  expect(nextDue(every(30_000), GRID, first + 29_899)).toBe(first + 30_000);
  expect(nextDue(every(30_000), GRID, first + 30_000 * 100_000)).toBe(first + 30_000 * 100_001);
});

test('before the first point of the grid that point is next, unless it is nearly there', () => {
  const first = nextDue(every(30_000), GRID, START);
  expect(nextDue(every(30_000), GRID, first - 101)).toBe(first);
  expect(nextDue(every(30_000), GRID, first - 100)).toBe(first + 30_000);
  expect(nextDue(every(30_000), GRID, START - 90_000)).toBeLessThanOrEqual(first);
});

test('a check keeps its place over restarts and differs from its neighbour', () => {
  const phase = (id: string) => nextDue(every(30_000, id), GRID, START) - START;
  expect(phase('shop-1')).toBe(phase('shop-1'));
  expect(phase('shop-1')).not.toBe(phase('shop-2'));
});

test('a thousand checks spread evenly over their rhythm', () => {
  const seconds = new Array<number>(10).fill(0);
  for (let i = 0; i < 1_000; i++) {
    const due = nextDue(every(10_000, `check-${i}`), GRID, START - 1) - START;
    seconds[Math.floor((due % 10_000) / 1_000)]! += 1;
  }
  for (const crowd of seconds) expect(crowd).toBeGreaterThan(60);
  for (const crowd of seconds) expect(crowd).toBeLessThan(140);
});

test('at a hundred looks a second ten begin together, and the tenths of a second are alike', () => {
  const checks = Array.from({ length: 1_000 }, (_, i) => every(10_000, `check-${i}`));
  const grid = { startedAt: START, slotMs: slotFor(checks) };
  const together = new Map<number, number>();
  for (const check of checks) {
    const at = nextDue(check, grid, START) % 10_000;
    together.set(at, (together.get(at) ?? 0) + 1);
  }
  expect(together.size).toBeGreaterThan(95);
  expect(together.size).toBeLessThanOrEqual(100);
  expect(Math.max(...together.values())).toBeLessThan(25);
});

test('slots are finer where there are more looks, and never longer than a tenth of a second', () => {
  const checks = (count: number) => Array.from({ length: count }, () => every(10_000));
  expect(slotFor(checks(10_000))).toBe(10);
  expect(slotFor(checks(1_000_000))).toBe(1);
  expect(slotFor(checks(1))).toBe(100);
  expect(slotFor([])).toBe(100);
});

test('the fastest rhythm keeps its pace, and its checks do not begin as one', () => {
  const grid = { startedAt: START, slotMs: 100 };
  const first = nextDue(every(100), grid, START);
  expect(nextDue(every(100), grid, first)).toBe(first + 100);
  const phases = new Set<number>();
  for (let i = 0; i < 50; i++) phases.add(nextDue(every(100, `check-${i}`), grid, START) % 100);
  expect(phases.size).toBe(10);
});

test('where a reload changes the slots no check is looked at twice for it', () => {
  for (let i = 0; i < 100; i++) {
    const check = every(10_000, `check-${i}`);
    const dueAt = nextDue(check, { startedAt: START, slotMs: 100 }, START);
    const next = nextDue(check, { startedAt: START, slotMs: 10 }, dueAt);
    expect(next - dueAt).toBeGreaterThanOrEqual(10_000);
    expect(next - dueAt).toBeLessThan(10_100);
  }
});

test('a cron check is due when its cron says, in its zone', () => {
  const rhythm = { cron: '0 3 * * *', timezone: 'Europe/Lisbon' };
  const three = Date.UTC(2026, 0, 6, 3);
  expect(nextDue({ id: 'backup', rhythm }, GRID, START)).toBe(three);
  expect(nextDue({ id: 'backup', rhythm }, GRID, three)).toBe(three + 86_400_000);
  expect(firstDue({ id: 'backup', rhythm }, 1, START)).toBe(three);
});

test('a cron that never comes is never due', () => {
  const rhythm = { cron: '0 0 31 2 *', timezone: 'UTC' };
  expect(nextDue({ id: 'never', rhythm }, GRID, START)).toBe(Infinity);
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
