/**
 * Checks that a job reports to: when a report is overdue, and what one means. Nothing is confirmed
 * here: a job that says that it failed did, and one that is late has had its grace. What one would
 * get wrong: a start is no success, it only makes the end due.
 */
import { nextAt } from '../calendar/cron.ts';
import type { Check } from '../config/config.ts';
import type { CheckState, HeartbeatState, Turn } from './check-state.ts';

/** What a job said. `detail`: its own words, for people; may be empty. */
export type Report =
  | { readonly word: 'start' | 'log'; readonly detail: string }
  /** `tookMs`: as the job measured it; null: it did not say. */
  | { readonly word: 'success'; readonly tookMs: number | null }
  /** `exitCode`: null where it only said that it failed. */
  | { readonly word: 'failure'; readonly exitCode: number | null; readonly detail: string };

export interface Judged {
  readonly state: CheckState;
  /** The check changed. */
  readonly turn?: Turn;
}

/**
 * A check as it is from now on: new, or defined anew, it has one period and its grace to report. It
 * stays down if it was: only a report ends that.
 */
export function awaited(check: Check, state: CheckState | undefined, now: number): CheckState {
  const heartbeat = { from: now, startedAt: null, excusedUntil: null, detail: '' };
  if (state?.heartbeat) return { ...state, generation: check.generation, heartbeat };
  const isDown = state?.status === 'down';
  return {
    check: check.id,
    generation: check.generation,
    status: isDown ? 'down' : 'unknown',
    since: isDown ? state.since : now,
    reason: isDown ? state.reason : null,
    brief: isDown ? state.brief : '',
    window: [],
    successes: 0,
    firstFailedAt: isDown ? state.firstFailedAt : null,
    lookedAt: null,
    tookMs: null,
    lastStatus: 'unknown',
    heartbeat,
  };
}

/** When the check is down unless its job reports; null: it is down already. Epoch ms. */
export function overdueAt(check: Check, { status, heartbeat }: CheckState): number | null {
  if (status === 'down' || !heartbeat) return null;
  const { from, startedAt, excusedUntil } = heartbeat;
  const graceMs = check.heartbeat?.graceMs ?? 0;
  const due = Math.min(expectedAt(check, from), startedAt ?? Infinity) + graceMs;
  return Math.max(due, excusedUntil ?? -Infinity);
}

/**
 * Tocsin is back: what was expected by now may have been reported to nobody, and gets one more grace.
 * One only, however often Tocsin goes: a daemon that keeps restarting must not hide a dead job.
 */
export function excused(check: Check, state: CheckState, now: number): CheckState {
  const { heartbeat } = state;
  const dueAt = overdueAt(check, state);
  if (!heartbeat || dueAt === null || heartbeat.excusedUntil !== null) return state;
  if (heartbeat.startedAt === null && expectedAt(check, heartbeat.from) > now) return state;
  const excusedUntil = Math.max(dueAt, now) + (check.heartbeat?.graceMs ?? 0);
  return { ...state, heartbeat: { ...heartbeat, excusedUntil } };
}

/** Nothing was heard in time. */
export function missed(check: Check, state: CheckState, now: number): Judged {
  const { from, startedAt } = state.heartbeat ?? { from: state.since, startedAt: null };
  const expected = expectedAt(check, from);
  const isUnfinished = startedAt !== null && startedAt < expected;
  const brief = isUnfinished
    ? `started ${span(now - startedAt)} ago, not finished`
    : `no heartbeat for ${span(now - (state.lookedAt ?? from))}`;
  const since = isUnfinished ? startedAt : Math.min(expected, now);
  return wentDown(state, { since, reason: 'missed_heartbeat', brief }, now);
}

/** The job has reported. */
export function reported(state: CheckState, report: Report, now: number): Judged {
  const before = state.heartbeat ?? { from: now, startedAt: null, excusedUntil: null, detail: '' };
  switch (report.word) {
    case 'log':
      return { state: { ...state, heartbeat: { ...before, detail: report.detail } } };
    case 'start': {
      const heartbeat = { ...before, startedAt: now, detail: report.detail };
      return { state: { ...state, heartbeat } };
    }
    case 'success': {
      const ran = before.startedAt === null ? null : now - before.startedAt;
      const up = ended(state, now, report.tookMs ?? ran, '');
      return cameUp(up, now);
    }
    case 'failure': {
      const { exitCode, detail } = report;
      const ran = before.startedAt === null ? null : now - before.startedAt;
      const brief = exitCode === null ? 'reported failure' : `exit code ${exitCode}`;
      const failed = ended(state, now, ran, detail);
      return wentDown(failed, { since: now, reason: 'exit_code', brief }, now);
    }
  }
}

/** A run is over, and the next deadline counts from here. */
function ended(state: CheckState, now: number, tookMs: number | null, detail: string): CheckState {
  const heartbeat: HeartbeatState = { from: now, startedAt: null, excusedUntil: null, detail };
  return { ...state, lookedAt: now, tookMs, heartbeat };
}

function cameUp(state: CheckState, now: number): Judged {
  const well = {
    ...state,
    reason: null,
    brief: '',
    firstFailedAt: null,
    lastStatus: 'up',
  } as const;
  if (state.status === 'up') return { state: well };
  return turned(state, { ...well, status: 'up', since: now }, now);
}

function wentDown(
  state: CheckState,
  { since, ...why }: Pick<Turn, 'since' | 'reason' | 'brief'>,
  now: number,
): Judged {
  const ill = { ...state, ...why, lastStatus: 'down' } as const;
  if (state.status === 'down') return { state: ill };
  return turned(state, { ...ill, status: 'down', since, firstFailedAt: since }, now);
}

function turned({ status: from }: CheckState, state: CheckState, at: number): Judged {
  const { check, status: to, since, reason, brief } = state;
  return { state, turn: { check, from, to, at, since, reason, brief } };
}

/** When the first report after `from` is expected; Infinity for a cron that never comes. */
function expectedAt({ rhythm }: Check, from: number): number {
  if ('everyMs' in rhythm) return from + rhythm.everyMs;
  return nextAt(rhythm.cron, rhythm.timezone, from) ?? Infinity;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** In the unit that people speak of it: `45s`, `90m`, `25h`, `3d`; rounded down. */
function span(ms: number): string {
  if (ms < 2 * MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < 2 * HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  if (ms < 3 * DAY_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  return `${Math.floor(ms / DAY_MS)}d`;
}
