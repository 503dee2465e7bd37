import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';

test('now is wall time, in whole milliseconds, and never goes backwards', () => {
  const clock = systemClock();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(5);
  expect(Number.isInteger(clock.now())).toBe(true);
  let last = clock.now();
  for (let read = 0; read < 10_000; read++) {
    const now = clock.now();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});

test('an alarm never rings before its instant', async () => {
  const clock = systemClock();
  for (let round = 0; round < 20; round++) {
    const at = clock.now() + 2;
    const rang = Promise.withResolvers<number>();
    clock.alarm(at, () => rang.resolve(clock.now()));
    expect(await rang.promise).toBeGreaterThanOrEqual(at);
  }
});

test('an alarm for the past rings at once, but not within the call', async () => {
  const clock = systemClock();
  const rang = Promise.withResolvers<string>();
  let order = 'rang inside';
  clock.alarm(clock.now() - 1_000, () => rang.resolve(order));
  order = 'rang after';
  expect(await rang.promise).toBe('rang after');
});

test('a cancelled alarm does not ring', async () => {
  const clock = systemClock();
  const ring = vi.fn();
  clock.alarm(clock.now() + 1, ring).cancel();
  await new Promise<void>((resolve) => clock.alarm(clock.now() + 5, resolve));
  expect(ring).not.toHaveBeenCalled();
});

test('an alarm beyond what a timer can hold waits instead of ringing at once', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const clock = systemClock();
    const ring = vi.fn();
    const days = 86_400_000;
    clock.alarm(clock.now() + 60 * days, ring);
    vi.advanceTimersByTime(59 * days);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1 * days + 1);
    expect(ring).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});
