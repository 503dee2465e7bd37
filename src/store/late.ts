/**
 * A store that was not there at the start: it keeps nothing until it is found, and then only what
 * comes from a board that has taken up what it held. The one thing to get right: a board that has
 * not would overwrite a story that it does not know.
 */
import { randomBytes } from 'node:crypto';
import type { Change } from '../incident/change.ts';
import type { ReadonlyBoard, Snapshot } from '../incident/board.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { History, Store, Stored } from './store.ts';

const REFUSED = 'the store has not answered since Tocsin started';

export class LateStore implements Store {
  #found: Store | null = null;
  #epoch = Infinity;
  /** Has the board taken up what was found? It has its epoch then. */
  #isKnown = false;
  readonly #giveUp: () => void;
  readonly history: History;

  /** `giveUp`: nobody needs it any more. */
  constructor(giveUp: () => void) {
    this.#giveUp = giveUp;
    const past = (): History => this.#found?.history ?? NO_HISTORY;
    this.history = {
      record: (look) => past().record(look),
      looks: (check, limit) => past().looks(check, limit),
      tally: (check, since) => past().tally(check, since),
      days: (check, limit) => past().days(check, limit),
      incidents: (query) => past().incidents(query),
      notifications: (query) => past().notifications(query),
      prune: (before, limit) => past().prune(before, limit),
      optimise: () => past().optimise(),
      backup: (file) => past().backup(file),
    };
  }

  /** It is there: what it held has `epoch`, and so has whoever knows it. */
  become(store: Store, epoch: number): void {
    this.#found = store;
    this.#epoch = epoch;
  }

  load(): Promise<Snapshot> {
    return Promise.resolve(NOTHING);
  }

  append(change: Change): Promise<Stored> {
    return this.#knownAt(change)?.append(change) ?? FAILED;
  }

  saveChecks(states: readonly CheckState[]): Promise<Stored> {
    return (this.#isKnown && this.#found?.saveChecks(states)) || FAILED;
  }

  snapshot(board: ReadonlyBoard): Promise<Stored> {
    return this.#knownAt(board)?.snapshot(board) ?? FAILED;
  }

  async close(): Promise<void> {
    if (this.#found) await this.#found.close();
    else this.#giveUp();
  }

  #knownAt({ epoch }: { readonly epoch: number }): Store | null {
    this.#isKnown ||= epoch === this.#epoch;
    return this.#isKnown ? this.#found : null;
  }
}

const FAILED = Promise.resolve<Stored>('failed');

const NOTHING: Snapshot = {
  // Links that acknowledge end with this run: they are made of what the store does not know.
  ...{ seq: 0, epoch: 0, savedAt: null, secret: randomBytes(32).toString('hex') },
  ...{ checks: [], incidents: [], members: [], timeline: [], notifications: [] },
  ...{ silences: [], overrides: [], drills: [], reaches: [], cursors: [], codes: [] },
};

const NO_HISTORY: History = {
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
