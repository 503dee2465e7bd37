/**
 * A clock that was set makes every instant that it gave wrong by as much: what is remembered of a
 * check moves along, so that what was two minutes ago is two minutes ago. It is no turn.
 */
import type { CheckState } from './check-state.ts';

export function shifted(state: CheckState, byMs: number): CheckState {
  const moved = (at: number | null): number | null => (at === null ? null : at + byMs);
  const { heartbeat } = state;
  return {
    ...state,
    since: state.since + byMs,
    window: state.window.map((look) => ({ ...look, at: look.at + byMs })),
    firstFailedAt: moved(state.firstFailedAt),
    lookedAt: moved(state.lookedAt),
    ...(heartbeat && {
      heartbeat: {
        ...heartbeat,
        from: heartbeat.from + byMs,
        startedAt: moved(heartbeat.startedAt),
        excusedUntil: moved(heartbeat.excusedUntil),
      },
    }),
  };
}
