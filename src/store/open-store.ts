/**
 * The Store on disk: two files, each in a thread of its own, so that the main thread touches no
 * disk and history never delays a page. What is sent stays in the order of the calls, also while a
 * big one is still being sent in slices.
 */
import { setImmediate } from 'node:timers/promises';
import type { Change } from '../incident/change.ts';
import type { ReadonlyBoard, Snapshot } from '../incident/board.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Emit } from '../events.ts';
import type { Clock } from '../system/clock.ts';
import type { HistoryCalls } from './_history-worker.ts';
import type { JournalCalls, Started } from './_journal-worker.ts';
import { LateStore } from './late.ts';
import { Recorder } from './_recorder.ts';
import { rowsOf, SLICE_ROWS, slices } from './_rows.ts';
import { Thread } from './_thread.ts';
import type { History, Store, Stored } from './store.ts';

export interface StoreOptions {
  /** Made if it is missing, readable by its owner only. */
  readonly directory: string;
  readonly clock: Clock;
  readonly emit?: Emit;
  /** How long after its end an incident is still part of what `load` gives back. */
  readonly keepResolvedMs?: number;
}

const KEEP_RESOLVED_MS = 2 * 60 * 60 * 1000;

/** A disk that takes longer hangs: looking without memory is worth more than waiting for it. */
const START_PATIENCE_MS = 10_000;

/** How soon a disk that took nothing at the start is tried again. */
const START_AGAIN_MS = 1_000;

/** Behind a thread that hangs, more than so many writes are not queued but have failed. */
const MOST_WAITING = 1_000;

export interface Opened {
  readonly store: Store;
  /** Only of a store that was not there in time: what it held, when it is there; else it never resolves. */
  readonly found?: Promise<Snapshot>;
}

/**
 * Takes the data directory over: locks it, migrates it, raises the epoch. `refused` is for people:
 * another daemon has it (by pid), or the journal there is damaged, foreign or too new. A disk that
 * does not answer within ten seconds, or takes nothing, gives a store that keeps nothing until it
 * does. Reading (`load`, lists of incidents and notifications) rejects if the disk fails; writing
 * never does.
 */
export async function openStore(
  options: StoreOptions,
): Promise<Opened | { readonly refused: string }> {
  const { directory, clock } = options;
  const trouble = (what: string): void => options.emit?.({ type: 'trouble', where: 'store', what });
  const journal = new Thread<JournalCalls>('_journal-worker', trouble, clock);
  const start = (): Promise<Started> =>
    journal.call('start', directory).catch((error: unknown) => ({ refused: String(error) }));
  const opened = (epoch: number): Store => {
    journal.beginAnewWith('start', directory, epoch);
    return new SqliteStore(options, journal, trouble);
  };
  const starting = start();
  const started = await inTime(starting, clock);
  if (started !== 'late' && 'epoch' in started) return { store: opened(started.epoch) };
  if (started !== 'late' && started.mayPass !== true) {
    await journal.end();
    return { refused: started.refused };
  }
  const why = started === 'late' ? 'the store does not answer' : started.refused;
  trouble(`${why}: going on without memory until it does`);
  // Not waited for: it may hang in the kernel.
  const store = new LateStore(() => void journal.end());
  return { store, found: find(starting) };

  async function find(first: Promise<Started>): Promise<Snapshot> {
    let next = await first;
    while ('refused' in next && next.mayPass === true) {
      await after(START_AGAIN_MS, clock);
      next = await start();
    }
    if ('refused' in next) {
      trouble(`${next.refused}: going on without memory until the next start`);
      return Promise.withResolvers<never>().promise;
    }
    const found = opened(next.epoch);
    const snapshot = await found.load();
    store.become(found, next.epoch);
    return snapshot;
  }
}

function after(ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.alarm(clock.now() + ms, () => resolve()));
}

async function inTime<T>(starting: Promise<T>, clock: Clock): Promise<T | 'late'> {
  const late = Promise.withResolvers<'late'>();
  const patience = clock.alarm(clock.now() + START_PATIENCE_MS, () => late.resolve('late'));
  const first = await Promise.race([starting, late.promise]);
  patience.cancel();
  return first;
}

