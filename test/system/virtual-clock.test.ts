import { expect, test } from 'vitest';
import { VirtualClock } from '../virtual-clock.ts';

const NOON = Date.UTC(2026, 4, 1, 12);

test('alarms ring in order, each at its own instant', async () => {
  const clock = new VirtualClock(NOON);
  const rang: [string, number][] = [];
  const note = (name: string) => () => void rang.push([name, clock.now() - NOON]);
  clock.alarm(NOON + 30, note('c'));
  clock.alarm(NOON + 10, note('a'));
  clock.alarm(NOON + 10, note('b'));
  clock.alarm(NOON + 31, note('later'));
  await clock.advance(30);
  expect(rang).toEqual([
    ['a', 10],
    ['b', 10],
    ['c', 30],
  ]);
  expect(clock.pending()).toBe(1);
  expect(clock.monotonic()).toBe(30);
});

test('an alarm set by another rings in the same advance if it is due', async () => {
  const clock = new VirtualClock(NOON);
  const rang: number[] = [];
  const again = (): void => {
    rang.push(clock.now() - NOON);
    clock.alarm(clock.now() + 10, again);
  };
  clock.alarm(NOON + 10, again);
  await clock.advance(35);
  expect(rang).toEqual([10, 20, 30]);
});

test('promises settle before the next alarm rings', async () => {
  const clock = new VirtualClock(NOON);
  const order: string[] = [];
  clock.alarm(NOON + 1, () => {
    void Promise.resolve(undefined)
      .then(() => Promise.resolve())
      .then(() => order.push('settled'));
  });
  clock.alarm(NOON + 2, () => order.push('next'));
  await clock.advance(2);
  expect(order).toEqual(['settled', 'next']);
});

test('an alarm for the past rings by itself, but not within the call', async () => {
  const clock = new VirtualClock(NOON);
  const rang = Promise.withResolvers<undefined>();
  clock.alarm(NOON, () => rang.resolve(undefined));
  expect(clock.pending()).toBe(1);
  await rang.promise;
});
