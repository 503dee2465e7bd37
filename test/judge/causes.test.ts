import { expect, test } from 'vitest';
import type { Check } from '../../src/config/config.ts';
import { causesOf, notSeenSince, waitUntil } from '../../src/judge/causes.ts';
import type { CheckState } from '../../src/judge/check-state.ts';

function check(id: string, dependsOn: string[], timeoutMs = 5_000): [string, Check] {
  return [id, { id, dependsOn, timeoutMs } as unknown as Check];
}

const checks = new Map([
  check('shop', ['api', 'cdn']),
  check('api', ['db'], 2_000),
  check('cdn', ['edge'], 8_000),
  check('db', ['edge'], 1_000),
  check('edge', [], 3_000),
]);

const lookedAt = (at: number | null) => ({ lookedAt: at }) as CheckState;

test('causes are all ancestors, each once, nearest first', () => {
  expect(causesOf('shop', checks)).toEqual(['api', 'cdn', 'db', 'edge']);
  expect(causesOf('edge', checks)).toEqual([]);
  expect(causesOf('gone', checks)).toEqual([]);
});

test('a parent that is not configured and a circle do no harm', () => {
  const odd = new Map([check('a', ['b', 'gone']), check('b', ['a'])]);
  expect(causesOf('a', odd)).toEqual(['b']);
});

test('a cause counts as seen from the look that began with the first failure', () => {
  const states = new Map([
    ['before', lookedAt(999)],
    ['then', lookedAt(1_000)],
    ['after', lookedAt(1_001)],
    ['never', lookedAt(null)],
  ]);
  const causes = ['before', 'then', 'after', 'never', 'unheard of'];
  const stateOf = (id: string) => states.get(id);
  expect(notSeenSince(1_000, causes, stateOf)).toEqual(['before', 'never', 'unheard of']);
});

test('the wait is as long as the slowest of the causes may take', () => {
  expect(waitUntil(['api', 'cdn'], checks, 100_000)).toBe(108_000);
  expect(waitUntil([], checks, 100_000)).toBe(100_000);
});
