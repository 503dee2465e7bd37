/**
 * The rows of a board, whoever holds them: a Change brings some, a Snapshot all. Kept apart from
 * the journal because the main thread cuts them into slices and must not load SQLite.
 */
import type { Change } from '../incident/change.ts';
import type { ReadonlyBoard } from '../incident/board.ts';

export type Rows = Pick<
  Change,
  | 'checks'
  | 'incidents'
  | 'members'
  | 'timeline'
  | 'notifications'
  | 'silences'
  | 'overrides'
  | 'drills'
  | 'reaches'
  | 'cursors'
>;

/** To copy so many rows to another thread takes about a millisecond. */
export const SLICE_ROWS = 500;

export function rowsOf(board: ReadonlyBoard): Rows {
  return {
    checks: [...board.checks.values()],
    incidents: [...board.incidents.values()],
    members: [...board.members.values()].flatMap((members) => [...members.values()]),
    timeline: [...board.timelines.values()].flat(),
    notifications: [...board.notifications.values()],
    silences: [...board.silences.values()],
    overrides: [...board.overrides.values()],
    drills: [...board.drills.values()],
    reaches: [...board.reaches.values()],
    cursors: [...board.cursors].map(([channel, value]) => ({ channel, value })),
  };
}

/** The same rows, in order, at most `SLICE_ROWS` in each. */
export function* slices(rows: Rows): Generator<Partial<Rows>> {
  for (const [kind, all] of Object.entries(rows) as [keyof Rows, Rows[keyof Rows]][]) {
    for (let from = 0; from < all.length; from += SLICE_ROWS) {
      yield { [kind]: all.slice(from, from + SLICE_ROWS) };
    }
  }
}
