import { beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../src/config/config.ts';
import type { TocsinEvent } from '../src/events.ts';
import { rebuild } from '../src/incident/apply.ts';
import type { Board } from '../src/incident/board.ts';
import type { Input } from '../src/incident/input.ts';
import type { Notification } from '../src/incident/notification.ts';
import { createPipeline, type Pipeline } from '../src/pipeline.ts';
import { memoryStore, MemoryDisk } from '../src/store/memory.ts';
import type { Store, Stored } from '../src/store/store.ts';
import {
  checkCalled,
  configOf,
  escalationCalled,
  MIDNIGHT,
  MINUTE,
  SECOND,
} from './incident/story.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let disk: MemoryDisk;
let store: Store;
let board: Board;
let config: Config;
let events: TocsinEvent[];
let taken: Notification[];
let pipeline: Pipeline;
let append: Store['append'];

beforeEach(async () => {
  clock = new VirtualClock(MIDNIGHT);
  disk = new MemoryDisk();
  store = memoryStore({ clock, disk });
  board = rebuild(await store.load(), clock.now());
  config = configOf({
    checks: [checkCalled('shop'), checkCalled('cart')],
    escalations: [escalationCalled('on-call', { groupMs: 0 })],
  });
  events = [];
  taken = [];
  append = (change) => store.append(change);
  let seeds = 0;
  pipeline = createPipeline({
    board,
    config: () => config,
    store: { ...bound(store), append: (change) => append(change) },
    courier: {
      take: (rows) => void taken.push(...rows),
      drain: () => Promise.resolve(),
      pending: () => new Map(),
      known: () => null,
    },
    clock,
    random: { seed: () => [++seeds, 2, 3, 4], fraction: () => 0.5 },
    emit: (event) => void events.push(event),
  });
  pipeline.start();
});

function bound(all: Store): Store {
  return {
    load: () => all.load(),
    append: (change) => all.append(change),
    saveChecks: (states) => all.saveChecks(states),
    snapshot: (whole) => all.snapshot(whole),
    history: all.history,
    close: () => all.close(),
  };
}

const down = (check: string): Input => ({
  type: 'turn',
  check,
  from: 'up',
  to: 'down',
  at: clock.now(),
  since: clock.now(),
  reason: 'status',
  brief: 'HTTP 503',
});
const pages = () => taken.filter(({ kind }) => kind === 'page').map(({ responder }) => responder);
const firstCode = () => [...board.incidents.values()][0]?.code ?? '';
const troubles = () => events.flatMap((event) => (event.type === 'trouble' ? [event.what] : []));
const memory = () => events.flatMap((event) => (event.type === 'memory' ? [event.kept] : []));

describe('a step', () => {
  test('what leaves the process waits for the store', async () => {
    const { promise, resolve } = Promise.withResolvers<Stored>();
    append = () => promise;
    const submitted = pipeline.submit(down('shop'));
    await clock.advance(100);
    expect(board.incidents.size).toBe(1);
    expect(taken).toEqual([]);
    resolve('stored');
    expect(await submitted).toMatchObject({ recorded: true });
    expect(pages()).toEqual(['ana']);
  });

  test('a disk that hangs holds a page for 250 ms, and no longer', async () => {
    append = () => new Promise(() => {});
    const submitted = pipeline.submit(down('shop'));
    await clock.advance(249);
    expect(taken).toEqual([]);
    await clock.advance(1);
    expect(await submitted).toMatchObject({ recorded: false });
    expect(pages()).toEqual(['ana']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'changed', recorded: false }));
  });

  test('inputs of one turn of the loop are decided together, and each hears what is about it', async () => {
    const answers = await Promise.all([
      pipeline.submit(down('shop')),
      pipeline.submit({ type: 'acknowledge', incident: 'nonsense', by: 'ana' }),
      pipeline.submit(down('cart')),
    ]);
    expect(answers.map(({ decisions }) => decisions.map(({ outcome }) => outcome))).toEqual([
      ['opened', 'paged'],
      ['unknown incident'],
      ['opened', 'paged'],
    ]);
    expect(events.filter(({ type }) => type === 'changed')).toHaveLength(1);
  });

  test('deadlines ring when they are due, also after a restart from what was stored', async () => {
    await pipeline.submit(down('shop'));
    const again = rebuild(await store.load(), clock.now());
    expect(again.incidents).toEqual(board.incidents);
    await clock.advance(5 * MINUTE);
    expect(pages()).toEqual(['ana', 'ben']);
  });

  test('a deadline that was put off holds up none that comes after it', async () => {
    await pipeline.submit(down('shop'));
    await clock.advance(MINUTE);
    await pipeline.submit({ type: 'acknowledge', incident: firstCode(), by: 'ana' });
    await clock.advance(MINUTE);
    await pipeline.submit(down('cart'));
    await clock.advance(5 * MINUTE - SECOND);
    expect(pages()).not.toContain('ben');
    await clock.advance(SECOND);
    expect(pages()).toContain('ben');
  });

  test('a thousand deadlines of one instant are each decided once', async () => {
    const checks = Array.from({ length: 1_000 }, (_, i) => checkCalled(`c${i}`));
    config = configOf({ checks, escalations: [escalationCalled('on-call', { groupMs: 0 })] });
    await Promise.all(checks.map(({ id }) => pipeline.submit(down(id))));
    await clock.advance(5 * MINUTE);
    const told = [...pipeline.board.notifications.values()].filter(
      ({ responder, kind, about }) => responder === 'ben' && kind === 'page' && about.length === 1,
    );
    expect(told).toHaveLength(1_000);
    const outcomes = events.flatMap((event) =>
      event.type === 'changed' ? event.change.reasons.map(({ outcome }) => outcome) : [],
    );
    expect(outcomes).not.toContain('nothing due');
  });
});

