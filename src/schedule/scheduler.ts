/**
 * When each check is looked at. It knows names and times, nothing of probes: it sleeps until the
 * earliest due time and calls `look` back, with bounded concurrency, never twice at once for one
 * check. Looks that were slept through are not made up for: the rhythm goes on where it is now.
 */
import type { Check } from '../config/config.ts';
import type { Means } from '../probes/probe.ts';
import type { Alarm, Clock } from '../system/clock.ts';
import { firstDue, firstWithinMs, nextDue, slotFor, type Grid } from './due.ts';
import { DueHeap, type Due } from './due-heap.ts';
import { createLanes, type LaneView, type Urgency } from './lanes.ts';

export interface Scheduler {
  /** The checks as they are from now on: kept, changed, new and gone ones are told apart by generation. */
  replace(checks: ReadonlyMap<string, Check>): void;
  /** The same, with others' turns in between: `rest` gives them one. One at a time. */
  replaceInSlices(checks: ReadonlyMap<string, Check>, rest: () => Promise<unknown>): Promise<void>;
  /** `uptimeMs`: what of the time for the first looks is over. */
  start(uptimeMs?: number): void;
  /** Look at this check at that time at the latest, in place of its next regular look; a whole `every` after the last one if that is sooner. */
  lookAgain(check: string, at: number): void;
  /** Look at these now, in a lane of their own: what a decision waits for. Their rhythm goes on beside it. */
  lookNow(checks: Iterable<string>): void;
  nextAt(check: string): number | null;
  /** The clock was set by so much: each rhythm goes on, and a cron goes by the new time. */
  stepped(byMs: number): void;
  /** How late the latest look is that has not begun, in ms. `due`: nobody has noticed its time; `queued`: it waits for a place. */
  lateMs(): { readonly due: number; readonly queued: number };
  /** What is full, what waits, and what was left out since the start. */
  load(): Load;
  /** No new looks; resolves when those that run have ended, or were aborted after `patienceMs`. */
  drain(patienceMs: number): Promise<void>;
}

export interface SchedulerParts {
  readonly clock: Clock;
  /** How a check is looked at; `sockets` unless it is said. */
  readonly means?: (check: Check) => Means;
  /** How many looks may wait for their targets at a time, beside those that are beginning. */
  readonly mostWaiting?: number;
  /** Does not reject. `dueAt`: null for a look that was asked for by `lookNow`, beside the rhythm. `signal` aborts when a drain is out of patience. */
  readonly look: (check: string, dueAt: number | null, signal: AbortSignal) => Promise<void>;
  /** When a check was looked at last, perhaps by an earlier run; null: never. */
  readonly lookedAt?: (check: string) => number | null;
  /** How many checks `replaceInSlices` goes through in one turn; 500 unless it is given. */
  readonly checksASlice?: number | undefined;
  /** Told, at most once a minute, that looks had to be left out. */
  readonly trouble?: (what: string) => void;
}

export interface Load {
  readonly lanes: readonly LaneView[];
  /** Looks that only wait for their target. */
  readonly waiting: number;
  /** `unfinished`: the one before was queued or running; `late`: their time had passed. */
  readonly leftOut: { readonly unfinished: number; readonly late: number };
}

/** Each has a socket, and one is kept for everything else. */
const MOST_WAITING = 5_000;
/** A hundred victims ask for one cause at once: it is looked at that often at most. */
const ASKED_APART_MS = 200;
const TELL_EVERY_MS = 60_000;
/** Some two milliseconds, where every one of them has changed. */
const CHECKS_A_SLICE = 500;

interface Entry extends Due {
  check: Check;
  /** The next look confirms something: it is never left out, and goes in the faster lane. */
  confirming: boolean;
  beganAt: number | null;
  /** Asked for while a look was running, which began too early to be the answer. */
  again: boolean;
  asking: Alarm | null;
}

