import { beforeEach, describe, expect, test } from 'vitest';
import type { Check, Rhythm } from '../../src/config/config.ts';
import { createScheduler, type Scheduler } from '../../src/schedule/scheduler.ts';
import { VirtualClock } from '../virtual-clock.ts';

const S = 1_000;
const START = Date.UTC(2026, 0, 5, 9);

interface Began {
  readonly id: string;
  readonly at: number;
  readonly dueAt: number | null;
}

function check(id: string, rhythm: Rhythm | number = 30 * S, generation = 'g1'): [string, Check] {
  const beat = typeof rhythm === 'number' ? { everyMs: rhythm } : rhythm;
  return [id, { id, rhythm: beat, generation } as unknown as Check];
}

const many = (n: number, generation = 'g1') =>
  new Map(Array.from({ length: n }, (_, i) => check(`c${i}`, 30 * S, generation)));

let clock: VirtualClock;
let looks: Began[];
let trouble: string[];
let scheduler: Scheduler;
let takesMs: (id: string) => number;
let onLook: (id: string) => void;
let signals: AbortSignal[];

beforeEach(() => {
  clock = new VirtualClock(START);
  looks = [];
  trouble = [];
  signals = [];
  takesMs = () => 0;
  onLook = () => {};
  scheduler = createScheduler({
    clock,
    trouble: (what) => trouble.push(what),
    async look(id, dueAt, signal) {
      looks.push({ id, at: clock.now() - START, dueAt: dueAt === null ? null : dueAt - START });
      signals.push(signal);
      const ms = takesMs(id);
      if (ms > 0) await new Promise<void>((done) => clock.alarm(clock.now() + ms, done));
      onLook(id);
    },
  });
});

const times = (id: string) => looks.filter((look) => look.id === id).map((look) => look.at);

describe('the rhythm', () => {
  test('one check is looked at within 20 ms of the start, then every 30 s exactly', async () => {
    scheduler.replace(new Map([check('shop')]));
    scheduler.start();
    await clock.advance(200 * S);
    const [first, second, ...rest] = times('shop');
    expect(first).toBeLessThan(20);
    let last = second!;
    for (const at of rest) {
      expect(at - last).toBe(30 * S);
      last = at;
    }
    expect(rest.length).toBeGreaterThanOrEqual(5);
  });

  test('nothing is looked at before the start', async () => {
    scheduler.replace(new Map([check('shop')]));
    await clock.advance(60 * S);
    expect(looks).toEqual([]);
  });

  test('a slow look delays none of the next ones', async () => {
    takesMs = () => 4_321;
    scheduler.replace(new Map([check('shop', 5 * S)]));
    scheduler.start();
    await clock.advance(60 * S);
    const ats = times('shop').slice(1);
    expect(new Set(ats.map((at) => at % (5 * S))).size).toBe(1);
  });

  test('a thousand checks begin within 4 s, not many of them at one instant', async () => {
    scheduler.replace(many(1_000));
    scheduler.start();
    await clock.advance(4 * S);
    expect(new Set(looks.map(({ id }) => id)).size).toBe(1_000);
    const crowd = new Map<number, number>();
    for (const { at } of looks) crowd.set(at, (crowd.get(at) ?? 0) + 1);
    expect(Math.max(...crowd.values())).toBeLessThan(20);
  });

  test('a cron check waits for its cron', async () => {
    scheduler.replace(new Map([check('backup', { cron: '*/5 * * * *', timezone: 'UTC' })]));
    scheduler.start();
    expect(scheduler.nextAt('backup')).toBe(START + 300 * S);
    await clock.advance(601 * S);
    expect(times('backup')).toEqual([300 * S, 600 * S]);
  });

  test('only one alarm is set, however many checks there are', () => {
    scheduler.replace(many(100));
    scheduler.start();
    expect(clock.pending()).toBe(1);
  });
});

describe('what was slept through', () => {
  test('is not made up for: each check goes on in its rhythm', async () => {
    scheduler.replace(many(100));
    scheduler.start();
    await clock.advance(60 * S);
    looks = [];
    // An hour in which the loop did not run: every alarm rings late.
    const real = clock.now.bind(clock);
    clock.now = () => real() + 3_600 * S;
    await clock.advance(30 * S);
    const crowd = new Map<number, number>();
    for (const { at } of looks) crowd.set(at, (crowd.get(at) ?? 0) + 1);
    expect(looks.length).toBeLessThanOrEqual(101);
    expect(Math.max(...crowd.values())).toBeLessThan(20);
    expect(trouble).toHaveLength(1);
  });
});

