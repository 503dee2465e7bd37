import { expect, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import { onSignals, watchLoop } from '../../src/system/process.ts';
import { VirtualClock } from '../virtual-clock.ts';

test('a signal is heard instead of ending the process, until nobody listens', async () => {
  const before = process.listenerCount('SIGHUP');
  const heard = Promise.withResolvers<string>();
  const stop = onSignals(['SIGHUP'], heard.resolve);
  process.kill(process.pid, 'SIGHUP');
  expect(await heard.promise).toBe('SIGHUP');
  stop();
  expect(process.listenerCount('SIGHUP')).toBe(before);
});

test('a loop that was held up is reported with the time it was', async () => {
  const clock = new VirtualClock(Date.UTC(2026, 4, 1));
  const real = systemClock();
  const pass = (ms: number) => new Promise<void>((resolve) => real.alarm(real.now() + ms, resolve));
  const blocks: number[] = [];
  const watch = watchLoop(clock, (seconds) => blocks.push(seconds));
  await pass(30);
  const until = performance.now() + 150;
  while (performance.now() < until);
  await pass(30);
  await clock.advance(1_000);
  watch.cancel();
  expect(blocks).toHaveLength(1);
  expect(blocks[0]).toBeGreaterThan(0.13);
  expect(blocks[0]).toBeLessThan(1);
  expect(clock.pending()).toBe(0);
});
