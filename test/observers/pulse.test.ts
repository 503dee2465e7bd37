/** The whole chain from what is wrong to the ping that is not sent, by a clock that a test moves. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { AnyChannel } from '../../src/channels/channel.ts';
import type { HeartbeatTo } from '../../src/config/config.ts';
import type { TocsinEvent } from '../../src/events.ts';
import type { Outcome } from '../../src/incident/notification.ts';
import { createPulse, type Pulse } from '../../src/observers/pulse.ts';
import { createCheckup, type Checkup } from '../../src/outbox/checkup.ts';
import { createSelfTest } from '../../src/self-test.ts';
import type { Stored } from '../../src/store/store.ts';
import type { Answer, Call, NetworkFailure, Transport } from '../../src/system/transport.ts';
import { configOf } from '../incident/story.ts';
import { VirtualClock } from '../virtual-clock.ts';

const S = 1_000;
const START = Date.UTC(2026, 0, 5, 3, 12);
const URL = 'https://hc.example/ping/5f1c-secret';
const WELL: Outcome = { outcome: 'accepted', reference: null };
const LOST: Outcome = { outcome: 'deferred', reason: 'network', detail: 'nobody listens' };
const REFUSED: Outcome = { outcome: 'refused', reason: 'auth', detail: 'HTTP 401' };
const NEVER = new Promise<never>(() => undefined);

let clock: VirtualClock;
let events: TocsinEvent[];
let pings: number[];
let unheard: ({ readonly since: number; readonly why: string } | null)[];
let answer: (call: Call) => Promise<Answer | NetworkFailure>;
let stored: () => Promise<Stored>;
let late: { due: number; queued: number };
/** By channel; undefined: it cannot be asked. */
let vendors: Map<string, (() => Promise<Outcome>) | undefined>;
let locals: Set<string>;
let asked: string[];
let known: Outcome | null;
let to: HeartbeatTo | null;
let checkup: Checkup;
let pulse: Pulse;

const status = (code: number): Answer => ({ status: code, headers: {}, body: '' });
const at = (instant: number) => (instant - START) / S;
const pulses = () => events.filter((event) => event.type === 'pulse');

beforeEach(() => {
  clock = new VirtualClock(START);
  events = [];
  pings = [];
  unheard = [];
  asked = [];
  known = null;
  answer = async () => status(200);
  stored = async () => 'stored';
  late = { due: 0, queued: 0 };
  vendors = new Map([['sms', async () => WELL]]);
  locals = new Set();
  to = { url: URL, everyMs: 60 * S };
  const emit = (event: TocsinEvent) => void events.push(event);
  checkup = createCheckup({
    clock,
    transport: {} as Transport,
    run: async () => ({ failure: 'missing', detail: 'no programs here' }),
    channels: () =>
      [...vendors].map(([id, check]) => ({
        channel: {
          ...(check && { check: () => (asked.push(id), check()) }),
          ...(locals.has(id) && { isLocal: true }),
        } as unknown as AnyChannel,
        config: {
          ...{ id, type: 'fake', address: null, answerable: false },
          ...{ proof: 'acceptance', options: {} },
        },
      })),
    known: () => known,
    emit,
  });
  const selfTest = createSelfTest({
    clock,
    scheduler: { lateMs: () => late },
    store: { saveChecks: () => stored() },
    isAnyoneReachable: checkup.isAnyoneReachable,
  });
  pulse = createPulse({
    clock,
    transport: { call: (call) => (pings.push(at(clock.now())), answer(call)) },
    config: () => ({ ...configOf({ checks: [] }), heartbeatTo: to }),
    test: selfTest.run,
    unheard: (refused) => void unheard.push(refused),
    emit,
  });
});