describe('an hour away', () => {
  test('ten thousand checks that were being confirmed come back a lane at a time', async () => {
    takesMs = () => 50;
    onLook = (id) => scheduler.lookAgain(id, clock.now() + 10 * S);
    scheduler.replace(many(10_000));
    scheduler.start();
    await clock.advance(5 * S);
    looks = [];
    clock.hold(3_600 * S);
    await clock.advance(0);
    expect(looks.length).toBeGreaterThan(0);
    expect(looks.length).toBeLessThanOrEqual(500 + 500);
  });

  test('each check is looked at once for it, and once a rhythm from then on', async () => {
    scheduler.replace(many(1_000));
    scheduler.start();
    await clock.advance(60 * S);
    looks = [];
    clock.hold(3_600 * S);
    await clock.advance(90 * S);
    const byCheck = Map.groupBy(looks, ({ id }) => id);
    expect(byCheck.size).toBe(1_000);
    for (const [{ at: forIt }, { at: next }, ...rest] of byCheck.values() as Iterable<
      [Began, Began, ...Began[]]
    >) {
      expect(next - forIt).toBeLessThanOrEqual(30 * S + 100);
      rest.forEach(({ at }, n) => expect(at - next).toBe((n + 1) * 30 * S));
    }
  });
});

test('alarms that ring late every time do not move the due times', async () => {
  scheduler.replace(new Map([check('shop', 10 * S)]));
  scheduler.start();
  await clock.advance(15 * S);
  const due = scheduler.nextAt('shop')!;
  looks = [];
  for (let round = 0; round < 1_000; round++) {
    const next = scheduler.nextAt('shop')!;
    await clock.advanceTo(next - 1);
    clock.hold(1 + (round % 7));
    await clock.advance(0);
  }
  expect(scheduler.nextAt('shop')! - due).toBe(1_000 * 10 * S);
  const dues = looks.map(({ dueAt }) => dueAt);
  expect(dues).toEqual(Array.from({ length: 1_000 }, (_, i) => due - START + i * 10 * S));
});

describe('lookAgain', () => {
  beforeEach(async () => {
    scheduler.replace(new Map([check('shop', 30 * S)]));
    scheduler.start();
    await clock.advance(60 * S);
    looks = [];
  });

  test('comes sooner than the rhythm, which then goes on where it was', async () => {
    const regular = scheduler.nextAt('shop')!;
    await clock.advanceTo(regular);
    scheduler.lookAgain('shop', regular + 10 * S);
    expect(scheduler.nextAt('shop')).toBe(regular + 10 * S);
    await clock.advance(60 * S);
    const from = regular - START;
    expect(times('shop').map((at) => at - from)).toEqual([0, 10 * S, 30 * S, 60 * S]);
  });

  test('is never later than a whole rhythm after the last look', async () => {
    const regular = scheduler.nextAt('shop')!;
    await clock.advanceTo(regular);
    scheduler.lookAgain('shop', regular + 90 * S);
    expect(scheduler.nextAt('shop')).toBe(regular + 30 * S);
  });

  test('rechecks keep their distance: a regular look does not come in between', async () => {
    const regular = scheduler.nextAt('shop')!;
    onLook = (id) => scheduler.lookAgain(id, clock.now() + 20 * S);
    await clock.advanceTo(regular + 60 * S);
    expect(times('shop').map((at) => at - (regular - START))).toEqual([0, 20 * S, 40 * S, 60 * S]);
  });

  test('a check that is gone is not looked at again', async () => {
    scheduler.replace(new Map());
    scheduler.lookAgain('shop', clock.now());
    await clock.advance(60 * S);
    expect(looks).toEqual([]);
    expect(scheduler.nextAt('shop')).toBeNull();
  });

  test('before the first look it is not lost in time', () => {
    scheduler.replace(new Map([check('fresh', 30 * S)]));
    scheduler.lookAgain('fresh', clock.now() + 5);
    expect(scheduler.nextAt('fresh')).toBeGreaterThanOrEqual(clock.now());
    expect(scheduler.nextAt('fresh')).toBeLessThanOrEqual(clock.now() + 20);
  });
});

