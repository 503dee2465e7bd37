import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock, type Departure, type SystemClock } from '../../src/system/clock.ts';

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

describe('a clock that is watched', () => {
  const NOON = Date.UTC(2026, 2, 29, 12);
  const S = 1_000;
  const HOUR = 3_600_000;
  /** What the machine would say, beside the time that passes for timers. */
  let [setBy, asleep] = [0, 0];
  let clock: SystemClock;
  let heard: Departure[];

  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    });
    [setBy, asleep] = [0, 0];
    heard = [];
    const ran = () => performance.now();
    clock = systemClock({
      wall: () => NOON + ran() + asleep + setBy,
      monotonic: ran,
      uptime: () => 40 * HOUR + ran() + asleep,
    });
    clock.watch((departure) => heard.push(departure));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const ringsAfter = (ms: number): readonly number[] => {
    const rang: number[] = [];
    clock.alarm(clock.now() + ms, () => rang.push(clock.now()));
    return rang;
  };

  test('says nothing while time passes, nor for a leap second', () => {
    vi.advanceTimersByTime(HOUR);
    setBy = 900;
    vi.advanceTimersByTime(HOUR);
    expect(heard).toEqual([]);
  });

  test.each([HOUR, -HOUR])('set by %i ms is the wall time again, and alarms move along', (byMs) => {
    const rang = ringsAfter(60 * S);
    vi.advanceTimersByTime(10 * S);
    setBy = byMs;
    vi.advanceTimersByTime(S);
    expect(heard).toEqual([{ gapMs: 0, steppedMs: byMs }]);
    expect(clock.now()).toBe(NOON + performance.now() + byMs);
    vi.advanceTimersByTime(48 * S);
    expect(rang).toEqual([]);
    vi.advanceTimersByTime(2 * S);
    expect(rang).toEqual([clock.now() - S]);
  });

  test('set little by little is noticed once it is more than a second', () => {
    for (let times = 0; times < 4; times++) {
      setBy += 300;
      vi.advanceTimersByTime(10 * S);
    }
    expect(heard).toEqual([{ gapMs: 0, steppedMs: 1_200 }]);
  });

  test('suspended for an hour: what was due meanwhile is due', () => {
    const rang = ringsAfter(60 * S);
    vi.advanceTimersByTime(10 * S);
    asleep = HOUR;
    vi.advanceTimersByTime(S);
    expect(heard).toEqual([{ gapMs: HOUR, steppedMs: 0 }]);
    vi.advanceTimersByTime(1);
    expect(rang).toHaveLength(1);
  });

  test('suspended, and set while it was, is both', () => {
    vi.advanceTimersByTime(10 * S);
    asleep = HOUR;
    setBy = -2 * HOUR;
    vi.advanceTimersByTime(S);
    expect(heard).toEqual([{ gapMs: HOUR, steppedMs: -2 * HOUR }]);
    expect(clock.now()).toBe(NOON + performance.now() - HOUR);
  });

  test('that could not run for two minutes says so', () => {
    vi.advanceTimersByTime(10 * S);
    const held = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 121 * S);
    vi.advanceTimersByTime(S);
    held.mockRestore();
    expect(heard).toEqual([{ gapMs: 120 * S, steppedMs: 0 }]);
  });
});
