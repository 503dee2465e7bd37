import { describe, expect, it } from 'vitest';
import { outcomeOfFailure, outcomeOfStatus, retryAfter } from '../../src/channels/_outcome.ts';
import type { NetworkFailure } from '../../src/system/transport.ts';

const NOW = Date.UTC(2026, 10, 23, 4, 12);

function failure(word: NetworkFailure['failure'], sent: boolean): NetworkFailure {
  const phases = { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 };
  return { failure: word, detail: 'why', sent, phases, ip: null, tls: null };
}

describe('an outcome', () => {
  it.each([
    [408, 'deferred', 'timeout'],
    [425, 'deferred', 'server'],
    [429, 'deferred', 'rate_limited'],
    [500, 'deferred', 'server'],
    [599, 'deferred', 'server'],
    [401, 'refused', 'auth'],
    [403, 'refused', 'auth'],
    [404, 'refused', 'refused'],
    [410, 'refused', 'refused'],
    [301, 'refused', 'refused'],
    [204, 'unconfirmed', 'server'],
  ])('of an unexpected %d is %s, %s', (status, outcome, reason) => {
    const answer = { status, headers: {}, body: '' };
    expect(outcomeOfStatus(answer, NOW)).toMatchObject({ outcome, reason });
  });

  it.each([
    ['refused', false, 'deferred', 'network'],
    ['dns', false, 'deferred', 'network'],
    ['certificate', false, 'deferred', 'network'],
    ['connect_timeout', false, 'deferred', 'timeout'],
    ['timeout', true, 'unconfirmed', 'timeout'],
    ['reset', true, 'unconfirmed', 'network'],
    ['too_large', true, 'unconfirmed', 'network'],
  ] as const)('of %s (sent: %s) is %s, %s', (word, sent, outcome, reason) => {
    expect(outcomeOfFailure(failure(word, sent))).toEqual({ outcome, reason, detail: 'why' });
  });

  it.each([
    ['7', { retryAfterMs: 7_000 }],
    ['0', { retryAfterMs: 0 }],
    ['Mon, 23 Nov 2026 04:12:30 GMT', { retryAfterMs: 30_000 }],
    ['Mon, 23 Nov 2026 04:00:00 GMT', { retryAfterMs: 0 }],
    ['99999999999', { retryAfterMs: 3_600_000 }],
    ['soon', {}],
    ['', {}],
  ])('with Retry-After %j waits %j', (wish, expected) => {
    expect(retryAfter({ 'retry-after': wish }, NOW)).toEqual(expected);
  });
});
