/**
 * Counting looks until they mean something. Down has to be confirmed, up again has to be earned,
 * up and degraded change places at once. What is counted is looks at the recheck's pace: a look
 * that somebody asked for in between is passed by (`notice`), or a blip would confirm itself.
 */
import type { ConfirmRule } from '../config/config.ts';
import type { CheckState, Counted, Turn } from './check-state.ts';
import type { Verdict } from './verdict.ts';

export interface Count {
  readonly state: CheckState;
  /** The check changed for good. */
  readonly turn?: Turn;
  /** The next look is wanted then, sooner than the check's rhythm says. Epoch ms. */
  readonly lookAgainAt?: number;
}

/**
 * Counts one look. `state` is null before the first one. A look that began before the last one
 * counted changes nothing. `now`: epoch ms, becomes the turn's `at`.
 */
export function count(
  state: CheckState | null,
  verdict: Verdict,
  rule: ConfirmRule,
  now: number,
): Count {
  if (state && verdict.at < (state.lookedAt ?? -Infinity)) return { state };
  const before = notice(current(state, verdict), verdict);
  if (verdict.status === 'unknown') return countUnseen(before, verdict.at, now);
  const counted =
    before.status === 'down'
      ? countWhileDown(before, verdict, rule)
      : countUntilDown(before, verdict, rule);
  const wanted = counted.window.length > 0 || counted.successes > 0;
  return {
    state: counted,
    ...(counted.status !== before.status && { turn: turnOf(before, counted, now) }),
    ...(wanted && { lookAgainAt: Math.max(now, verdict.at + rule.recheckMs) }),
  };
}

function countUnseen(before: CheckState, at: number, now: number): Count {
  const state = unseen(before, at);
  return state.status === before.status ? { state } : { state, turn: turnOf(before, state, now) };
}

/** Could not see: what was being confirmed is forgotten, what was confirmed as down stays. */
export function unseen(state: CheckState, at: number): CheckState {
  if (state.status === 'down') return state;
  const since = state.status === 'unknown' ? state.since : at;
  const what = { status: 'unknown', since, reason: null, brief: '' } as const;
  return { ...state, ...what, window: [], firstFailedAt: null, lastStatus: 'unknown' };
}

/** A look that is remembered and not counted. */
export function notice(state: CheckState, verdict: Verdict): CheckState {
  const { at: lookedAt, tookMs, status: lastStatus } = verdict;
  return { ...state, lookedAt, tookMs, lastStatus };
}

/** Is something being counted: a failure to confirm, or a failure to recover from? */
export function isCounting(state: CheckState): boolean {
  return state.status === 'down' || state.window.length > 0;
}

/** The state that this verdict is about: a check that was changed keeps what was confirmed of it. */
function current(state: CheckState | null, verdict: Verdict): CheckState {
  if (state?.generation === verdict.generation) return state;
  const blank: CheckState = {
    check: verdict.check,
    generation: verdict.generation,
    status: 'unknown',
    since: verdict.at,
    reason: null,
    brief: '',
    window: [],
    successes: 0,
    firstFailedAt: null,
    lookedAt: null,
    tookMs: null,
    lastStatus: 'unknown',
  };
  if (!state) return blank;
  const firstFailedAt = state.status === 'down' ? state.firstFailedAt : null;
  return { ...state, generation: verdict.generation, window: [], successes: 0, firstFailedAt };
}

function countUntilDown(state: CheckState, verdict: Verdict, rule: ConfirmRule): CheckState {
  const failed = verdict.status === 'down';
  if (!failed && state.window.length === 0) {
    return { ...state, firstFailedAt: null, ...seenWell(state, verdict) };
  }
  const window = trim([...state.window, { at: verdict.at, failed }], rule);
  const firstFailedAt = window[0]?.at ?? null;
  if (firstFailedAt !== null && failures(window) >= rule.fail) {
    const { reason, brief } = verdict;
    return { ...state, ...DOWN, reason, brief, firstFailedAt, since: firstFailedAt };
  }
  const counted = { ...state, window, firstFailedAt };
  return failed ? counted : { ...counted, ...seenWell(state, verdict) };
}

function countWhileDown(state: CheckState, verdict: Verdict, rule: ConfirmRule): CheckState {
  const { reason, brief } = verdict;
  if (verdict.status === 'down') return { ...state, successes: 0, reason, brief };
  const successes = state.successes + 1;
  if (successes < rule.recover) return { ...state, successes };
  return { ...state, successes: 0, firstFailedAt: null, ...seenWell(state, verdict) };
}

const DOWN = { status: 'down', window: [], successes: 0 } as const;

function seenWell({ status, since }: CheckState, verdict: Verdict) {
  const { reason, brief } = verdict;
  return {
    status: verdict.status,
    since: verdict.status === status ? since : verdict.at,
    reason,
    brief,
  };
}

/** Drops looks from the front until the rest can still become `fail of of`; maybe all of them. */
function trim(window: readonly Counted[], { fail, of }: ConfirmRule): readonly Counted[] {
  let from = 0;
  let failed = failures(window);
  for (const look of window) {
    const length = window.length - from;
    if (look.failed && length <= of && failed + (of - length) >= fail) break;
    if (look.failed) failed -= 1;
    from += 1;
  }
  return from === 0 ? window : window.slice(from);
}

function failures(window: readonly Counted[]): number {
  let failed = 0;
  for (const look of window) if (look.failed) failed += 1;
  return failed;
}

function turnOf(before: CheckState, after: CheckState, now: number): Turn {
  const { check, status, since, reason, brief } = after;
  return { check, from: before.status, to: status, at: now, since, reason, brief };
}
