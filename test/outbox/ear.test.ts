import { beforeEach, expect, test } from 'vitest';
import type {
  AnyChannel,
  Call,
  Heard,
  Line,
  ListenFailure,
  Refusal,
  Spoken,
} from '../../src/channels/channel.ts';
import type { ChannelConfig } from '../../src/config/config.ts';
import type { TocsinEvent } from '../../src/events.ts';
import type { Notification } from '../../src/incident/notification.ts';
import { createEar, type Ear } from '../../src/outbox/ear.ts';
import type { Transport } from '../../src/system/transport.ts';
import { VirtualClock } from '../virtual-clock.ts';

const S = 1_000;
const START = Date.UTC(2026, 0, 5, 3, 12);
type Answer = { spoken: Spoken[]; cursor: string } | ListenFailure;

let clock: VirtualClock;
let ear: Ear;
let polls: { at: number; cursor: string | null }[];
let heard: string[];
let events: TocsinEvent[];
let stored: string | null;
let awaited: boolean;
let answer: (line: Line) => Promise<Answer>;
let answerable: boolean;
let isCalled: boolean;
let call: (call: Call) => Heard | Refusal;
let take: () => Promise<void>;

const page = { key: 'i1.page', channel: 'sms' } as Notification;
const said = (text: string): Spoken => ({
  from: '+351912345678',
  text,
  sentAt: START,
  reference: `SM${text}`,
});

beforeEach(() => {
  clock = new VirtualClock(START);
  polls = [];
  heard = [];
  events = [];
  stored = 'c0';
  awaited = false;
  answer = async () => ({ spoken: [], cursor: 'c1' });
  answerable = true;
  isCalled = false;
  call = () => ({ refusal: 'signature' });
  take = async () => {};
  const channel = {
    vendor: 'acme',
    hear: async (asked: Call) => call(asked),
    remember: (cursor: string | null, references: string[]) => [cursor, ...references].join('+'),
    async listen(cursor: string | null, _options: object, line: Line) {
      polls.push({ at: clock.now() - START, cursor });
      return answer(line);
    },
  } as unknown as AnyChannel;
  ear = createEar({
    clock,
    transport: {} as Transport,
    run: async () => ({ failure: 'missing', detail: 'no programs here' }),
    channels: () => [{ channel, config: { id: 'sms', answerable } as ChannelConfig }],
    cursor: () => stored,
    awaited: () => (awaited ? [page] : []),
    answered: () => (awaited ? [] : [page]),
    isCalled: () => isCalled,
    async fate(id, reference, { outcome }) {
      heard.push(`${id}: ${reference} ${outcome}`);
    },
    async heard(id, spoken, cursor) {
      await take();
      heard.push(`${id}: ${spoken.map(({ text }) => text).join(', ')} (${String(cursor)})`);
      stored = cursor;
      return { said: `heard ${spoken.at(-1)?.text ?? ''}` };
    },
    emit: (event) => events.push(event),
  });
});

const troubles = () => events.flatMap((event) => (event.type === 'trouble' ? [event.what] : []));

test('listens at the start and then once a minute', async () => {
  ear.start();
  await clock.advance(120 * S);
  expect(polls.map(({ at }) => at)).toEqual([0, 60 * S, 120 * S]);
});

test('listens every 5 s, from 5 s on at the latest, while a page waits for an answer', async () => {
  ear.start();
  await clock.advance(21 * S);
  awaited = true;
  await clock.advance(14 * S);
  expect(polls.map(({ at }) => at)).toEqual([0, 25 * S, 30 * S, 35 * S]);
});

test('listens once more when nobody is awaited any longer: what rings can be told to stop', async () => {
  awaited = true;
  ear.start();
  await clock.advance(6 * S);
  awaited = false;
  await clock.advance(60 * S);
  expect(polls.map(({ at }) => at)).toEqual([0, 5 * S, 10 * S]);
});

test('listens as often when the clock was set back by an hour', async () => {
  awaited = true;
  ear.start();
  await clock.advance(5 * S);
  clock.step(-3_600 * S);
  await clock.advance(10 * S);
  expect(polls.map(({ at }) => at)).toEqual([0, 5 * S, -3_590 * S, -3_585 * S]);
});

test('hands on what was said with its cursor, and goes on from there', async () => {
  answer = async () => ({ spoken: [said(polls.length > 1 ? '8M' : '7K')], cursor: 'c7' });
  ear.start();
  await clock.advance(60 * S);
  expect(heard).toEqual(['sms: 7K (c7)', 'sms: 8M (c7)']);
  expect(polls.map(({ cursor }) => cursor)).toEqual(['c0', 'c7']);
});

test('silence is not worth writing down, but where it began to listen is', async () => {
  ear.start();
  await clock.advance(0);
  expect(heard).toEqual([]);
  stored = null;
  await clock.advance(60 * S);
  expect(heard).toEqual(['sms:  (c1)']);
});

test('words that were not taken are heard again', async () => {
  answer = async () => ({ spoken: [said('7K')], cursor: 'c7' });
  take = () => Promise.reject(new Error('no pipeline'));
  ear.start();
  await clock.advance(60 * S);
  expect(polls.map(({ cursor }) => cursor)).toEqual(['c0', 'c0']);
  expect(troubles()).toHaveLength(1);
});

