/** A store that does not answer, or is gone: its callers are told, and nobody else is held up. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Thread } from '../../src/store/_thread.ts';
import { emptyBoard } from '../../src/incident/board.ts';
import { createSelfTest } from '../../src/self-test.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Stored } from '../../src/store/store.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { change, incident, NOON } from './rows.ts';

it('queues so many writes behind a disk that hangs, fails the next, and stores all when it is back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-store-'));
  const opened = await openStore({ directory, clock: new VirtualClock(NOON) });
  if ('refused' in opened) throw new Error(opened.refused);
  const { store } = opened;
  const other = new DatabaseSync(join(directory, 'journal.db'));
  other.exec('BEGIN IMMEDIATE');
  const waiting: Promise<Stored>[] = [];
  for (let n = 1; n <= 1_000; n++) {
    waiting.push(store.append(change({ seq: n, epoch: 1 })));
    await setImmediate();
  }
  expect(await store.append(change({ seq: 1_001, epoch: 1 }))).toBe('failed');
  other.exec('ROLLBACK');
  other.close();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['stored']));
  expect((await store.load()).seq).toBe(1_000);
  await store.close();
  await rm(directory, { recursive: true });
});

it('fails the self-test while the disk hangs, and no longer when it is back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-store-'));
  const clock = new VirtualClock(NOON);
  const opened = await openStore({ directory, clock });
  if ('refused' in opened) throw new Error(opened.refused);
  const { store } = opened;
  const selfTest = createSelfTest({
    ...{ clock, store, scheduler: { lateMs: () => ({ due: 0, queued: 0 }) } },
    isAnyoneReachable: async () => true,
  });
  // What the thread is asked does not reach it.
  const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => {});
  const test = selfTest.run();
  await clock.advance(6_000);
  expect(await test).toEqual(['store']);
  post.mockRestore();
  expect(await selfTest.run()).toEqual([]);
  await store.close();
  await rm(directory, { recursive: true });
});

it('fails what waits and what comes when the thread has ended, and tells of it once', async () => {
  const troubles: string[] = [];
  const thread = new Thread<{ load(): void }>(
    '_no-such-worker',
    (what) => troubles.push(what),
    new VirtualClock(NOON),
  );
  await expect(thread.call('load')).rejects.toThrow('has ended');
  await expect(thread.call('load')).rejects.toThrow('has ended');
  expect(troubles).toHaveLength(1);
  expect(thread.waiting).toBe(0);
});

it('a thread that dies is begun anew, ever more slowly while it dies at once', async () => {
  const clock = new VirtualClock(NOON);
  const troubles: string[] = [];
  const deaths = () => troubles.filter((what) => what.includes('has ended')).length;
  const thread = new Thread<{ load(): void }>(
    '_no-such-worker',
    (what) => troubles.push(what),
    clock,
  );
  thread.beginAnewWith('load');
  const beganAfter: number[] = [];
  await expect(thread.call('load')).rejects.toThrow('has ended');
  for (let seconds = 1; seconds <= 100; seconds++) {
    await clock.advance(1_000);
    const before = deaths();
    await expect(thread.call('load')).rejects.toThrow('has ended');
    if (deaths() > before) beganAfter.push(seconds);
  }
  expect(beganAfter).toEqual([2, 6, 14, 30, 60, 90]);
});

it('when the thread of the journal dies another takes over, with the lock and the epoch', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-store-'));
  const clock = new VirtualClock(NOON);
  const begun = vi.spyOn(Worker.prototype, 'postMessage');
  const opened = await openStore({ directory, clock });
  if ('refused' in opened) throw new Error(opened.refused);
  const { store } = opened;
  const [journal] = begun.mock.contexts as Worker[];
  begun.mockRestore();
  const row = { seq: 1, epoch: 1, incidents: [incident('i1')] };
  expect(await store.append(change(row))).toBe('stored');

  await journal?.terminate();
  expect(await store.append(change({ ...row, seq: 2 }))).toBe('failed');
  await clock.advance(2_000);
  const board = { ...emptyBoard(1), seq: 2 };
  expect(await store.snapshot(board)).toBe('stored');
  expect(await store.append(change({ ...row, seq: 3 }))).toBe('stored');
  expect(await store.load()).toMatchObject({ seq: 3, epoch: 1 });
  await store.close();
  await rm(directory, { recursive: true });
});

describe('a store that is not there at the start', () => {
  let directory: string;
  let clock: VirtualClock;
  let troubles: string[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tocsin-store-'));
    clock = new VirtualClock(NOON);
    troubles = [];
  });
  afterEach(() => rm(directory, { recursive: true }));

  const open = () =>
    openStore({
      ...{ directory, clock },
      emit: (event) => event.type === 'trouble' && troubles.push(event.what),
    });

  it('is waited for ten seconds; then Tocsin goes on without memory', async () => {
    const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => {});
    const opening = open();
    await clock.advance(9_999);
    expect(troubles).toEqual([]);
    await clock.advance(1);
    const opened = await opening;
    const [worker] = post.mock.contexts as Worker[];
    post.mockRestore();
    if ('refused' in opened) throw new Error(opened.refused);
    expect(troubles).toEqual(['the store does not answer: going on without memory until it does']);
    expect((await opened.store.load()).incidents).toEqual([]);
    expect(await opened.store.append(change({ seq: 1, epoch: 0 }))).toBe('failed');
    await worker?.terminate();
  });

  it('is found when the disk takes something again, and keeps what a board that knows it says', async () => {
    const first = await open();
    if ('refused' in first) throw new Error(first.refused);
    await first.store.append(change({ seq: 1, epoch: 1, incidents: [incident('held')] }));
    await first.store.close();

    // The disk hangs: what the thread is asked is held back, and let through when all is well again.
    const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => {});
    const opening = open();
    await clock.advance(10_000);
    const opened = await opening;
    const [[asked] = []] = post.mock.calls;
    const [worker] = post.mock.contexts as Worker[];
    post.mockRestore();
    if ('refused' in opened) throw new Error(opened.refused);
    const early = change({ seq: 1, epoch: 0 });
    expect(await opened.store.append(early)).toBe('failed');
    worker?.postMessage(asked);
    const found = await opened.found;
    expect(found?.incidents.map(({ id }) => id)).toEqual(['held']);

    expect(await opened.store.append(early)).toBe('failed');
    expect(await opened.store.snapshot(emptyBoard(0))).toBe('failed');
    const epoch = found?.epoch ?? 0;
    expect(await opened.store.append(change({ seq: 2, epoch }))).toBe('stored');
    expect(await opened.store.saveChecks([])).toBe('stored');
    await opened.store.close();
  });
});