class SqliteStore implements Store {
  readonly history: History;
  readonly #journal: Thread<JournalCalls>;
  readonly #past: Thread<HistoryCalls>;
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  readonly #keepResolvedMs: number;
  readonly #trouble: (what: string) => void;
  #turn: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;

  constructor(
    { clock, directory, keepResolvedMs, emit }: StoreOptions,
    journal: Thread<JournalCalls>,
    trouble: (what: string) => void,
  ) {
    const past = new Thread<HistoryCalls>('_history-worker', trouble, clock);
    const lost = (count: number, why: string): void => emit?.({ type: 'looks_lost', count, why });
    const recorder = new Recorder(clock, (looks) => past.call('record', looks), lost);
    past.beginAnewWith('start', directory);
    past.call('start', directory).catch((error: unknown) => trouble(String(error)));
    this.#journal = journal;
    this.#past = past;
    this.#recorder = recorder;
    this.#clock = clock;
    this.#keepResolvedMs = keepResolvedMs ?? KEEP_RESOLVED_MS;
    this.#trouble = trouble;
    this.history = {
      record: (look) => recorder.record(look),
      looks: (check, limit) => past.call('looks', check, limit),
      tally: (check, since) => past.call('tally', check, since),
      days: (check, limit) => past.call('days', check, limit),
      incidents: (query) => past.call('incidents', query),
      notifications: (query) => past.call('notifications', query),
      prune: (before, limit) => past.call('prune', before, limit),
      async optimise() {
        await Promise.all([journal.call('optimise'), past.call('optimise')]);
      },
      backup: (file) => past.call('backup', file),
    };
  }

  load(): Promise<Snapshot> {
    return this.#journal.call('load', this.#clock.now(), this.#keepResolvedMs);
  }

  append(change: Change): Promise<Stored> {
    return this.#inTurn(async () => [this.#written('append', change)]);
  }

  saveChecks(states: readonly CheckState[]): Promise<Stored> {
    return this.#inTurn(async () => {
      const answers: Promise<Stored>[] = [];
      let from = 0;
      // None are a write too: of the time.
      do {
        if (from > 0) await setImmediate();
        const slice = states.slice(from, from + SLICE_ROWS);
        answers.push(this.#written('saveChecks', slice, this.#clock.now()));
        from += SLICE_ROWS;
      } while (from < states.length);
      return answers;
    });
  }

  snapshot(board: ReadonlyBoard): Promise<Stored> {
    const { seq, epoch } = board;
    const parts = [...slices(rowsOf(board))];
    return this.#inTurn(async () => {
      const answers: Promise<Stored>[] = [];
      for (const part of parts) {
        answers.push(this.#written('snapshotPart', part));
        await setImmediate();
      }
      answers.push(this.#written('snapshot', seq, epoch, this.#clock.now(), parts.length));
      return answers;
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  async #drain(): Promise<void> {
    await this.#turn;
    await this.#recorder.flush();
    for (const thread of [this.#past, this.#journal]) {
      await thread.call('close').catch((error: unknown) => this.#trouble(String(error)));
      await thread.end();
    }
  }

  /** `send` resolves when everything is on its way, with the answers that are still to come. */
  async #inTurn(send: () => Promise<readonly Promise<Stored>[]>): Promise<Stored> {
    if (this.#closed !== null || this.#journal.waiting >= MOST_WAITING) return 'failed';
    const sent = this.#turn.then(send);
    this.#turn = sent;
    return worst(await Promise.all(await sent));
  }

  /** Never rejects, so that the `turn` never does. */
  #written<K extends 'append' | 'saveChecks' | 'snapshotPart' | 'snapshot'>(
    call: K,
    ...args: Parameters<JournalCalls[K]>
  ): Promise<Stored> {
    return this.#journal.call(call, ...args).catch((error: unknown): Stored => {
      this.#trouble(String(error));
      return 'failed';
    });
  }
}

function worst(answers: readonly Stored[]): Stored {
  if (answers.includes('fenced')) return 'fenced';
  return answers.includes('failed') ? 'failed' : 'stored';
}
