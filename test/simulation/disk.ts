/**
 * The store of a simulated daemon: the one in memory behind a disk that is slow, hangs, is full, and
 * loses what it has not acknowledged when its process dies. What was acknowledged is kept; the rest is
 * kept or lost whole, in the order given.
 */
import type { Board, ReadonlyBoard, Snapshot } from '../../src/incident/board.ts';
import type { Change } from '../../src/incident/change.ts';
import { memoryStore, MemoryDisk } from '../../src/store/memory.ts';
import type { Store, Stored } from '../../src/store/store.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

interface Write {
  readonly change: Change | ReadonlyBoard | null;
  readonly carryOut: () => Promise<Stored>;
  readonly acknowledge: (outcome: Stored) => void;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export class Disk {
  readonly #world: World;
  readonly #memory = new MemoryDisk();
  #queue: Write[] = [];
  #isBusy = false;
  #isMissing = false;
  #mode: 'well' | 'slow' | 'hung' | 'full' = 'well';

  constructor(world: World) {
    this.#world = world;
    const modes = [
      ['slow disk', 'slow'],
      ['hung disk', 'hung'],
      ['full disk', 'full'],
    ] as const;
    for (const [fault, mode] of modes) {
      if (world.faults.has(fault)) {
        world.keep(world.dice.disk, 45 * MINUTE, () => this.#spell(mode));
      }
    }
  }

  /** A Change has failed, and no snapshot has made up for it. */
  get isMissingSome(): boolean {
    return this.#isMissing;
  }

  /** Nothing is under way, and nothing is missing. */
  get isAtRest(): boolean {
    return this.#queue.length === 0 && !this.#isMissing;
  }

  mend(): void {
    this.#mode = 'well';
    this.#work();
  }

  /** What no start would load, so that thirty days do not take longer and longer. */
  afterRecovery(): void {
    const { incidents, members, timeline, notifications } = this.#memory;
    const isOver = (id: string | undefined): boolean => {
      const resolvedAt = incidents.get(id ?? '')?.resolvedAt ?? Infinity;
      return resolvedAt < this.#world.loop.now - DAY;
    };
    for (const [name, { incident }] of members) if (isOver(incident)) members.delete(name);
    for (const [name, { incident }] of timeline) if (isOver(incident)) timeline.delete(name);
    for (const [key, { about, dueAt }] of notifications) {
      if (about.length === 0 ? dueAt === null : isOver(about[0])) notifications.delete(key);
    }
    for (const id of incidents.keys()) if (isOver(id)) incidents.delete(id);
  }

  open(process: Process): Store {
    const inner = memoryStore({ clock: process.clock, disk: this.#memory });
    const put = (change: Write['change'], carryOut: () => Promise<Stored>): Promise<Stored> =>
      this.#put(process, change, carryOut);
    return {
      load: (): Promise<Snapshot> => inner.load(),
      append: (change) => {
        const stored = put(change, () => inner.append(change));
        process.appended();
        return stored;
      },
      saveChecks: (states) => put(null, () => inner.saveChecks(states)),
      snapshot: (board) => {
        const frozen = copyOf(board);
        return put(frozen, () => inner.snapshot(frozen));
      },
      history: { ...inner.history, record: () => {} },
      close: () => inner.close(),
    };
  }

  /** The process is gone: a beginning of what was under way is kept, the rest is lost. */
  outlive(): void {
    this.#isMissing = false;
    const underWay = this.#queue;
    this.#queue = [];
    this.#isBusy = false;
    const kept = this.#mode === 'full' ? 0 : this.#world.dice.disk.between(0, underWay.length);
    for (const { change, carryOut } of underWay.slice(0, kept)) {
      void carryOut();
      if (change) this.#world.kept(change);
    }
  }

  #put(
    process: Process,
    change: Write['change'],
    carryOut: () => Promise<Stored>,
  ): Promise<Stored> {
    if (!process.isAlive) return new Promise(() => {});
    const { promise, resolve } = Promise.withResolvers<Stored>();
    const acknowledge = (outcome: Stored): void => {
      process.later(0, () => {
        if (outcome === 'stored' && change) this.#world.stored(change);
        process.stored();
        if (process.isAlive) resolve(outcome);
      });
    };
    this.#queue.push({ change, carryOut, acknowledge });
    this.#work();
    return promise;
  }

  #work(): void {
    if (this.#isBusy || this.#mode === 'hung' || this.#queue.length === 0) return;
    this.#isBusy = true;
    const { loop, dice } = this.#world;
    const [least, most] = this.#mode === 'slow' ? [50, 1_500] : [1, 4];
    const first = this.#queue[0]!;
    loop.after(dice.disk.between(least, most), () => {
      // After a crash somebody else's queue is here.
      if (this.#queue[0] !== first) return;
      this.#isBusy = false;
      this.#queue.shift();
      if (this.#mode === 'full') {
        // Check states are saved again with the next ones.
        if (first.change) this.#isMissing = true;
        first.acknowledge('failed');
      } else {
        void first.carryOut();
        if (first.change) this.#world.kept(first.change);
        if (first.change && !('reasons' in first.change)) this.#isMissing = false;
        first.acknowledge('stored');
      }
      this.#work();
    });
  }

  #spell(mode: 'slow' | 'hung' | 'full'): void {
    const { loop, dice } = this.#world;
    this.#mode = mode;
    this.#world.note(() => `the disk is ${mode}`);
    loop.after(dice.disk.wait(mode === 'hung' ? 10_000 : 2 * MINUTE), () => {
      if (this.#mode !== mode) return;
      this.#world.note(() => 'the disk is well');
      this.mend();
    });
  }
}

function copyOf(board: ReadonlyBoard): Board {
  return {
    seq: board.seq,
    epoch: board.epoch,
    checks: new Map(board.checks),
    incidents: new Map(board.incidents),
    members: new Map([...board.members].map(([id, members]) => [id, new Map(members)])),
    timelines: new Map([...board.timelines].map(([id, entries]) => [id, [...entries]])),
    notifications: new Map(board.notifications),
    notificationsOf: new Map(),
    silences: new Map(board.silences),
    lanes: new Map(),
    gathered: new Map(),
    bundles: new Map(),
    silencesAt: new Map([...board.silencesAt].map(([place, ids]) => [place, new Set(ids)])),
    overrides: new Map(board.overrides),
    drills: new Map(board.drills),
    reaches: new Map(board.reaches),
    cursors: new Map(board.cursors),
    codes: new Map(board.codes),
    incidentOf: new Map(board.incidentOf),
    endedOf: new Map(board.endedOf),
    groupOf: new Map(board.groupOf),
  };
}
