/**
 * One step: inputs → decide → apply → append → courier → publish. The one writer of the board. It
 * holds no rule of its own. What the reader would get wrong: steps do not wait for each other's
 * append; memory decides at once, and only what leaves the process waits for the disk.
 */
import type { Config } from './config/config.ts';
import { createDeadlineAlarm } from './deadlines.ts';
import { apply, applyCount, RESOLVED_STAYS_MS, retire } from './incident/apply.ts';
import { answered, awaited } from './incident/awaited.ts';
import type { Board, ReadonlyBoard } from './incident/board.ts';
import type { Change, Decision } from './incident/change.ts';
import { decide } from './incident/decide.ts';
import type { Input } from './incident/input.ts';
import { lightEnough } from './incident/weight.ts';
import type { Notification } from './incident/notification.ts';
import type { CheckState } from './judge/check-state.ts';
import type { Emit } from './events.ts';
import type { Courier } from './outbox/courier.ts';
import type { Store, Stored } from './store/store.ts';
import type { Alarm, Clock } from './system/clock.ts';
import type { Random } from './system/random.ts';

/**
 * How long a page or an answer waits for the disk. Longer, and a hung disk would hold up pages; much
 * shorter, and an ordinary slow sync would leave pages unrecorded, so that a crash might repeat them.
 */
const COMMIT_PATIENCE_MS = 250;

export interface Pipeline {
  readonly board: ReadonlyBoard;
  /** Resolves when what was decided is in memory and stored, or the patience for storing is over. */
  submit(input: Input): Promise<Submitted>;
  /** A look that was counted: kept in memory, and stored with the next Change or at the next save. */
  counted(state: CheckState): void;
  /** Pages and drills by this channel that nobody has answered yet: an answer may come. */
  awaited(channel: string): readonly Notification[];
  /** Those that it took, and that nobody is wanted for any more. */
  answered(channel: string): readonly Notification[];
  /** From now on deadlines are taken when they are due. Until then they wait for the `started` input. */
  start(): void;
  /** Every Change so far is stored or has failed, and every check state is saved. */
  drain(): Promise<void>;
}

export interface Submitted {
  /** false: it took effect, but a crash now may lose it. */
  readonly recorded: boolean;
  /** About this input. */
  readonly decisions: readonly Decision[];
}

export interface PipelineParts {
  readonly board: Board;
  /** The configuration in force at the time of asking. */
  readonly config: () => Config;
  readonly store: Store;
  readonly courier: Courier;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  /** Calls back in the next turn of the loop; `setImmediate` unless it is given. */
  readonly soon?: (step: () => void) => void;
}

interface Waiting {
  readonly input: Input;
  readonly done: (submitted: Submitted) => void;
}

/** A deadline that cannot be decided stays due: it is tried again after this long, not at once. */
const POISON_REST_MS = 10_000;

/** An ended incident may stay a little longer: to ask all of them after every step is dear in a storm. */
const RETIRE_EVERY_MS = 60_000;

/**
 * Short enough that a disk that is back is in use again within seconds. It is said to be back when two
 * snapshots so far apart were stored, and nothing failed in between: a full disk takes one now and then.
 */
const CATCH_UP_EVERY_MS = 1_500;

/** Check states that no Change carried are saved this often: what a crash may cost. */
const SAVE_EVERY_MS = 10_000;

