/** Looks on their way to a history that is quick, slow, broken or closed. */
import { expect, it } from 'vitest';
import { Recorder } from '../../src/store/_recorder.ts';
import type { Look } from '../../src/store/store.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look, NOON } from './rows.ts';

it('hands looks over a second after the first, in one piece', async () => {
  const clock = new VirtualClock(NOON);
  const batches: number[] = [];
  const recorder = new Recorder(
    clock,
    async (looks) => {
      batches.push(looks.length);
      return looks.length;
    },
    () => {},
  );
  recorder.record(look('shop', NOON));
  await clock.advance(999);
  recorder.record(look('shop', NOON + 999));
  expect(batches).toEqual([]);
  await clock.advance(1);
  expect(batches).toEqual([2]);
  expect(clock.pending()).toBe(0);
  recorder.record(look('shop', NOON + 1_000));
  await clock.advance(1_000);
  expect(batches).toEqual([2, 1]);
});

it('drops the oldest, counted, while the history hangs, and one piece at a time is under way', async () => {
  const troubles: string[] = [];
  const written: Look[] = [];
  let release = (): void => {};
  const hanging = new Promise<void>((resolve) => (release = resolve));
  let underWay = 0;
  const recorder = new Recorder(
    new VirtualClock(NOON),
    async (looks) => {
      expect(++underWay).toBe(1);
      await hanging;
      underWay--;
      written.push(...looks);
      return looks.length;
    },
    (count, why) => troubles.push(`${count} looks lost: ${why}`),
  );
  const recorded = 50_000;
  for (let i = 0; i < recorded; i++) recorder.record(look('shop', i));
  release();
  await recorder.flush();
  const lost = troubles
    .map((what) => Number(/^\d+/.exec(what)?.[0]))
    .reduce((sum, rows) => sum + rows, 0);
  expect(written.length + lost).toBe(recorded);
  expect(written.length).toBeLessThan(22_000);
  expect(written.at(-1)?.at).toBe(recorded - 1);
});

it('tells how many were lost when the history cannot be written, and goes on', async () => {
  const troubles: string[] = [];
  const answers = [async () => 0, async () => Promise.reject(new Error('gone')), async () => 1];
  const recorder = new Recorder(
    new VirtualClock(NOON),
    async () => (await answers.shift()?.()) ?? 0,
    (count, why) => troubles.push(`${count} looks lost: ${why}`),
  );
  for (let i = 0; i < 3; i++) {
    recorder.record(look('shop', NOON + i));
    await recorder.flush();
  }
  expect(troubles).toEqual(['1 looks lost: the history cannot be written', '1 looks lost: gone']);
});
