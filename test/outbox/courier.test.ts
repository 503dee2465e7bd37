import { beforeEach, describe, expect, test } from 'vitest';
import type { AnyChannel, Letter, Line } from '../../src/channels/channel.ts';
import type { AddressKind, ChannelConfig } from '../../src/config/config.ts';
import type { TocsinEvent } from '../../src/events.ts';
import type { Notification, Outcome, Receipt } from '../../src/incident/notification.ts';
import { createCourier, type Courier } from '../../src/outbox/courier.ts';
import type { BeginTrace } from '../../src/system/trace.ts';
import type { Transport } from '../../src/system/transport.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { DEFAULTS } from '../message/templates.ts';

const S = 1_000;
const START = Date.UTC(2026, 0, 5, 3, 12);
const ACCEPTED: Outcome = { outcome: 'accepted', reference: 'SM1' };
const UNCONFIRMED: Outcome = { outcome: 'unconfirmed', reason: 'timeout', detail: '' };
const DEFERRED: Outcome = { outcome: 'deferred', reason: 'server', detail: 'HTTP 503' };

function page(key: string, more: Partial<Notification> = {}): Notification {
  return {
    key,
    kind: 'page',
    about: [key],
    responder: 'ana',
    channel: 'sms',
    state: 'queued',
    reason: null,
    facts: { event: 'test', text: key },
    at: START,
    dueAt: START,
    attempts: 0,
    acceptedAt: null,
    proofDueAt: null,
    reference: null,
    standsInFor: null,
    ...more,
  };
}

let clock: VirtualClock;
let courier: Courier;
let asked: string[];
let receipts: Receipt[];
let events: TocsinEvent[];
let channels: Map<string, { channel: AnyChannel; config: ChannelConfig }>;
let addresses: Map<string, string>;
let beginTrace: BeginTrace;
/** What the channel says to a message's nth sending; a promise that never ends is a vendor that hangs. */
let answer: (key: string, line: Line, letter: Letter) => Promise<Outcome> | Outcome;
/** What the pipeline would do with a receipt. */
let decide: (receipt: Receipt) => void;

function addChannel(
  id: string,
  address: AddressKind | null,
  find?: (key: string) => Promise<Outcome | null>,
): void {
  const channel = {
    type: 'fake',
    address,
    render: (letter: Letter) => letter,
    async send(letter: Letter, _options: object, line: Line) {
      const { key } = letter.notification;
      asked.push(`send ${key}${letter.to === null ? '' : ` to ${letter.to}`}`);
      return answer(key, line, letter);
    },
    ...(find && {
      find(letter: Letter) {
        asked.push(`find ${letter.notification.key}`);
        return find(letter.notification.key);
      },
    }),
  } as unknown as AnyChannel;
  channels.set(id, {
    channel,
    config: { id, type: 'fake', address, answerable: true, proof: 'acceptance', options: {} },
  });
}

beforeEach(() => {
  clock = new VirtualClock(START);
  asked = [];
  receipts = [];
  events = [];
  channels = new Map();
  addresses = new Map([['ana', '+351912345678']]);
  answer = () => ACCEPTED;
  beginTrace = () => null;
  decide = ({ key, outcome }) => {
    courier.take([
      page(key, { state: outcome === 'accepted' ? 'accepted' : 'failed', dueAt: null }),
    ]);
  };
  addChannel('sms', 'sms');
  courier = createCourier({
    clock,
    random: { seed: () => [0, 0, 0, 0], fraction: () => 0 },
    transport: {} as Transport,
    run: async () => ({ failure: 'missing', detail: 'no programs here' }),
    channel: (id) => channels.get(id) ?? null,
    address: (responder) => addresses.get(responder) ?? null,
    callback: () => null,
    reader: () => ({
      name: 'Ana',
      timezone: null,
      canAnswer: true,
      link: null,
      templates: DEFAULTS,
    }),
    incident: () => null,
    submit: async (receipt) => {
      receipts.push(receipt);
      decide(receipt);
    },
    beginTrace: () => beginTrace(),
    emit: (event) => events.push(event),
  });
});

const troubles = () => events.flatMap((event) => (event.type === 'trouble' ? [event.what] : []));
const hang = () => new Promise<never>(() => {});

