/** Where a store may keep its data, for what holds wherever that is. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/system/clock.ts';
import { MemoryDisk, memoryStore } from '../../src/store/memory.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';

export interface Place {
  /** A daemon's start: the second one in a test is a restart. */
  open(clock: Clock): Promise<Store>;
  remove(): Promise<void>;
}

async function onDisk(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-store-'));
  return {
    async open(clock) {
      const opened = await openStore({ directory, clock });
      if ('refused' in opened) throw new Error(opened.refused);
      return opened.store;
    },
    remove: () => rm(directory, { recursive: true }),
  };
}

async function inMemory(): Promise<Place> {
  const disk = new MemoryDisk();
  return { open: async (clock) => memoryStore({ clock, disk }), remove: async () => {} };
}

export const PLACES = [
  { name: 'on disk', make: onDisk },
  { name: 'in memory', make: inMemory },
];
