/** A store that does not answer, or is gone: its callers are told, and nobody else is held up. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Thread } from '../../src/store/_thread.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Stored } from '../../src/store/store.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { change, NOON } from './rows.ts';

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

it('fails what waits and what comes when the thread has ended, and tells of it once', async () => {
  const troubles: string[] = [];
  const thread = new Thread<{ load(): void }>('_no-such-worker', (what) => troubles.push(what));
  await expect(thread.call('load')).rejects.toThrow('has ended');
  await expect(thread.call('load')).rejects.toThrow('has ended');
  expect(troubles).toHaveLength(1);
  expect(thread.waiting).toBe(0);
});