describe('sending', () => {
  test('what is due leaves at once, and its receipt goes back', async () => {
    courier.take([page('p1')]);
    await clock.advance(0);
    expect(asked).toEqual(['send p1 to +351912345678']);
    expect(receipts).toEqual([{ ...ACCEPTED, key: 'p1', retryAt: null }]);
    expect(events).toEqual([
      { type: 'attempted', notification: page('p1'), outcome: ACCEPTED, tookMs: 0 },
    ]);
    expect(courier.pending()).toEqual(new Map());
    expect(clock.pending()).toBe(0);
  });

  test('an attempt that is recorded says in which trace, which began before it', async () => {
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startedAt: START };
    beginTrace = () => {
      asked.push('begin');
      return trace;
    };
    courier.take([page('p1')]);
    await clock.advance(0);
    expect(asked).toEqual(['begin', 'send p1 to +351912345678']);
    expect(events).toMatchObject([{ type: 'attempted', trace }]);
  });

  test('what is due later leaves then', async () => {
    courier.take([page('p1', { dueAt: START + 30 * S })]);
    await clock.advance(30 * S - 1);
    expect(asked).toEqual([]);
    expect(courier.pending()).toEqual(new Map([['sms', 1]]));
    await clock.advance(1);
    expect(receipts).toHaveLength(1);
  });

  test('the latest row of a key is the one that counts', async () => {
    courier.take([page('p1', { dueAt: START + 10 * S })]);
    courier.take([page('p1', { dueAt: START + 20 * S })]);
    await clock.advance(10 * S);
    expect(asked).toEqual([]);
    await clock.advance(10 * S);
    expect(asked).toHaveLength(1);
  });

  test.each([
    { state: 'withheld', dueAt: null },
    { state: 'failed', dueAt: START },
    { state: 'queued', dueAt: null },
    { state: 'unconfirmed', dueAt: null },
  ] as const)('a waiting row that becomes $state, due $dueAt, is dropped', async (row) => {
    courier.take([page('p1', { dueAt: START + 10 * S })]);
    courier.take([page('p1', row)]);
    await clock.advance(60 * S);
    expect(asked).toEqual([]);
    expect(courier.pending()).toEqual(new Map());
  });

  test('withheld while in flight, its receipt still comes back, and it is not sent again', async () => {
    let end: (outcome: Outcome) => void = () => {};
    answer = () => new Promise((resolve) => (end = resolve));
    decide = () => {};
    courier.take([page('p1')]);
    await clock.advance(0);
    courier.take([page('p1', { state: 'withheld', dueAt: null })]);
    end(ACCEPTED);
    await clock.advance(60 * S);
    expect(receipts).toHaveLength(1);
    expect(asked).toHaveLength(1);
    expect(courier.pending()).toEqual(new Map());
  });

  test('the address is the one of the moment of sending', async () => {
    courier.take([page('p1', { dueAt: START + 10 * S })]);
    addresses.set('ana', '+351900000000');
    await clock.advance(10 * S);
    expect(asked).toEqual(['send p1 to +351900000000']);
  });

  test('without an address it is refused for that, without a channel too', async () => {
    courier.take([page('p1', { responder: 'ben' }), page('p2', { channel: 'gone' })]);
    await clock.advance(0);
    expect(receipts).toMatchObject([
      { key: 'p1', outcome: 'refused', reason: 'address', detail: 'no address', retryAt: null },
      { key: 'p2', outcome: 'refused', reason: 'refused', detail: 'no channel', retryAt: null },
    ]);
    expect(asked).toEqual([]);
  });

  test('a channel that is its own address needs none', async () => {
    addChannel('war-room', null);
    courier.take([page('p1', { channel: 'war-room', responder: null, kind: 'post' })]);
    await clock.advance(0);
    expect(asked).toEqual(['send p1']);
  });
});

