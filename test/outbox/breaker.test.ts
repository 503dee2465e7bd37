import { expect, test } from 'vitest';
import { createBreaker } from '../../src/outbox/breaker.ts';
import type { Outcome } from '../../src/incident/notification.ts';

const auth: Outcome = { outcome: 'refused', reason: 'auth', detail: 'error 20003' };
const tooMany: Outcome = { outcome: 'deferred', reason: 'rate_limited', detail: 'HTTP 429' };

test.each([auth, tooMany])('after "$reason" nobody asks for a second', (outcome) => {
  const breaker = createBreaker();
  expect(breaker.answer(0)).toBeNull();
  breaker.heard(outcome, 1_000);
  expect(breaker.answer(1_999)).toEqual(outcome);
  expect(breaker.answer(2_000)).toBeNull();
});

test.each<Outcome>([
  { outcome: 'refused', reason: 'address', detail: 'no such number' },
  { outcome: 'deferred', reason: 'server', detail: 'HTTP 503' },
  { outcome: 'unconfirmed', reason: 'network', detail: 'reset' },
  { outcome: 'accepted', reference: null },
])('$outcome concerns only the message it was about', (outcome) => {
  const breaker = createBreaker();
  breaker.heard(auth, 0);
  breaker.heard(outcome, 1);
  expect(breaker.answer(2)).toBeNull();
});

test('after one that got no answer, others learn for five seconds that they will get none', () => {
  const breaker = createBreaker();
  breaker.heard({ outcome: 'unconfirmed', reason: 'timeout', detail: 'no answer in time' }, 1_000);
  expect(breaker.answer(5_999)).toMatchObject({ outcome: 'deferred', reason: 'timeout' });
  expect(breaker.answer(6_000)).toBeNull();
});