export function createPipeline(parts: PipelineParts): Pipeline {
  const { board, clock, emit, store, soon = setImmediate } = parts;
  const waiting: Waiting[] = [];
  const dirty = new Map<string, CheckState>();
  const appends = new Set<Promise<unknown>>();
  let isScheduled = false;
  let retiredAt = clock.now();
  let saving: Alarm | undefined;
  let catchingUp: Alarm | undefined;
  let hasMemory = true;
  /** A snapshot was stored, and nothing has failed since. */
  let isSteady = true;
  let isClosed = false;
  const deadlines = createDeadlineAlarm({ board, clock, submit: (input) => void submit(input) });
  const trouble = (what: string): void => {
    emit({ type: 'trouble', where: 'store', what });
  };

  function submit(input: Input): Promise<Submitted> {
    // What comes too late is not decided: it is found again at the next start.
    if (isClosed) return Promise.resolve({ recorded: false, decisions: [] });
    return new Promise((done) => {
      waiting.push({ input, done });
      if (isScheduled) return;
      isScheduled = true;
      // Whatever comes in the same turn of the loop is decided together: a storm becomes a bundle.
      soon(step);
    });
  }

  function step(): void {
    const batch = waiting.splice(0, lightEnough(board, waiting));
    isScheduled = waiting.length > 0;
    if (isScheduled) soon(step);
    try {
      take(batch);
    } catch (error) {
      contain(batch, error);
    }
    if (!isScheduled) deadlines.settled();
  }

  function take(batch: readonly Waiting[]): void {
    const inputs = batch.map(({ input }) => input);
    const now = clock.now();
    const { change, reasonsOf } = decide(board, inputs, parts.config(), now, parts.random.seed());
    apply(board, change);
    if (now - retiredAt >= RETIRE_EVERY_MS) {
      retire(board, now, staysMs());
      retiredAt = now;
    }
    for (const { check } of change.checks) dirty.delete(check);
    deadlines.changed(change);
    const released = release(change).then((recorded) => {
      batch.forEach(({ done }, index) => {
        done({ recorded, decisions: reasonsOf[index] ?? [] });
      });
    });
    track(released);
  }

  /** One input that cannot be decided must not stop the others: each is taken by itself. */
  function contain(batch: readonly Waiting[], error: unknown): void {
    const [first, ...others] = batch;
    if (others.length > 0) {
      for (const one of batch) {
        try {
          take([one]);
        } catch (alone) {
          contain([one], alone);
        }
      }
      return;
    }
    const what = `could not decide ${first?.input.type ?? ''}: ${String(error)}`;
    emit({ type: 'trouble', where: 'pipeline', what });
    deadlines.rest(clock.now() + POISON_REST_MS);
    first?.done({ recorded: false, decisions: [] });
  }

  /** Lets out what was decided, once it is stored, or once waiting any longer would be worse. */
  async function release(change: Change): Promise<boolean> {
    const recorded = hasRows(change) ? await storedInTime(change) : true;
    parts.courier.take(change.notifications);
    emit({ type: 'changed', change, recorded });
    return recorded;
  }

  async function storedInTime(change: Change): Promise<boolean> {
    const appending = store.append(change).then(noteOutcome);
    track(appending);
    let patience: Alarm | undefined;
    const tooLong = new Promise<'late'>((resolve) => {
      patience = clock.alarm(clock.now() + COMMIT_PATIENCE_MS, () => {
        resolve('late');
      });
    });
    const outcome = await Promise.race([appending, tooLong]);
    patience?.cancel();
    if (outcome === 'late') trouble('the disk is slow: what was decided leaves unrecorded');
    return outcome === 'stored';
  }

  /** Once something could not be stored, one snapshot of the board stands for all that was missed. */
  function noteOutcome(outcome: Stored): Stored {
    if (outcome === 'fenced') trouble('another daemon has taken over this data');
    if (outcome === 'failed' && !isClosed) {
      isSteady = false;
      remembers(false);
      catchUpSoon();
    }
    return outcome;
  }

  function catchUpSoon(): void {
    catchingUp ??= clock.alarm(clock.now() + CATCH_UP_EVERY_MS, () => {
      track(catchUp());
    });
  }

  async function catchUp(): Promise<void> {
    const outcome = await store.snapshot(board);
    catchingUp = undefined;
    if (outcome !== 'stored') noteOutcome(outcome);
    else if (isSteady || isClosed) remembers(true);
    else {
      isSteady = true;
      catchUpSoon();
    }
  }

  function remembers(kept: boolean): void {
    if (kept === hasMemory) return;
    hasMemory = kept;
    emit({ type: 'memory', kept });
  }

  function track(work: Promise<unknown>): void {
    appends.add(work);
    void work.finally(() => appends.delete(work));
  }

  function staysMs(): number {
    const reopens = [...parts.config().escalations.values()].map(({ reopenMs }) => reopenMs);
    return Math.max(RESOLVED_STAYS_MS, ...reopens);
  }

  function counted(state: CheckState): void {
    applyCount(board, state);
    dirty.set(state.check, state);
    saving ??= clock.alarm(clock.now() + SAVE_EVERY_MS, () => {
      saving = undefined;
      track(save());
    });
  }

  async function save(): Promise<void> {
    const states = [...dirty.values()];
    dirty.clear();
    if (states.length === 0) return;
    const outcome = await store.saveChecks(states);
    if (outcome !== 'stored') trouble(`check states were not saved: ${outcome}`);
    noteOutcome(outcome);
  }

  return {
    board,
    submit,
    counted,
    awaited: (channel) => awaited(board, channel),
    answered: (channel) => answered(board, channel),
    start: () => deadlines.start(),
    async drain() {
      deadlines.stop();
      saving?.cancel();
      catchingUp?.cancel();
      while (waiting.length > 0 || appends.size > 0) {
        await Promise.all(appends);
        if (waiting.length > 0) await new Promise<void>((resolve) => soon(resolve));
      }
      isClosed = true;
      if (catchingUp) await catchUp();
      await save();
    },
  };
}

function hasRows(change: Change): boolean {
  return [
    change.checks,
    change.incidents,
    change.members,
    change.timeline,
    change.notifications,
    change.silences,
    change.overrides,
    change.drills,
    change.reaches,
    change.cursors,
  ].some((rows) => rows.length > 0);
}