describe('trying again', () => {
  test('says when, and waits for the row that comes back', async () => {
    answer = () => DEFERRED;
    decide = ({ key, retryAt }) =>
      courier.take([page(key, { attempts: receipts.length, dueAt: retryAt })]);
    courier.take([page('p1')]);
    await clock.advance(999);
    expect(receipts).toMatchObject([{ outcome: 'deferred', retryAt: START + 1 * S }]);
    await clock.advance(1);
    expect(receipts).toHaveLength(2);
    expect(asked).toEqual(['send p1 to +351912345678', 'send p1 to +351912345678']);
  });

  test('heeds the vendor that asks for more patience', async () => {
    answer = () => ({ ...DEFERRED, retryAfterMs: 45 * S });
    courier.take([page('p1')]);
    await clock.advance(0);
    expect(receipts[0]!.retryAt).toBe(START + 45 * S);
  });

  test('nothing comes of a receipt that comes too late', async () => {
    answer = () => UNCONFIRMED;
    decide = () => {};
    courier.take([page('p1')]);
    await clock.advance(60 * S);
    expect(asked).toHaveLength(1);
    expect(courier.pending()).toEqual(new Map());
  });

  test('a receipt that is not taken is told', async () => {
    decide = () => {
      throw new Error('no pipeline');
    };
    courier.take([page('p1')]);
    await clock.advance(0);
    expect(troubles()).toEqual(['the receipt of p1 was not taken']);
  });

  test('an unconfirmed one is looked up first, and sent only if it was not found', async () => {
    addChannel('sms', 'sms', async (key) => (key === 'p1' ? ACCEPTED : null));
    const unconfirmed = { state: 'unconfirmed', attempts: 1 } as const;
    courier.take([page('p1', unconfirmed), page('p2', unconfirmed)]);
    await clock.advance(0);
    expect(asked).toEqual(['find p1', 'find p2', 'send p2 to +351912345678']);
    expect(receipts.map(({ key, outcome }) => `${key} ${outcome}`).sort()).toEqual([
      'p1 accepted',
      'p2 accepted',
    ]);
  });

  test('a row of an earlier run may have been sent: it is looked up, a new one is not', async () => {
    addChannel('sms', 'sms', async () => null);
    courier.take([page('old')], true);
    courier.take([page('new')]);
    await clock.advance(0);
    expect(asked.filter((what) => what.startsWith('find'))).toEqual(['find old']);
  });

  test('the doubt stays while it cannot be looked up', async () => {
    const found: (Outcome | null)[] = [DEFERRED, null];
    addChannel('sms', 'sms', async () => found.shift() ?? null);
    decide = ({ key, retryAt }) => courier.take([page(key, { attempts: 1, dueAt: retryAt })]);
    courier.take([page('p1')], true);
    await clock.advance(1 * S);
    expect(asked).toEqual(['find p1', 'find p1', 'send p1 to +351912345678']);
  });

  test('a channel without a memory gets it again', async () => {
    courier.take([page('p1', { state: 'unconfirmed', attempts: 1 })]);
    await clock.advance(0);
    expect(asked).toHaveLength(1);
  });
});

describe('a vendor in trouble', () => {
  test('one that takes its time is aborted at the deadline and may say how far it came', async () => {
    answer = (_key, { signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(UNCONFIRMED)));
    courier.take([page('p1')]);
    await clock.advance(10 * S - 1);
    expect(receipts).toEqual([]);
    await clock.advance(1);
    expect(receipts).toMatchObject([UNCONFIRMED]);
    expect(clock.pending()).toBe(0);
  });

  test('one that ignores that is given up a second later, unconfirmed', async () => {
    answer = hang;
    courier.take([page('p1')]);
    await clock.advance(11 * S - 1);
    expect(receipts).toEqual([]);
    await clock.advance(1);
    expect(receipts).toMatchObject([{ outcome: 'unconfirmed', reason: 'timeout' }]);
  });

  test('one that throws is unconfirmed, and its secrets stay inside', async () => {
    class VendorError extends Error {}
    answer = () => Promise.reject(new VendorError('Authorization: Basic c2VjcmV0'));
    courier.take([page('p1')]);
    await clock.advance(0);
    expect(receipts).toMatchObject([{ outcome: 'unconfirmed', detail: 'VendorError' }]);
    expect(troubles()).toEqual(['sms failed: VendorError']);
    expect(JSON.stringify([receipts, events])).not.toContain('c2VjcmV0');
  });

  test('words that cannot be made are refused, so that another way is tried at once', async () => {
    channels.get('sms')!.channel.render = () => {
      throw new TypeError('secret');
    };
    courier.take([page('p1')]);
    await clock.advance(0);
    expect(receipts).toMatchObject([{ outcome: 'refused', detail: 'could not be rendered' }]);
  });

  test('one that hangs delays no other channel, and posts delay no page', async () => {
    addChannel('lifeline', null);
    answer = (key) => (key.startsWith('slow') ? hang() : ACCEPTED);
    const slow = Array.from({ length: 50 }, (_, i) => page(`slow${i}`));
    const posts = slow.map((row) => ({
      ...row,
      key: `slow post ${row.key}`,
      about: [`x${row.key}`],
      kind: 'post' as const,
      responder: null,
      channel: 'lifeline',
    }));
    courier.take([...slow, ...posts, page('p1', { channel: 'lifeline' })]);
    await clock.advance(0);
    expect(receipts.map(({ key }) => key)).toEqual(['p1']);
    expect(asked.filter((what) => what.startsWith('send slow post'))).toHaveLength(8);
    expect(courier.pending()).toEqual(
      new Map([
        ['sms', 50],
        ['lifeline', 50],
      ]),
    );
  });

  test('one that refuses our credentials is asked once a second, the rest fails at once', async () => {
    answer = () => ({ outcome: 'refused', reason: 'auth', detail: 'error 20003' });
    courier.take([page('p1')]);
    await clock.advance(0);
    courier.take(Array.from({ length: 20 }, (_, i) => page(`q${i}`)));
    await clock.advance(500);
    expect(receipts).toHaveLength(21);
    expect(asked).toHaveLength(1);
    await clock.advance(500);
    courier.take([page('r')]);
    await clock.advance(0);
    expect(asked).toHaveLength(2);
  });
});