describe('a heartbeat leaves', () => {
  test('at the start and once a period from then on, each after a self-test', async () => {
    pulse.start();
    await clock.advance(181 * S);
    expect(pings).toEqual([0, 60, 120, 180]);
    expect(pulses()).toHaveLength(4);
    expect(pulses()[0]).toEqual({ type: 'pulse', failed: [], refusal: null, at: START });
    expect(unheard).toEqual([null, null, null, null]);
  });

  test('not before the start, not after the stop, and nothing is left to ring', async () => {
    pulse.configured();
    await clock.advance(60 * S);
    pulse.start();
    await clock.advance(S);
    pulse.stop();
    await clock.advance(600 * S);
    expect(pings).toEqual([60]);
    expect(clock.pending()).toBe(0);
  });

  test('nowhere without a switch, and nobody is asked for it', async () => {
    to = null;
    pulse.start();
    await clock.advance(600 * S);
    expect([pings, asked, events]).toEqual([[], [], []]);
  });

  test('to another switch as soon as a reload names it, and nowhere when it names none', async () => {
    pulse.start();
    await clock.advance(30 * S);
    const urls: string[] = [];
    answer = async ({ url }) => (urls.push(url), status(200));
    pulse.configured();
    await clock.advance(S);
    expect(urls).toEqual([]);
    to = { url: `${URL}2`, everyMs: 300 * S };
    pulse.configured();
    await clock.advance(S);
    expect(urls).toEqual([`${URL}2`]);
    to = null;
    pulse.configured();
    await clock.advance(600 * S);
    expect(urls).toHaveLength(1);
  });

  test('to the other switch when the reload comes while one is being asked', async () => {
    const { promise: taken, resolve } = Promise.withResolvers<Answer>();
    answer = () => taken;
    pulse.start();
    await clock.advance(S);
    const urls: string[] = [];
    answer = async ({ url }) => (urls.push(url), status(200));
    to = { url: `${URL}2`, everyMs: 60 * S };
    pulse.configured();
    await clock.advance(S);
    expect(urls).toEqual([]);
    resolve(status(200));
    await clock.advance(60 * S);
    expect(urls).toEqual([`${URL}2`, `${URL}2`]);
  });
});

describe('no heartbeat leaves within a minute of it', () => {
  const silentAfter = async (fault: () => void, heal: () => void, part: string) => {
    pulse.start();
    await clock.advance(90 * S);
    fault();
    await clock.advance(600 * S);
    expect(pings.filter((ping) => ping > 90 + 60)).toEqual([]);
    expect(pulses().at(-1)).toMatchObject({ failed: [part], refusal: null });
    heal();
    await clock.advance(60 * S);
    expect(pings.at(-1)).toBeGreaterThan(690);
    expect(pulses().at(-1)).toMatchObject({ failed: [] });
  };

  test('when nobody notices what is due', async () => {
    const stall = () => (late = { due: 11 * S, queued: 0 });
    await silentAfter(stall, () => (late = { due: 0, queued: 0 }), 'scheduler');
  });

  test('when looks wait for places and get none', async () => {
    const stall = () => (late = { due: 0, queued: 31 * S });
    await silentAfter(stall, () => (late = { due: 0, queued: 29 * S }), 'scheduler');
  });

  test.each(['failed', 'fenced'] as const)('when a write to the store has %s', async (how) => {
    await silentAfter(
      () => (stored = async () => how),
      () => (stored = async () => 'stored'),
      'store',
    );
  });

  test('when a write to the store does not end', async () => {
    await silentAfter(
      () => (stored = () => NEVER),
      () => (stored = async () => 'stored'),
      'store',
    );
  });

  test('when a write to the store throws', async () => {
    const lost = async (): Promise<Stored> => {
      throw new Error('the thread is gone');
    };
    await silentAfter(
      () => (stored = lost),
      () => (stored = async () => 'stored'),
      'store',
    );
  });

  test.each<[string, () => Promise<Outcome>]>([
    ['cannot be reached', async () => LOST],
    ['refuses us', async () => REFUSED],
    ['says nothing', () => NEVER],
    ['makes its channel throw', () => Promise.reject(new Error('Authorization: Basic c2VjcmV0'))],
  ])('when the only vendor %s', async (_how, down) => {
    await silentAfter(
      () => vendors.set('sms', down),
      () => vendors.set('sms', async () => WELL),
      'channels',
    );
    expect(JSON.stringify(events)).not.toContain('c2VjcmV0');
  });

  test('when a channel hangs, and its breaker says so unasked', async () => {
    await silentAfter(
      () => (known = LOST),
      () => (known = null),
      'channels',
    );
  });
});

