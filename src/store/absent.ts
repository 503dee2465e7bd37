/**
 * A store that did not answer a start: nothing is known and nothing is kept. It stays so until the
 * next start, for what the disk holds by then may be another story than what has been told since.
 */
import { randomBytes } from 'node:crypto';
import type { Snapshot } from '../incident/board.ts';
import type { History, Store, Stored } from './store.ts';

const REFUSED = 'the store did not answer when Tocsin started';

export function absentStore(): Store {
  const failed = (): Promise<Stored> => Promise.resolve('failed');
  return {
    load: () => Promise.resolve(NOTHING),
    append: failed,
    saveChecks: failed,
    snapshot: failed,
    history: HISTORY,
    close: () => Promise.resolve(),
  };
}

const NOTHING: Snapshot = {
  // Links that acknowledge end with this run: nothing keeps what they are made of.
  ...{ seq: 0, epoch: 0, savedAt: null, secret: randomBytes(32).toString('hex') },
  ...{ checks: [], incidents: [], members: [], timeline: [], notifications: [] },
  ...{ silences: [], overrides: [], drills: [], reaches: [], cursors: [], codes: [] },
};

const HISTORY: History = {
  record: () => undefined,
  looks: () => Promise.resolve([]),
  tally: () => Promise.resolve({ up: 0, degraded: 0, down: 0, unknown: 0 }),
  days: () => Promise.resolve([]),
  incidents: () => Promise.resolve({ items: [], next: null }),
  notifications: () => Promise.resolve({ items: [], next: null }),
  prune: () => Promise.resolve(0),
  optimise: () => Promise.resolve(),
  backup: () => Promise.resolve({ refused: REFUSED }),
};
