import { expect, test } from 'vitest';
import type { Check } from '../../src/config/config.ts';
import { causesOf, dependentsOf, notSeenSince, waitUntil } from '../../src/judge/causes.ts';

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

test('causes are all ancestors, each once, nearest first', () => {
  expect(causesOf('shop', checks)).toEqual(['api', 'cdn', 'db', 'edge']);
  expect(causesOf('edge', checks)).toEqual([]);
  expect(causesOf('gone', checks)).toEqual([]);
});

test('dependents are all that hangs below, each once', () => {
  expect(dependentsOf('db', checks)).toEqual(['api', 'shop']);
  expect(dependentsOf('edge', checks)).toEqual(['cdn', 'db', 'shop', 'api']);
  expect(dependentsOf('shop', checks)).toEqual([]);
});

test('a parent that is not configured and a circle do no harm', () => {
  const odd = new Map([check('a', ['b', 'gone']), check('b', ['a'])]);
  expect(causesOf('a', odd)).toEqual(['b']);
});

test('a cause counts as seen from the look that began with the first failure', () => {
  const looks = new Map<string, number | null>([
    ['before', 999],
    ['then', 1_000],
    ['after', 1_001],
    ['never', null],
  ]);
  const causes = ['before', 'then', 'after', 'never', 'unheard of'];
  expect(notSeenSince(1_000, causes, (id) => looks.get(id) ?? null)).toEqual([
    'before',
    'never',
    'unheard of',
  ]);
});

test('the wait is as long as the slowest of the causes may take', () => {
  expect(waitUntil(['api', 'cdn'], (id) => checks.get(id)?.timeoutMs ?? 0, 100_000)).toBe(108_000);
  expect(waitUntil([], () => 5_000, 100_000)).toBe(100_000);
});
