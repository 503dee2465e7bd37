/** When a way of telling is broken, and when it is not any more. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/incident/notification.ts';
import { createChannelHealth } from '../../src/outbox/channel-health.ts';
import { VirtualClock } from '../virtual-clock.ts';

const S = 1_000;
const TAKEN: Outcome = { outcome: 'accepted', reference: null };
const REFUSED: Outcome = { outcome: 'refused', reason: 'auth', detail: 'HTTP 401' };
const BUSY: Outcome = { outcome: 'deferred', reason: 'server', detail: 'HTTP 500' };

let clock: VirtualClock;
let said: string[];
let answer: Outcome | null;
let wasBroken: Set<string>;
let asked: string[];

beforeEach(() => {
  clock = new VirtualClock(0);
  [said, asked, answer, wasBroken] = [[], [], null, new Set()];
});

function begin() {
  const health = createChannelHealth({
    clock,
    channels: () => ['sms', 'mail'],
    ask: async (channel) => {
      asked.push(channel);
      return answer;
    },
    isBroken: (channel) => wasBroken.has(channel),
    told: (channel, broken) => said.push(`${channel} ${broken?.brief ?? 'works'}`),
  });
  health.start();
  return health;
}

describe('a channel', () => {
  test('that refuses us is broken at once, until its vendor knows us again', async () => {
    const health = begin();
    health.heard('sms', REFUSED);
    expect(said).toEqual(['sms refuses us: auth']);
    answer = REFUSED;
    await clock.advance(30 * S);
    answer = TAKEN;
    await clock.advance(60 * S);
    expect(said).toEqual(['sms refuses us: auth', 'sms works']);
    expect(asked).toEqual(['sms', 'sms']);
  });

  test('that takes nothing for a minute is, by the third try at the earliest', async () => {
    const health = begin();
    health.heard('sms', BUSY);
    await clock.advance(61 * S);
    health.heard('sms', BUSY);
    expect(said).toEqual([]);
    health.heard('sms', { ...BUSY, reason: 'timeout' });
    expect(said).toEqual(['sms takes nothing: timeout']);
    health.heard('sms', TAKEN);
    health.heard('sms', BUSY);
    await clock.advance(59 * S);
    health.heard('sms', BUSY);
    health.heard('sms', BUSY);
    expect(said).toEqual(['sms takes nothing: timeout', 'sms works']);
    expect(asked).toEqual([]);
  });

  test.each<Outcome>([
    { outcome: 'refused', reason: 'address', detail: 'no such number' },
    { outcome: 'refused', reason: 'refused', detail: 'too long' },
    { outcome: 'refused', reason: 'auth', detail: 'gone', gone: 'no channel' },
  ])('is not for what is wrong with one message: %j', (outcome) => {
    begin().heard('sms', outcome);
    expect(said).toEqual([]);
  });

  test('that was broken before a restart is asked after it', async () => {
    wasBroken.add('mail');
    answer = TAKEN;
    begin();
    await clock.advance(31 * S);
    expect([asked, said]).toEqual([['mail'], ['mail works']]);
  });
});
