import { beforeEach, describe, expect, test } from 'vitest';
import type { Check } from '../../src/config/config.ts';
import type { Means } from '../../src/probes/probe.ts';
import { createScheduler, type Scheduler } from '../../src/schedule/scheduler.ts';
import { VirtualClock } from '../virtual-clock.ts';

const S = 1_000;
const TIMEOUT_MS = 5 * S;
const START = Date.UTC(2026, 0, 5, 9);

interface Began {
  readonly id: string;
  readonly at: number;
  readonly lateMs: number;
}

let clock: VirtualClock;
let looks: Began[];
let running: Map<string, () => void>;
let means: (id: string) => Means;
/** Does a look at it hang until its timeout, or until `end` is called? */
let hangs: (id: string) => boolean;
let failed: (id: string) => void;
let scheduler: Scheduler;

function open(mostWaiting = 10_000): void {
  scheduler = createScheduler({
    clock,
    mostWaiting,
    means: ({ id }) => means(id),
    async look(id, dueAt) {
      looks.push({ id, at: clock.now() - START, lateMs: clock.now() - (dueAt ?? clock.now()) });
      if (!hangs(id)) return;
      await new Promise<void>((resolve) => running.set(id, resolve));
      failed(id);
    },
  });
}

function watch(...groups: readonly (readonly [prefix: string, count: number, everyMs: number])[]) {
  const checks = groups.flatMap(([prefix, count, everyMs]) =>
    Array.from({ length: count }, (_, i) => {
      const id = `${prefix}${String(i)}`;
      return [id, { id, rhythm: { everyMs }, generation: 'g1' } as unknown as Check] as const;
    }),
  );
  scheduler.replace(new Map(checks));
  scheduler.start();
}

const of = (prefix: string) => looks.filter(({ id }) => id.startsWith(prefix));
const seen = (prefix: string) => new Set(of(prefix).map(({ id }) => id)).size;
const lane = (name: string) => scheduler.load().lanes.find((view) => view.lane === name);

function end(count = Infinity): void {
  for (const [id, resolve] of [...running].slice(0, count)) {
    running.delete(id);
    resolve();
  }
}

beforeEach(() => {
  clock = new VirtualClock(START);
  looks = [];
  running = new Map();
  means = () => 'sockets';
  hangs = (id) => !id.startsWith('fast');
  failed = () => {};
});

describe('ten thousand targets that swallow everything', () => {
  /** Lets each look that hangs end at its timeout, to a quarter of a second. */
  async function pass(ms: number): Promise<void> {
    const due: { readonly at: number; readonly ids: readonly string[] }[] = [];
    let known = 0;
    for (let passed = 0; passed < ms; passed += 250) {
      await clock.advance(250);
      const ids = looks.slice(known).flatMap(({ id }) => (hangs(id) ? [id] : []));
      due.push({ at: clock.now() + TIMEOUT_MS, ids });
      known = looks.length;
      while (due[0] && due[0].at <= clock.now()) {
        for (const id of due.shift()?.ids ?? []) {
          const resolve = running.get(id);
          running.delete(id);
          resolve?.();
        }
      }
    }
  }

  test('delay none of ten that answer: not at the start, and not while they are confirmed', async () => {
    open();
    failed = (id) => scheduler.lookAgain(id, clock.now() + 10 * S);
    watch(['hole', 10_000, 30 * S], ['fast', 10, 5 * S]);
    await pass(40 * S);
    expect(of('hole').length).toBeGreaterThan(20_000);
    expect(of('fast').length).toBeGreaterThanOrEqual(10 * 8);
    expect(of('fast').filter(({ lateMs }) => lateMs > 0)).toEqual([]);
    expect(scheduler.load().leftOut.late).toBe(0);
  }, 30_000);

  test('are themselves all looked at within four seconds', async () => {
    open();
    watch(['hole', 10_000, 30 * S]);
    await clock.advance(4 * S);
    expect(seen('hole')).toBe(10_000);
    expect(scheduler.load().waiting).toBeGreaterThan(9_000);
  });

  test('hold no more sockets than they may: the rest wait their turn, in order', async () => {
    open(100);
    watch(['hole', 1_000, 30 * S]);
    await clock.advance(10 * S);
    expect(of('hole')).toHaveLength(600);
    expect(scheduler.load()).toMatchObject({ waiting: 100 });
    expect(lane('regular')).toEqual({ lane: 'regular', limit: 500, running: 500, queued: 400 });
    end(50);
    await clock.advance(1 * S);
    expect(of('hole')).toHaveLength(650);
    end();
    await clock.advance(1 * S);
    end();
    await clock.advance(1 * S);
    expect(seen('hole')).toBe(1_000);
  });
});

describe('programs', () => {
  beforeEach(() => {
    means = (id) => (id.startsWith('fast') ? 'sockets' : 'programs');
    open();
    watch(['program', 200, 300 * S], ['fast', 10, 30 * S]);
  });

  test('that hang hold a lane of their own, and delay nobody else', async () => {
    await clock.advance(60 * S);
    expect(of('program')).toHaveLength(32);
    expect(lane('programs')).toEqual({ lane: 'programs', limit: 32, running: 32, queued: 168 });
    expect(of('fast').filter(({ lateMs }) => lateMs > 0)).toEqual([]);
    expect(scheduler.load().waiting).toBe(0);
    end(1);
    await clock.advance(0);
    expect(of('program')).toHaveLength(33);
  });

  test('that confirm a failure do not queue behind those that look for one', async () => {
    await clock.advance(60 * S);
    const [first] = of('program');
    end(1);
    await clock.advance(0);
    looks = [];
    scheduler.lookAgain(first!.id, clock.now());
    await clock.advance(0);
    expect(looks.map(({ id }) => id)).toEqual([first!.id]);
    expect(lane('programs_confirming')).toMatchObject({ limit: 16, running: 1, queued: 0 });
  });
});

test('names that only the system knows are looked up for one look at a time', async () => {
  means = (id) => (id.startsWith('fast') ? 'sockets' : 'system names');
  open();
  watch(['system', 5, 30 * S], ['fast', 5, 30 * S]);
  await clock.advance(10 * S);
  expect(of('system')).toHaveLength(1);
  expect(of('fast')).toHaveLength(5);
  expect(lane('system_names')).toMatchObject({ limit: 1, running: 1, queued: 4 });
  end();
  await clock.advance(0);
  expect(of('system')).toHaveLength(2);
});

test('looks that end at once leave nothing behind: no place taken, no alarm, nobody waiting', async () => {
  open();
  watch(['fast', 100, 30 * S]);
  await clock.advance(5 * S);
  expect(seen('fast')).toBe(100);
  expect(scheduler.load().lanes.every(({ running, queued }) => running + queued === 0)).toBe(true);
  await scheduler.drain(S);
  expect(clock.pending()).toBe(0);
});

test('what is left out is counted: the one before still ran, or its time had passed', async () => {
  open();
  watch(['hole', 1, 30 * S]);
  await clock.advance(100 * S);
  expect(scheduler.load().leftOut).toEqual({ unfinished: 3, late: 0 });
  end();
  await clock.advance(0);
  clock.hold(3_600 * S);
  await clock.advance(0);
  expect(scheduler.load().leftOut).toEqual({ unfinished: 3, late: 1 });
});
