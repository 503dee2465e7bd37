import { expect, test } from 'vitest';
import { retryDelay } from '../../src/outbox/backoff.ts';

const almostOne = 1 - 2 ** -32;

test('the longest wait doubles from 2 s to a minute', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 100].map((n) =>
    Math.ceil(retryDelay(n, almostOne) / 1_000),
  );
  expect(longest).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
});

test('the shortest is a second, however lucky the draw', () => {
  expect([1, 5, 100].map((n) => retryDelay(n, 0))).toEqual([1_000, 1_000, 1_000]);
});

test('a vendor that asks for more patience gets it, up to ten minutes', () => {
  expect(retryDelay(1, 0, 30_000)).toBe(30_000);
  expect(retryDelay(1, 0, 86_400_000)).toBe(600_000);
});

test('a vendor that asks for less does not shorten the wait', () => {
  expect(retryDelay(6, 0.5, 1_000)).toBe(30_500);
  expect(retryDelay(1, 0, 0)).toBe(1_000);
});
