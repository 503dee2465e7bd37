/**
 * The alarm of the earliest stored deadline. It carries no meaning of its own: when it rings, the
 * board says what is due. It may ring for nothing, where the earliest has been put off: cheaper than
 * to ask every incident after every step, which in a storm of ten thousand is what takes the time.
 */
import type { ReadonlyBoard } from './incident/board.ts';
import { dueBy, nextDueAt, type Deadlines } from './incident/decide.ts';
import type { Due } from './incident/input.ts';
import type { Alarm, Clock } from './system/clock.ts';

export interface DeadlinesParts {
  readonly board: ReadonlyBoard;
  readonly clock: Clock;
  readonly submit: (input: Due) => void;
}

export interface DeadlineAlarm {
  /** Also after the clock was set, which moved the alarm, but not all that is due. */
  start(): void;
  stop(): void;
  /** These are the rows of the board that changed. */
  changed(rows: Deadlines): void;
  /** Everything that was submitted has been decided. */
  settled(): void;
  /** Nothing rings before this: something that is due could not be decided. Epoch ms. */
  rest(until: number): void;
}

export function createDeadlineAlarm({ board, clock, submit }: DeadlinesParts): DeadlineAlarm {
  let isStarted = false;
  let armed: { readonly at: number; readonly alarm: Alarm } | null = null;
  let hasRung = false;
  let notBefore = 0;

  function arm(rows: Deadlines): void {
    const dueAt = isStarted ? nextDueAt(rows) : null;
    if (dueAt === null) return;
    const at = Math.max(dueAt, notBefore);
    if (armed && armed.at <= at) return;
    armed?.alarm.cancel();
    armed = { at, alarm: clock.alarm(at, ring) };
  }

  function ring(): void {
    armed = null;
    const due = dueBy(board, clock.now());
    for (const input of due) submit(input);
    // Until they have been decided they would look due again.
    hasRung = due.length > 0;
    if (!hasRung) arm(board);
  }

  return {
    start() {
      isStarted = true;
      armed?.alarm.cancel();
      armed = null;
      arm(board);
    },
    stop() {
      isStarted = false;
      armed?.alarm.cancel();
    },
    changed: arm,
    settled() {
      if (hasRung) arm(board);
      hasRung = false;
    },
    rest(until) {
      notBefore = until;
    },
  };
}
