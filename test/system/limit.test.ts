import { expect, test } from 'vitest';
import { Limit } from '../../src/system/_limit.ts';
import { Stop } from '../../src/system/signal.ts';
import { VirtualClock } from '../virtual-clock.ts';

const NINE = Date.UTC(2026, 0, 5, 9);

test('work is over when its time is, and its alarm is gone with it', async () => {
  const clock = new VirtualClock(NINE);
  const limit = new Limit(clock, 5_000, new AbortController().signal);
  await clock.advance(4_999);
  expect(limit.isOver).toBe(false);
  await clock.advance(1);
  expect(limit.isOver).toBe(true);
  const ended = new Limit(clock, 5_000);
  ended.release();
  expect(clock.pending()).toBe(0);
});

test('where somebody else ends the work by then no second alarm is set', () => {
  const clock = new VirtualClock(NINE);
  const stop = new Stop(NINE + 5_000);
  const limit = new Limit(clock, 5_000, stop);
  expect(clock.pending()).toBe(0);
  stop.abort();
  expect(limit.isOver).toBe(true);
});

test('where it would be ended later, or nobody knows when, the limit has an alarm of its own', () => {
  const clock = new VirtualClock(NINE);
  const first = new Limit(clock, 4_999, new Stop(NINE + 5_000));
  const second = new Limit(clock, 5_000, new Stop());
  expect(clock.pending()).toBe(2);
  first.release();
  second.release();
});