describe('lookNow', () => {
  beforeEach(async () => {
    scheduler.replace(new Map([check('edge', 30 * S), check('db', 30 * S)]));
    scheduler.start();
    await clock.advance(60 * S);
    looks = [];
  });

  test('looks at once, says that it was asked for, and leaves the rhythm alone', async () => {
    const next = scheduler.nextAt('edge')!;
    scheduler.lookNow(['edge', 'unheard of']);
    await clock.advance(0);
    expect(looks).toEqual([{ id: 'edge', at: 60 * S, dueAt: null }]);
    expect(scheduler.nextAt('edge')).toBe(next);
  });

  test('asked for while a look runs, another follows it: that one began too early', async () => {
    takesMs = () => 3 * S;
    scheduler.lookNow(['edge']);
    await clock.advance(1 * S);
    scheduler.lookNow(['edge']);
    scheduler.lookNow(['edge']);
    await clock.advance(20 * S);
    const asked = looks.filter(({ id, dueAt }) => id === 'edge' && dueAt === null);
    expect(asked.map(({ at }) => at)).toEqual([60 * S, 63 * S]);
  });

  test('a hundred victims asking at once get one look each 200 ms', async () => {
    for (let i = 0; i < 100; i++) {
      scheduler.lookNow(['edge']);
      await clock.advance(10);
    }
    expect(times('edge').length).toBeLessThanOrEqual(6);
    expect(times('edge').length).toBeGreaterThanOrEqual(5);
  });

  test('a look that falls due while an asked one runs follows it at once', async () => {
    const next = scheduler.nextAt('edge')!;
    takesMs = () => 2 * S;
    await clock.advanceTo(next - 1 * S);
    looks = [];
    scheduler.lookNow(['edge']);
    await clock.advanceTo(next + 2 * S);
    const due = next - START;
    expect(looks.filter(({ id }) => id === 'edge')).toEqual([
      { id: 'edge', at: due - 1 * S, dueAt: null },
      { id: 'edge', at: due + 1 * S, dueAt: due },
    ]);
    expect(scheduler.nextAt('edge')).toBe(next + 30 * S);
  });
});

describe('lanes', () => {
  test('targets that hang delay neither a confirming look nor one that was asked for', async () => {
    takesMs = (id) => (id.startsWith('c') ? 600 * S : 0);
    scheduler.replace(new Map([...many(1_500), check('shop'), check('edge')]));
    scheduler.start();
    await clock.advance(10 * S);
    expect(looks.filter(({ id }) => id.startsWith('c'))).toHaveLength(1_500);
    looks = [];
    scheduler.lookNow(['edge']);
    scheduler.lookAgain('shop', clock.now() + 1 * S);
    const asked = clock.now() - START;
    await clock.advance(1 * S);
    expect(looks.map(({ id, at }) => [id, at])).toEqual([
      ['edge', asked],
      ['shop', asked + 1 * S],
    ]);
  });

  test('a check that still runs is not begun a second time, and that is told', async () => {
    takesMs = () => 70 * S;
    scheduler.replace(new Map([check('shop', 30 * S)]));
    scheduler.start();
    await clock.advance(69 * S);
    expect(looks).toHaveLength(1);
    expect(trouble[0]).toMatch(/looks left out/);
    await clock.advance(31 * S);
    expect(looks).toHaveLength(2);
  });
});

describe('a reload', () => {
  test('keeps the due times of what did not change', async () => {
    scheduler.replace(many(50));
    scheduler.start();
    await clock.advance(45 * S);
    const before = [...many(50).keys()].map((id) => scheduler.nextAt(id));
    scheduler.replace(new Map([...many(50), check('fresh')]));
    expect([...many(50).keys()].map((id) => scheduler.nextAt(id))).toEqual(before);
    expect(scheduler.nextAt('fresh')! - clock.now()).toBeLessThan(20);
  });

  test('that changes everything looks at everything soon, and not all at once', async () => {
    scheduler.replace(many(1_000));
    scheduler.start();
    await clock.advance(60 * S);
    looks = [];
    scheduler.replace(many(1_000, 'g2'));
    await clock.advance(4 * S);
    expect(new Set(looks.map(({ id }) => id)).size).toBe(1_000);
    expect(looks.filter(({ at }) => at === 60 * S).length).toBeLessThan(10);
  });

  test('that changes a check while it is looked at has it looked at anew as soon as that ends', async () => {
    takesMs = () => 4 * S;
    scheduler.replace(new Map([check('shop', 3_600 * S)]));
    scheduler.start();
    await clock.advance(1 * S);
    expect(times('shop')).toHaveLength(1);
    const ends = times('shop')[0]! + 4 * S;
    scheduler.replace(new Map([check('shop', 3_600 * S, 'g2')]));
    await clock.advance(10 * S);
    expect(times('shop').slice(1)).toEqual([ends]);
  });

  test('in slices comes to the same, and others have their turns', async () => {
    scheduler.replace(many(2_000));
    scheduler.start();
    await clock.advance(45 * S);
    const kept = [...many(1_000).keys()];
    const before = kept.map((id) => scheduler.nextAt(id));
    const fresh = Array.from({ length: 1_000 }, (_, i) => check(`c${1_000 + i}`, 30 * S, 'g2'));
    let turns = 0;
    await scheduler.replaceInSlices(new Map([...many(1_000), ...fresh]), () => {
      turns += 1;
      return Promise.resolve();
    });
    expect(turns).toBe(8);
    expect(kept.map((id) => scheduler.nextAt(id))).toEqual(before);
    looks = [];
    await clock.advance(4 * S);
    expect(fresh.filter(([id]) => times(id).length === 0)).toEqual([]);
    await scheduler.replaceInSlices(new Map([check('c1')]), () => Promise.resolve());
    expect(kept.filter((id) => scheduler.nextAt(id) !== null)).toEqual(['c1']);
  });

  test('in slices goes on looking in between, at each check as it has come to be', async () => {
    scheduler.replace(many(1_000));
    scheduler.start();
    await clock.advance(45 * S);
    looks = [];
    await scheduler.replaceInSlices(many(1_000, 'g2'), () => clock.advance(30 * S));
    await clock.advance(4 * S);
    for (const id of many(1_000).keys()) expect(times(id).length).toBeGreaterThan(2);
    expect(scheduler.load().leftOut).toEqual({ unfinished: 0, late: 0 });
  });

  test('drops what is gone', async () => {
    scheduler.replace(new Map([check('shop'), check('edge')]));
    scheduler.start();
    await clock.advance(10);
    scheduler.replace(new Map([check('edge')]));
    looks = [];
    await clock.advance(120 * S);
    expect(times('shop')).toEqual([]);
    expect(times('edge').length).toBeGreaterThan(3);
  });
});