test('a channel that cannot be heard is told once, and once when it can be again', async () => {
  answer = async () => ({ failure: 'HTTP 503' });
  ear.start();
  await clock.advance(180 * S);
  answer = async () => ({ spoken: [], cursor: 'c1' });
  await clock.advance(120 * S);
  expect(troubles()).toEqual(['sms cannot be heard: HTTP 503', 'sms can be heard again']);
});

test('one that throws gives away no more than the name of the error', async () => {
  answer = () => Promise.reject(new TypeError('Basic c2VjcmV0'));
  ear.start();
  await clock.advance(0);
  expect(troubles()).toEqual(['sms cannot be heard: TypeError']);
});

test('one that hangs is asked once at a time, aborted at 10 s and given up', async () => {
  awaited = true;
  const signals: AbortSignal[] = [];
  answer = ({ signal }) => {
    signals.push(signal);
    return new Promise(() => {});
  };
  ear.start();
  await clock.advance(10 * S);
  expect(polls).toHaveLength(1);
  expect(signals[0]!.aborted).toBe(true);
  await clock.advance(5 * S);
  expect(polls).toHaveLength(2);
});

test('a channel that nobody can answer by is not polled', async () => {
  answerable = false;
  ear.start();
  await clock.advance(120 * S);
  expect(polls).toEqual([]);
});

test('a drain gives up what is being heard and listens no more', async () => {
  answer = () => new Promise(() => {});
  ear.start();
  await clock.advance(0);
  await ear.drain();
  await clock.advance(120 * S);
  expect(polls).toHaveLength(1);
  expect(clock.pending()).toBe(0);
});

const CALL: Call = { what: 'sms', url: '', headers: {}, body: '', at: START };
const OK = { type: 'text/xml', body: '' };
const answerOk = () => OK;

test('a vendor that calls is polled once a minute, also while a page waits for an answer', async () => {
  isCalled = true;
  awaited = true;
  ear.start();
  await clock.advance(120 * S);
  expect(polls.map(({ at }) => at)).toEqual([0, 60 * S, 120 * S]);
});

test('words by a call are handed on with a cursor that holds them, and are no news to a poll or another call', async () => {
  isCalled = true;
  call = () => ({ spoken: [said('7K')], fates: [], answer: answerOk });
  ear.start();
  await clock.advance(1 * S);
  expect(await ear.called('acme', CALL)).toEqual(OK);
  expect(await ear.called('acme', CALL)).toEqual(OK);
  answer = async () => ({ spoken: [said('7K'), said('WHY 7K')], cursor: 'c2' });
  await clock.advance(60 * S);
  expect(heard).toEqual(['sms: 7K (c1+SM7K)', 'sms: WHY 7K (c2)']);
});

test('the answer to a call says what came of its words, the same when they come again', async () => {
  isCalled = true;
  const answer = (words: string | null) => ({ type: 'text/xml', body: String(words) });
  call = () => ({ spoken: [said('7K')], fates: [], answer });
  for (const body of ['heard 7K', 'heard 7K']) {
    expect(await ear.called('acme', CALL)).toEqual({ type: 'text/xml', body });
  }
  expect(heard).toHaveLength(1);
  call = () => ({ spoken: [], fates: [], answer });
  expect(await ear.called('acme', CALL)).toEqual({ type: 'text/xml', body: 'null' });
});

test('words by a poll are no news to a call that comes later', async () => {
  isCalled = true;
  answer = async () => ({ spoken: [said('7K')], cursor: 'c7' });
  call = () => ({ spoken: [said('7K')], fates: [], answer: answerOk });
  ear.start();
  await clock.advance(1 * S);
  expect(await ear.called('acme', CALL)).toEqual(OK);
  expect(heard).toEqual(['sms: 7K (c7)']);
});

test('what became of messages is handed on', async () => {
  isCalled = true;
  const outcome = { outcome: 'delivered', reference: 'SM1' } as const;
  call = () => ({ spoken: [], fates: [{ reference: 'SM1', outcome }], answer: answerOk });
  expect(await ear.called('acme', CALL)).toEqual(OK);
  expect(heard).toEqual(['sms: SM1 delivered']);
});

test('calls with a wrong signature are refused, and that is said once an hour', async () => {
  isCalled = true;
  for (let n = 0; n < 50; n += 1) {
    expect(await ear.called('acme', CALL)).toEqual({ refused: 'signature' });
  }
  expect(troubles()).toHaveLength(1);
  await clock.advance(3_600 * S);
  await ear.called('acme', CALL);
  expect(troubles()).toHaveLength(2);
  expect(heard).toEqual([]);
});

test('nobody is heard who was not asked to call', async () => {
  call = () => ({ spoken: [said('7K')], fates: [], answer: answerOk });
  expect(await ear.called('acme', CALL)).toEqual({ refused: 'unknown' });
  isCalled = true;
  expect(await ear.called('other', CALL)).toEqual({ refused: 'unknown' });
  expect(heard).toEqual([]);
});