describe('order', () => {
  const about = ['i1'];
  const resolved = page('resolved', { kind: 'resolved', about, at: START + 1 });

  test('"resolved" does not overtake the page that is being sent', async () => {
    let end: (outcome: Outcome) => void = () => {};
    answer = (key) => (key === 'p1' ? new Promise((resolve) => (end = resolve)) : ACCEPTED);
    await clock.advance(1);
    courier.take([page('p1', { about })]);
    courier.take([resolved]);
    await clock.advance(5 * S);
    expect(asked).toEqual(['send p1 to +351912345678']);
    end(ACCEPTED);
    await clock.advance(0);
    expect(receipts.map(({ key }) => key)).toEqual(['p1', 'resolved']);
  });

  test('nor one that waits for another try', async () => {
    await clock.advance(1);
    courier.take([page('p1', { about, attempts: 1, dueAt: START + 9 * S }), resolved]);
    await clock.advance(8 * S);
    expect(asked).toEqual([]);
    await clock.advance(1 * S);
    expect(receipts.map(({ key }) => key)).toEqual(['p1', 'resolved']);
  });

  test('but goes when that one is withheld', async () => {
    await clock.advance(1);
    courier.take([page('p1', { about, attempts: 1, dueAt: START + 9 * S }), resolved]);
    courier.take([page('p1', { about, state: 'withheld', dueAt: null })]);
    await clock.advance(0);
    expect(receipts.map(({ key }) => key)).toEqual(['resolved']);
  });

  test('one that was put off for later and never tried holds nothing up', async () => {
    await clock.advance(1);
    courier.take([page('later', { about, kind: 'update', dueAt: START + 900 * S }), resolved]);
    await clock.advance(0);
    expect(receipts.map(({ key }) => key)).toEqual(['resolved']);
  });

  test('the order is that of the decisions, in whatever order the rows come', async () => {
    await clock.advance(1);
    courier.take([resolved, page('p1', { about })], true);
    await clock.advance(0);
    expect(asked.map((what) => what.split(' ')[1])).toEqual(['p1', 'resolved']);
  });

  test('another responder, channel or incident is another matter', async () => {
    addresses.set('ben', '+447700900123');
    addChannel('email', null);
    answer = (key) => (key === 'p1' ? hang() : ACCEPTED);
    await clock.advance(1);
    courier.take([
      page('p1', { about }),
      { ...resolved, key: 'r1', responder: 'ben' },
      { ...resolved, key: 'r2', channel: 'email' },
      { ...resolved, key: 'r3', about: ['i2'] },
    ]);
    await clock.advance(0);
    expect(receipts.map(({ key }) => key).sort()).toEqual(['r1', 'r2', 'r3']);
  });

  test('a message about several incidents waits for each of them', async () => {
    answer = (key) => (key === 'p2' ? hang() : ACCEPTED);
    await clock.advance(1);
    courier.take([page('p2', { about: ['i2'] }), { ...resolved, about: ['i1', 'i2'] }]);
    await clock.advance(5 * S);
    expect(receipts).toEqual([]);
  });
});

describe('a drain', () => {
  test('waits for the receipts of what is due and tries nothing again', async () => {
    let end: (outcome: Outcome) => void = () => {};
    answer = () => new Promise((resolve) => (end = resolve));
    decide = ({ key, retryAt }) => courier.take([page(key, { attempts: 1, dueAt: retryAt })]);
    courier.take([page('p1'), page('later', { dueAt: START + 2 * S })]);
    await clock.advance(0);
    let drained = false;
    void courier.drain(10 * S).then(() => (drained = true));
    await clock.advance(5 * S);
    expect(drained).toBe(false);
    end(DEFERRED);
    await clock.advance(60 * S);
    expect(drained).toBe(true);
    expect(asked).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  test('still sends what a last decision makes due', async () => {
    answer = (key, { clock: time }) =>
      new Promise((resolve) =>
        time.alarm(time.now() + (key === 'p1' ? 1 : 2) * S, () => resolve(ACCEPTED)),
      );
    courier.take([page('p1')]);
    await clock.advance(0);
    const drained = courier.drain(10 * S);
    courier.take([page('p2')]);
    await clock.advance(3 * S);
    await drained;
    expect(receipts.map(({ key }) => key)).toEqual(['p1', 'p2']);
  });

  test('ends when its patience does', async () => {
    answer = hang;
    courier.take([page('p1')]);
    await clock.advance(0);
    let drained = false;
    void courier.drain(3 * S).then(() => (drained = true));
    await clock.advance(3 * S);
    expect(drained).toBe(true);
  });
});
