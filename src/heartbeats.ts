/**
 * Hearing from jobs: each check that one reports to has a deadline, and one alarm stands for the
 * earliest. A report is answered when it is stored, or when waiting for that is over: whoever then
 * hears nothing may ask again, and a report that comes twice changes nothing.
 */
import { createHash } from 'node:crypto';
import type { Check, Config } from './config/config.ts';
import type { Emit } from './events.ts';
import type { ReadonlyBoard } from './incident/board.ts';
import type { Input } from './incident/input.ts';
import type { CheckState } from './judge/check-state.ts';
import { awaited, excused, missed, overdueAt, reported } from './judge/heartbeat.ts';
import type { Judged, Report } from './judge/heartbeat.ts';
import { DueHeap, type Due } from './schedule/due-heap.ts';
import type { Alarm, Clock } from './system/clock.ts';

export interface HeartbeatsParts {
  readonly clock: Clock;
  readonly config: () => Config;
  readonly board: Pick<ReadonlyBoard, 'checks'>;
  readonly counted: (state: CheckState) => void;
  readonly submit: (input: Input) => Promise<Submitted>;
  readonly emit: Emit;
}

export interface Heartbeats {
  /** The check that this token reports to. Takes as long for a token that is nearly right as for any. */
  checkOf(token: string): string | undefined;
  /** Resolves when the report is stored, or waiting for that is over. undefined: no such check (any more). */
  hear(check: string, report: Report): Promise<Submitted | undefined>;
  /** When a check is down unless its job reports, epoch ms; null: no such check, or it is down. */
  dueAt(check: string): number | null;
  /** A configuration is in force: the first, or another. */
  replace(): void;
  /** From now on what is overdue is down; what became overdue while Tocsin was away is excused once. Also after a gap, and after the clock was set. */
  start(): void;
  stop(): void;
}

export interface Submitted {
  /** false: it counts, and a crash now may lose it. */
  readonly recorded: boolean;
}

interface Entry extends Due {
  readonly id: string;
}

/** Then others have their turn: the rest rings at once. */
const MISSED_AT_ONCE = 200;
/** The location of a daemon that was given none. */
const HERE = 'local';

export function createHeartbeats(parts: HeartbeatsParts): Heartbeats {
  const { clock, board, emit } = parts;
  const entries = new Map<string, Entry>();
  const heap = new DueHeap<Entry>();
  let checkOfDigest: ReadonlyMap<string, string> = new Map();
  /** By token: a reload would work out ten thousand of them within one turn. */
  let digests: ReadonlyMap<string, string> = new Map();
  let isStarted = false;
  let armed: { readonly at: number; readonly alarm: Alarm } | null = null;

  function checkCalled(id: string): Check | undefined {
    const check = parts.config().checks.get(id);
    return check?.heartbeat ? check : undefined;
  }

  /** What is remembered of a check, under the definition that it has now. */
  function stateOf(check: Check): CheckState {
    const state = board.checks.get(check.id);
    if (state?.heartbeat && state.generation === check.generation) return state;
    return awaited(check, state, clock.now());
  }

  function place(check: Check, state: CheckState): void {
    const entry = entries.get(check.id) ?? { id: check.id, dueAt: Infinity, index: -1 };
    entries.set(check.id, entry);
    const dueAt = overdueAt(check, state) ?? Infinity;
    if (dueAt === Infinity) heap.remove(entry);
    else heap.place(entry, dueAt);
  }

  function arm(): void {
    const at = isStarted ? (heap.earliest?.dueAt ?? Infinity) : Infinity;
    if (armed?.at === at) return;
    armed?.alarm.cancel();
    armed = at === Infinity ? null : { at, alarm: clock.alarm(at, wake) };
  }

  function wake(): void {
    armed = null;
    const now = clock.now();
    for (let n = 0; n < MISSED_AT_ONCE; n++) {
      const entry = heap.earliest;
      if (!entry || entry.dueAt > now) break;
      heap.remove(entry);
      const check = checkCalled(entry.id);
      if (check) void judgedAs(check, missed(check, stateOf(check), now), now);
    }
    arm();
  }

  /** The end of a run, or that none came: what a look is to other checks. */
  function judgedAs(check: Check, judged: Judged, at: number): Promise<Submitted> {
    const { id, generation } = check;
    const { state } = judged;
    const { lastStatus: status, reason, brief } = state;
    const look = { check: id, generation, from: parts.config().location ?? HERE, at };
    const verdict = { ...look, tookMs: state.tookMs ?? 0, status, findings: [], reason, brief };
    const kept = keep(check, judged);
    emit({ type: 'looked', verdict, state, facts: null });
    return kept;
  }

  /** Resolves when it is stored, or the patience for that is over. */
  function keep(check: Check, { state, turn }: Judged): Promise<Submitted> {
    parts.counted(state);
    place(check, state);
    if (turn === undefined) return parts.submit({ type: 'reported', check: check.id });
    emit({ type: 'turned', turn });
    return parts.submit({ type: 'turn', ...turn });
  }

  function dueAt(id: string): number | null {
    const entry = entries.get(id);
    return entry && entry.index >= 0 ? entry.dueAt : null;
  }

  function remember(check: Check, state: CheckState): void {
    if (state !== board.checks.get(check.id)) parts.counted(state);
    place(check, state);
  }

  return {
    checkOf: (token) => checkOfDigest.get(digest(token)),
    hear(id, report) {
      const check = checkCalled(id);
      if (!check) return Promise.resolve(undefined);
      const now = clock.now();
      const judged = reported(stateOf(check), report, now);
      const isEnd = report.word === 'success' || report.word === 'failure';
      const kept = isEnd ? judgedAs(check, judged, now) : keep(check, judged);
      arm();
      return kept;
    },
    dueAt,
    replace() {
      const checks = [...parts.config().checks.values()].filter(({ heartbeat }) => heartbeat);
      const tokens = checks.map(({ heartbeat }) => heartbeat?.token ?? '');
      digests = new Map(tokens.map((token) => [token, digests.get(token) ?? digest(token)]));
      checkOfDigest = new Map(checks.map(({ id }, i) => [digests.get(tokens[i] ?? '') ?? '', id]));
      const now = clock.now();
      for (const entry of [...entries.values()]) {
        if (checkCalled(entry.id)) continue;
        heap.remove(entry);
        entries.delete(entry.id);
      }
      for (const check of checks) {
        // One that was away from the configuration had nobody to report to.
        const isKnown = entries.has(check.id) || !isStarted;
        const state = isKnown ? stateOf(check) : awaited(check, board.checks.get(check.id), now);
        remember(check, state);
      }
      arm();
    },
    start() {
      isStarted = true;
      // After the clock was set it rings at another time than it was set to.
      armed?.alarm.cancel();
      armed = null;
      const now = clock.now();
      for (const id of entries.keys()) {
        const check = checkCalled(id);
        if (check) remember(check, excused(check, stateOf(check), now));
      }
      arm();
    },
    stop() {
      isStarted = false;
      arm();
    },
  };
}

/** Found by its hash: how long that takes tells about the hash, and nothing about the token. */
function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