export function createScheduler(parts: SchedulerParts): Scheduler {
  const { clock, look, lookedAt, trouble, means, mostWaiting = MOST_WAITING } = parts;
  const { checksASlice = CHECKS_A_SLICE } = parts;
  const entries = new Map<string, Entry>();
  const heap = new DueHeap<Entry>();
  const lanes = createLanes({ clock, run, ended, mostWaiting });
  const leftOut = { unfinished: 0, late: 0 };
  const patience = new AbortController();
  /** null: not started. */
  let grid: Grid | null = null;
  let draining = false;
  let armed: { readonly at: number; readonly alarm: Alarm } | null = null;
  let untold = 0;
  let toldAt = -Infinity;

  /** As one of `count` that are looked at for the first time. */
  function place(entry: Entry, count: number, withinMs?: number): void {
    entry.confirming = false;
    const seen = lookedAt?.(entry.check.id) ?? null;
    heap.place(entry, firstDue(entry.check, count, clock.now(), seen, withinMs));
  }

  /** From the checks that were to those that are; where it yields, others may have a turn. */
  function* succession(checks: ReadonlyMap<string, Check>): Generator<undefined, void> {
    let steps = 0;
    const isSliceOver = (): boolean => ++steps % checksASlice === 0;
    for (const [id, entry] of entries) {
      if (!checks.has(id)) {
        heap.remove(entry);
        entries.delete(id);
      }
      if (isSliceOver()) yield;
    }
    if (grid !== null) grid = { ...grid, slotMs: slotFor(checks.values()) };
    let fresh = 0;
    for (const [id, { generation }] of checks) {
      if (entries.get(id)?.check.generation !== generation) fresh += 1;
    }
    for (const check of checks.values()) {
      succeed(check, fresh);
      if (isSliceOver()) yield;
    }
  }

  function succeed(check: Check, count: number): void {
    const kept = entries.get(check.id);
    const entry = kept ?? newEntry(check);
    const isFresh = kept?.check.generation !== check.generation;
    entry.check = check;
    entries.set(check.id, entry);
    if (!isFresh) return;
    // What runs looks at what the check was, and its first look finds it running.
    entry.again = lanes.isRunning(check.id);
    if (grid !== null) place(entry, count);
  }

  function arm(): void {
    const at = draining ? Infinity : (heap.earliest?.dueAt ?? Infinity);
    if (armed?.at === at) return;
    armed?.alarm.cancel();
    armed = at === Infinity ? null : { at, alarm: clock.alarm(at, wake) };
  }

  function wake(): void {
    armed = null;
    const now = clock.now();
    for (let entry = heap.earliest; entry && entry.dueAt <= now; entry = heap.earliest) {
      if (grid) begin(entry, grid, now);
    }
    arm();
  }

  function begin(entry: Entry, on: Grid, now: number): void {
    const { check, dueAt, confirming } = entry;
    // A look that was asked for is not counted, so the due one follows it: see `run`.
    if (lanes.isAsked(check.id)) {
      heap.remove(entry);
      return;
    }
    heap.place(entry, nextDue(check, on, now));
    entry.confirming = false;
    const missed = !confirming && 'everyMs' in check.rhythm && dueAt + check.rhythm.everyMs <= now;
    const entered = !missed && enter(check, dueAt, confirming ? 'confirming' : 'regular');
    if (!entered) leaveOut(missed ? 'late' : 'unfinished', now);
  }

  function enter(check: Check, dueAt: number | null, urgency: Urgency): boolean {
    return lanes.enter(check.id, dueAt, urgency, means?.(check) ?? 'sockets');
  }

  function leaveOut(why: keyof typeof leftOut, now: number): void {
    leftOut[why] += 1;
    untold += 1;
    if (now - toldAt < TELL_EVERY_MS) return;
    trouble?.(`${untold} looks left out: the one before had not ended, or their time had passed`);
    untold = 0;
    toldAt = now;
  }

  async function run(id: string, dueAt: number | null): Promise<void> {
    const entry = entries.get(id);
    if (!entry) return;
    entry.beganAt = clock.now();
    await look(id, dueAt, patience.signal);
  }

  function ended(id: string): void {
    const entry = entries.get(id);
    if (!entry || draining) return;
    if (entry.index < 0) {
      heap.place(entry, entry.dueAt);
      arm();
    }
    if (entry.again) ask(entry);
  }

  function ask(entry: Entry): void {
    const { id } = entry.check;
    entry.again = lanes.isRunning(id);
    if (entry.again || entry.asking || draining) return;
    const at = (entry.beganAt ?? -Infinity) + ASKED_APART_MS;
    if (at <= clock.now()) {
      enter(entry.check, null, 'asked');
      return;
    }
    entry.asking = clock.alarm(at, () => {
      entry.asking = null;
      if (entries.get(id) === entry) ask(entry);
    });
  }

  return {
    replace(checks) {
      succession(checks).forEach(() => undefined);
      arm();
    },
    async replaceInSlices(checks, rest) {
      for (const _ of succession(checks)) {
        arm();
        await rest();
      }
      arm();
    },
    start(uptimeMs = 0) {
      const checks = [...entries.values()].map(({ check }) => check);
      grid = { startedAt: clock.now(), slotMs: slotFor(checks) };
      const withinMs = firstWithinMs(entries.size, uptimeMs);
      for (const entry of entries.values()) place(entry, entries.size, withinMs);
      arm();
    },
    lookAgain(id, at) {
      const entry = entries.get(id);
      if (!entry || draining) return;
      const { check, beganAt, dueAt } = entry;
      const regular =
        'everyMs' in check.rhythm && beganAt !== null ? beganAt + check.rhythm.everyMs : dueAt;
      entry.confirming = true;
      heap.place(entry, Math.min(at, regular));
      arm();
    },
    lookNow(ids) {
      for (const id of ids) {
        const entry = entries.get(id);
        if (entry && grid !== null) ask(entry);
      }
    },
    nextAt(id) {
      const dueAt = entries.get(id)?.dueAt ?? Infinity;
      return dueAt === Infinity ? null : dueAt;
    },
    stepped(byMs) {
      if (grid === null) return;
      grid = { ...grid, startedAt: grid.startedAt + byMs };
      // The alarm has moved along as well.
      if (armed) armed = { ...armed, at: armed.at + byMs };
      for (const entry of entries.values()) {
        if (entry.beganAt !== null) entry.beganAt += byMs;
        const isCron = 'cron' in entry.check.rhythm && !entry.confirming;
        const dueAt = isCron ? nextDue(entry.check, grid, clock.now()) : entry.dueAt + byMs;
        if (entry.index >= 0) heap.place(entry, dueAt);
        else entry.dueAt = dueAt;
      }
      arm();
    },
    lateMs() {
      const since = (at: number | null | undefined) => Math.max(0, clock.now() - (at ?? Infinity));
      return { due: since(heap.earliest?.dueAt), queued: since(lanes.longestQueued()) };
    },
    load: () => ({ lanes: lanes.view(), waiting: lanes.waiting(), leftOut: { ...leftOut } }),
    async drain(patienceMs) {
      draining = true;
      arm();
      let outOfPatience: Alarm | undefined;
      const aborted = new Promise<void>((resolve) => {
        outOfPatience = clock.alarm(clock.now() + patienceMs, () => {
          patience.abort();
          resolve();
        });
      });
      await Promise.race([lanes.finish(), aborted]);
      outOfPatience?.cancel();
    },
  };
}

function newEntry(check: Check): Entry {
  return {
    check,
    dueAt: Infinity,
    index: -1,
    confirming: false,
    beganAt: null,
    again: false,
    asking: null,
  };
}
