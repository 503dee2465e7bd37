/**
 * What follows when time was not what it seemed: after a gap Tocsin is back as from a restart, after
 * a step all that is remembered moves along. All of it happens before an alarm can ring: whoever
 * calls this does so from a timer, and what is submitted here is decided in the same turn of the loop.
 */
import type { Emit } from './events.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { ReadonlyBoard } from './incident/board.ts';
import type { Input } from './incident/input.ts';
import type { CheckState } from './judge/check-state.ts';
import { shifted } from './judge/shifted.ts';
import type { Pipeline } from './pipeline.ts';
import type { Scheduler } from './schedule/scheduler.ts';
import type { Self } from './self.ts';
import type { Clock, Departure } from './system/clock.ts';
import type { Watch } from './watch.ts';

/** A shorter one is a slow moment: deadlines are simply due. */
const AWAY_MS = 60_000;

export interface DepartureParts {
  readonly clock: Clock;
  readonly board: ReadonlyBoard;
  readonly counted: (state: CheckState) => void;
  readonly submit: (input: Input) => Promise<unknown>;
  readonly pipeline: Pick<Pipeline, 'start'>;
  readonly watch: Pick<Watch, 'discard' | 'release'>;
  readonly scheduler: Pick<Scheduler, 'stepped' | 'lookAgain'>;
  readonly heartbeats: Pick<Heartbeats, 'start'>;
  readonly self: Pick<Self, 'stepped'>;
  readonly emit: Emit;
}

export function onDeparture(parts: DepartureParts): (departure: Departure) => void {
  const { clock, board, watch, scheduler, emit } = parts;
  return ({ gapMs, steppedMs }) => {
    watch.discard();
    if (steppedMs !== 0) {
      emit({ type: 'trouble', where: 'clock', what: `it was set, by ${inSeconds(steppedMs)}` });
      // What was held for its causes was confirmed by the clock of before.
      void watch.release();
      for (const state of [...board.checks.values()]) parts.counted(shifted(state, steppedMs));
      scheduler.stepped(steppedMs);
      parts.self.stepped();
      void parts.submit({ type: 'stepped', byMs: steppedMs }).then(() => parts.pipeline.start());
    }
    if (gapMs > AWAY_MS) {
      emit({ type: 'trouble', where: 'clock', what: `nothing ran for ${inSeconds(gapMs)}` });
      void parts.submit({ type: 'resumed', awaySince: clock.now() - gapMs });
      lookAtUnfinished(board, scheduler, clock.now());
    }
    // Deadlines of jobs are made again from what is remembered; what was missed meanwhile is excused.
    if (steppedMs !== 0 || gapMs > AWAY_MS) parts.heartbeats.start();
  };
}

/** An open incident waits for a fresh look of its checks; what was being confirmed goes on. */
export function lookAtUnfinished(
  board: ReadonlyBoard,
  scheduler: Pick<Scheduler, 'lookAgain'>,
  now: number,
): void {
  for (const check of board.incidentOf.keys()) scheduler.lookAgain(check, now);
  for (const { check, window } of board.checks.values()) {
    if (window.length > 0) scheduler.lookAgain(check, now);
  }
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
