import { beforeEach, describe, expect, test } from 'vitest';
import type { AnyChannel } from '../../src/channels/channel.ts';
import type { TocsinEvent } from '../../src/events.ts';
import type { Notification, Outcome, Receipt } from '../../src/incident/notification.ts';
import { createTracker, type Tracker } from '../../src/outbox/tracker.ts';
import type { Transport } from '../../src/system/transport.ts';
import { VirtualClock } from '../virtual-clock.ts';

const S = 1_000;
const START = Date.UTC(2026, 0, 5, 3, 12);
const ACCEPTED: Outcome = { outcome: 'accepted', reference: 'SM1' };
const DELIVERED: Outcome = { outcome: 'delivered', reference: 'SM1' };

function accepted(more: Partial<Notification> = {}): Notification {
  return {
    key: 'p1',
    kind: 'page',
    about: ['i1'],
    responder: 'ana',
    channel: 'sms',
    state: 'accepted',
    reason: null,
    facts: { event: 'test', text: 'p1' },
    at: START,
    dueAt: null,
    attempts: 1,
    acceptedAt: START,
    proofDueAt: START + 60 * S,
    reference: 'SM1',
    standsInFor: null,
    ...more,
  };
}

let clock: VirtualClock;
let tracker: Tracker;
let askedAt: number[];
let receipts: Receipt[];
let events: TocsinEvent[];
let fate: () => Promise<Outcome | null> | Outcome | null;
let proof: 'acceptance' | 'receipt';

beforeEach(() => {
  clock = new VirtualClock(START);
  askedAt = [];
  receipts = [];
  events = [];
  fate = () => ACCEPTED;
  proof = 'receipt';
  const channel = {
    async follow() {
      askedAt.push((clock.now() - START) / S);
      return fate();
    },
  } as unknown as AnyChannel;
  tracker = createTracker({
    clock,
    transport: {} as Transport,
    run: async () => ({ failure: 'missing', detail: 'no programs here' }),
    channel: (id) => ({
      channel,
      config: { id, type: 'fake', address: 'sms', answerable: true, proof, options: {} },
    }),
    submit: async (receipt) => receipts.push(receipt),
    emit: (event) => events.push(event),
  });
});

describe('what becomes of a message that was accepted', () => {
  test('is asked soon, then ever more seldom, until the vendor has said how it ended', async () => {
    tracker.take(accepted());
    await clock.advance(60 * S);
    expect(askedAt).toEqual([2, 4, 8, 16, 32]);
    fate = () => DELIVERED;
    await clock.advance(60 * S);
    expect(receipts).toEqual([{ ...DELIVERED, key: 'p1', retryAt: null, isLate: true }]);
    expect(events).toEqual([{ type: 'followed', notification: accepted(), outcome: DELIVERED }]);
    await clock.advance(3_600 * S);
    expect(askedAt).toEqual([2, 4, 8, 16, 32, 62]);
    expect(clock.pending()).toBe(0);
  });

  test('is asked of few messages at a time, and of each', async () => {
    const vendor = Promise.withResolvers<Outcome>();
    fate = () => vendor.promise;
    for (let n = 0; n < 20; n += 1) tracker.take(accepted({ key: `p${String(n)}` }));
    await clock.advance(2 * S);
    expect(askedAt).toHaveLength(4);
    vendor.resolve(DELIVERED);
    await clock.advance(0);
    expect(receipts).toHaveLength(20);
  });

  test('is not asked for ever', async () => {
    tracker.take(accepted());
    await clock.advance(3_600 * S);
    expect(askedAt.at(-1)).toBeLessThanOrEqual(15 * 60 + 30);
    expect(clock.pending()).toBe(0);
  });

  test('is asked again after a restart, counted from when it was accepted', async () => {
    tracker.take(accepted({ acceptedAt: START - 20 * S }));
    await clock.advance(60 * S);
    expect(askedAt).toEqual([20, 50]);
  });

  test('is asked on when the clock was set an hour forward', async () => {
    tracker.take(accepted());
    await clock.advance(5 * S);
    clock.step(3_600 * S);
    await clock.advance(30 * S);
    expect(askedAt).toEqual([2, 4, 3_608, 3_616, 3_632]);
    fate = () => DELIVERED;
    await clock.advance(60 * S);
    expect(receipts).toHaveLength(1);
  });

  test('a vendor that cannot be asked, throws or hangs says nothing', async () => {
    tracker.take(accepted());
    fate = () => ({ outcome: 'unconfirmed', reason: 'network', detail: '' });
    await clock.advance(2 * S);
    fate = () => {
      throw new TypeError('+351912345678');
    };
    await clock.advance(2 * S);
    fate = () => new Promise<never>(() => {});
    await clock.advance(60 * S);
    fate = () => DELIVERED;
    await clock.advance(60 * S);
    expect(receipts).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain('+351');
  });

  test('acceptance that proves it, a row that has moved on and a stop end the asking', async () => {
    proof = 'acceptance';
    tracker.take(accepted());
    proof = 'receipt';
    tracker.take(accepted({ key: 'p2' }));
    tracker.take(accepted({ key: 'p2', state: 'delivered' }));
    tracker.take(accepted({ key: 'p3' }));
    tracker.stop();
    await clock.advance(60 * S);
    expect(askedAt).toEqual([]);
  });
});