describe('without memory', () => {
  test('pages leave, one event says so, and one snapshot makes up for it when the store is back', async () => {
    disk.broken = true;
    const submitted = pipeline.submit(down('shop'));
    await clock.advance(0);
    expect(await submitted).toMatchObject({ recorded: false });
    expect(pages()).toEqual(['ana']);
    await clock.advance(10 * SECOND);
    expect(memory()).toEqual([false]);
    disk.broken = false;
    await clock.advance(5 * SECOND);
    expect(memory()).toEqual([false, true]);
    expect((await store.load()).incidents).toHaveLength(1);
  });

  test('a full disk that takes one snapshot, and then nothing, is not back', async () => {
    disk.broken = true;
    void pipeline.submit(down('shop'));
    await clock.advance(1_000);
    disk.broken = false;
    await clock.advance(1_000);
    expect((await store.load()).incidents).toHaveLength(1);
    disk.broken = true;
    void pipeline.submit(down('cart'));
    await clock.advance(10 * SECOND);
    expect(memory()).toEqual([false]);
    disk.broken = false;
    await clock.advance(5 * SECOND);
    expect(memory()).toEqual([false, true]);
    expect((await store.load()).incidents).toHaveLength(2);
  });
});

describe('something that cannot be decided', () => {
  /** The configuration of one check breaks whoever asks for it. */
  function poison(id: string): void {
    const checks = new Map(config.checks);
    const get = checks.get.bind(checks);
    checks.get = (asked: string) => {
      if (asked === id) throw new TypeError('poison');
      return get(asked);
    };
    config = { ...config, checks };
  }

  test('does not stop what came with it', async () => {
    poison('cart');
    const [bad, good] = await Promise.all([
      pipeline.submit(down('cart')),
      pipeline.submit(down('shop')),
    ]);
    expect(bad).toEqual({ recorded: false, decisions: [] });
    expect(good.decisions.map(({ outcome }) => outcome)).toEqual(['opened', 'paged']);
    expect(troubles()).toEqual(['could not decide turn: TypeError: poison']);
  });

  test('a deadline that cannot be decided holds up no other, and is not tried without a rest', async () => {
    await pipeline.submit(down('cart'));
    await pipeline.submit(down('shop'));
    poison('cart');
    await clock.advance(5 * MINUTE + 5 * SECOND);
    expect(pages()).toEqual(['ana', 'ana', 'ben']);
    expect(troubles()).toHaveLength(1);
    await clock.advance(10 * SECOND);
    expect(troubles()).toHaveLength(2);
  });
});