describe('somebody can be reached', () => {
  const isReachable = () => checkup.isAnyoneReachable();

  test('while one of the channels is well', async () => {
    vendors.set('sms', async () => LOST).set('email', async () => WELL);
    expect(await isReachable()).toBe(true);
    const told = events.map((event) => event.type === 'checked_up' && event.channel);
    expect(told.toSorted()).toEqual(['email', 'sms']);
  });

  test('by a message that was accepted half a minute ago, whatever the check says', async () => {
    vendors.set('sms', async () => LOST);
    checkup.attempted('sms', WELL);
    await clock.advance(30 * S);
    expect(await isReachable()).toBe(true);
    await clock.advance(S);
    expect(await isReachable()).toBe(false);
  });

  test('by the check, though a message was refused: it was refused for its own sake', async () => {
    checkup.attempted('sms', { outcome: 'refused', reason: 'address', detail: 'no such number' });
    expect(await isReachable()).toBe(true);
  });

  test('and no vendor is asked more often than every 20 s for that', async () => {
    for (let second = 0; second < 60; second += 5) {
      await isReachable();
      await clock.advance(5 * S);
    }
    expect(asked).toEqual(['sms', 'sms', 'sms']);
  });

  test('not by what is printed on this machine', async () => {
    vendors.set('sms', async () => LOST).set('console', undefined);
    locals.add('console');
    checkup.attempted('console', WELL);
    expect(await isReachable()).toBe(false);
  });

  test('by channels that cannot be asked, until each has failed the last time', async () => {
    vendors = new Map([
      ['slack', undefined],
      ['hook', undefined],
    ]);
    expect(await isReachable()).toBe(true);
    checkup.attempted('slack', LOST);
    expect(await isReachable()).toBe(true);
    checkup.attempted('hook', REFUSED);
    expect(await isReachable()).toBe(false);
    checkup.attempted('hook', WELL);
    expect(await isReachable()).toBe(true);
  });

  test('where nobody is paged at all', async () => {
    vendors = new Map([['console', undefined]]);
    locals.add('console');
    expect(await isReachable()).toBe(true);
  });
});

describe('a switch that does not take it', () => {
  const gone: NetworkFailure = {
    ...{ failure: 'refused', detail: `${URL} refused`, sent: false, ip: null, tls: null },
    phases: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 },
  };

  test.each<[string, Answer | NetworkFailure]>([
    ['HTTP 404', status(404)],
    ['HTTP 302', status(302)],
    ['refused', gone],
  ])('is asked again every 15 s, and says %s without its URL', async (why, given) => {
    answer = async () => given;
    pulse.start();
    await clock.advance(46 * S);
    expect(pings).toEqual([0, 15, 30, 45]);
    expect(unheard).toEqual(Array<unknown>(4).fill({ since: START, why }));
    expect(JSON.stringify(events)).not.toContain('secret');
    answer = async () => status(200);
    await clock.advance(15 * S);
    expect(unheard.at(-1)).toBeNull();
  });

  test('is given ten seconds', async () => {
    answer = ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ ...gone, failure: 'timeout' }));
      });
    pulse.start();
    await clock.advance(9 * S);
    expect(unheard).toEqual([]);
    await clock.advance(S);
    expect(unheard).toEqual([{ since: START + 10 * S, why: 'timeout' }]);
  });
});
