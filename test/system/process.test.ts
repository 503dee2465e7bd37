import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import { mostSockets, onSignals, watchLoop } from '../../src/system/process.ts';
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

test.each([
  ['Max open files            20000                524288               files', 10_000],
  ['Max open files            1024                 4096                 files', 512],
  ['Max open files            unlimited            unlimited            files', 10_000],
  ['Max processes             62000                62000                processes', 2_048],
  [null, 2_048],
])('looks hold at most half of the files that may be open: %s', (line, most) => {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-limits-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'limits');
  if (line !== null)
    writeFileSync(file, `Limit  Soft Limit\n${line}\nMax locked memory 8 8 bytes\n`);
  expect(mostSockets(file)).toBe(most);
});