describe('a drain', () => {
  test('waits for what runs and begins nothing new', async () => {
    takesMs = () => 2 * S;
    scheduler.replace(many(20));
    scheduler.start();
    await clock.advance(500);
    const running = looks.length;
    let drained = false;
    void scheduler.drain(10 * S).then(() => (drained = true));
    await clock.advance(1 * S);
    expect(drained).toBe(false);
    await clock.advance(2 * S);
    expect(drained).toBe(true);
    expect(looks).toHaveLength(running);
    expect(signals.every((signal) => !signal.aborted)).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  test('aborts what does not end in time', async () => {
    takesMs = () => 600 * S;
    scheduler.replace(new Map([check('shop')]));
    scheduler.start();
    await clock.advance(1 * S);
    let drained = false;
    void scheduler.drain(10 * S).then(() => (drained = true));
    await clock.advance(10 * S);
    expect(drained).toBe(true);
    expect(signals[0]!.aborted).toBe(true);
  });

  test('with nothing running ends at once', async () => {
    scheduler.replace(many(3));
    await scheduler.drain(10 * S);
    expect(clock.pending()).toBe(0);
  });
});

describe('a clock that is set', () => {
  test.each([3_600 * S, -3_600 * S])('by %i ms changes nothing about a rhythm', async (byMs) => {
    scheduler.replace(new Map([check('shop')]));
    scheduler.start();
    await clock.advance(45 * S);
    const before = looks.length;
    clock.step(byMs);
    scheduler.stepped(byMs);
    await clock.advance(60 * S);
    expect(looks.slice(before).map(({ at, dueAt }) => at - (dueAt ?? 0))).toEqual([0, 0]);
    expect(trouble).toEqual([]);
  });

  test('moves a cron to its time by the new clock', async () => {
    const hourly = { cron: '30 * * * *', timezone: 'UTC' };
    scheduler.replace(new Map([check('report', hourly)]));
    scheduler.start();
    clock.step(20 * 60 * S);
    scheduler.stepped(20 * 60 * S);
    await clock.advance(11 * 60 * S);
    expect(times('report')).toEqual([30 * 60 * S]);
  });
});

describe('how late it is', () => {
  test('not at all while looks begin when they are due', async () => {
    scheduler.replace(many(10));
    scheduler.start();
    await clock.advance(90 * S);
    expect(scheduler.lateMs()).toEqual({ due: 0, queued: 0 });
  });

  test('by what the loop was held, until it notices', async () => {
    scheduler.replace(new Map([check('shop')]));
    scheduler.start();
    await clock.advance(20);
    clock.hold(45 * S);
    expect(scheduler.lateMs().due).toBeGreaterThan(14 * S);
    await clock.advance(0);
    expect(scheduler.lateMs()).toEqual({ due: 0, queued: 0 });
  });

  test('by what waits longest for a place', async () => {
    scheduler = createScheduler({
      clock,
      means: () => 'system names',
      look: () => new Promise(() => undefined),
    });
    scheduler.replace(many(2));
    scheduler.start();
    await clock.advance(20 * S);
    const { due, queued } = scheduler.lateMs();
    expect(due).toBe(0);
    expect(queued).toBeGreaterThan(4 * S);
  });
});
