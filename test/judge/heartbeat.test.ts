import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/config/config.ts';
import type { CheckState } from '../../src/judge/check-state.ts';
import { awaited, excused, missed, overdueAt, reported } from '../../src/judge/heartbeat.ts';
import type { Report } from '../../src/judge/heartbeat.ts';
import { checkOf, stateOf } from '../server/house.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday in winter, when Lisbon is on UTC. */
const AT_THREE = Date.UTC(2026, 0, 5, 3);

const heartbeat = { token: 'token-of-the-backup', graceMs: HOUR };
const DAILY = checkOf('backup', { type: 'heartbeat', rhythm: { everyMs: DAY }, heartbeat });
const NIGHTLY: Check = {
  ...DAILY,
  rhythm: { cron: '0 3 * * *', timezone: 'Europe/Lisbon' },
};

const SUCCESS: Report = { word: 'success', tookMs: null };
const START: Report = { word: 'start', detail: '' };
const failure = (exitCode: number | null, detail = ''): Report => ({
  word: 'failure',
  exitCode,
  detail,
});

/** The state after these reports, each at its own instant. */
function after(...reports: readonly (readonly [Report, number])[]): CheckState {
  return reports.reduce(
    (state, [report, at]) => reported(state, report, at).state,
    awaited(DAILY, undefined, AT_THREE - DAY),
  );
}

describe('a report is overdue', () => {
  it('a period and its grace after the last one', () => {
    expect(overdueAt(DAILY, after([SUCCESS, AT_THREE]))).toBe(AT_THREE + 25 * HOUR);
  });

  it("a grace after the cron's next time, whenever the job ended before", () => {
    const ended = after([SUCCESS, AT_THREE + 20 * MINUTE]);
    expect(overdueAt(NIGHTLY, ended)).toBe(AT_THREE + DAY + HOUR);
  });

  it('at the hour of the zone that the cron is in: 02:00 UTC once Lisbon is on summer time', () => {
    const saturday = Date.UTC(2026, 2, 28, 3, 20);
    const sundayAtThree = Date.UTC(2026, 2, 29, 2);
    expect(overdueAt(NIGHTLY, after([SUCCESS, saturday]))).toBe(sundayAtThree + HOUR);
  });

  it('a period and its grace after a check was first seen, when none has come yet', () => {
    const seen = awaited(DAILY, undefined, AT_THREE);
    expect(seen).toMatchObject({ status: 'unknown', since: AT_THREE, lookedAt: null });
    expect(overdueAt(DAILY, seen)).toBe(AT_THREE + 25 * HOUR);
  });

  it('a grace after the job began, if it does not end by then', () => {
    const running = after([SUCCESS, AT_THREE], [START, AT_THREE + 6 * HOUR]);
    expect(running.status).toBe('up');
    expect(overdueAt(DAILY, running)).toBe(AT_THREE + 7 * HOUR);
    expect(overdueAt(DAILY, reported(running, SUCCESS, AT_THREE + 6.5 * HOUR).state)).toBe(
      AT_THREE + 31.5 * HOUR,
    );
  });

  it('no later for a job that begins again and again and never ends', () => {
    const crashing = after([SUCCESS, AT_THREE], [START, AT_THREE + 24.9 * HOUR]);
    expect(overdueAt(DAILY, crashing)).toBe(AT_THREE + 25 * HOUR);
  });

  it('never while it is down: it is known', () => {
    expect(overdueAt(DAILY, after([failure(3), AT_THREE]))).toBeNull();
    expect(overdueAt(DAILY, after([failure(3), AT_THREE], [START, AT_THREE + 1]))).toBeNull();
  });
});

describe('overdue is down', () => {
  it('since it was expected, and says for how long nothing came', () => {
    const { state, turn } = missed(DAILY, after([SUCCESS, AT_THREE]), AT_THREE + 25 * HOUR);
    expect(turn).toEqual({
      check: 'backup',
      from: 'up',
      to: 'down',
      at: AT_THREE + 25 * HOUR,
      since: AT_THREE + DAY,
      reason: 'missed_heartbeat',
      brief: 'no heartbeat for 25h',
    });
    expect(state).toMatchObject({ status: 'down', lastStatus: 'down', lookedAt: AT_THREE });
  });

  it('from unknown too: a job that never reported is a job that does not run', () => {
    const seen = awaited(DAILY, undefined, AT_THREE);
    expect(missed(DAILY, seen, AT_THREE + 25 * HOUR).turn).toMatchObject({
      from: 'unknown',
      to: 'down',
      brief: 'no heartbeat for 25h',
    });
  });

  it('says that it began, where it did', () => {
    const running = after([SUCCESS, AT_THREE], [START, AT_THREE + 6 * HOUR]);
    expect(missed(DAILY, running, AT_THREE + 7 * HOUR).turn).toMatchObject({
      since: AT_THREE + 6 * HOUR,
      reason: 'missed_heartbeat',
      brief: 'started 60m ago, not finished',
    });
  });

  it.each([
    [45_000, '45s'],
    [90 * MINUTE, '90m'],
    [71.9 * HOUR, '71h'],
    [8 * DAY, '8d'],
  ])('after %i ms in the words of a person: %s', (ms, words) => {
    const check = { ...DAILY, rhythm: { everyMs: ms / 2 } };
    const { turn } = missed(check, after([SUCCESS, AT_THREE]), AT_THREE + ms);
    expect(turn?.brief).toBe(`no heartbeat for ${words}`);
  });
});

describe('what a job says', () => {
  it('success: up at once, from unknown and from down', () => {
    const seen = awaited(DAILY, undefined, AT_THREE);
    expect(reported(seen, SUCCESS, AT_THREE + 1).turn).toMatchObject({ from: 'unknown', to: 'up' });
    const failed = after([failure(3, 'disk full'), AT_THREE]);
    const { state, turn } = reported(failed, SUCCESS, AT_THREE + HOUR);
    expect(turn).toMatchObject({ from: 'down', to: 'up', since: AT_THREE + HOUR, reason: null });
    expect(state).toMatchObject({ status: 'up', lastStatus: 'up', brief: '', firstFailedAt: null });
    expect(state.heartbeat?.detail).toBe('');
  });

  it('success again: no turn, and the deadline moves', () => {
    const { state, turn } = reported(after([SUCCESS, AT_THREE]), SUCCESS, AT_THREE + HOUR);
    expect(turn).toBeUndefined();
    expect(state).toMatchObject({ since: AT_THREE, lookedAt: AT_THREE + HOUR });
  });

  it.each([
    [3, 'exit code 3'],
    [null, 'reported failure'],
  ])('failure with %s: down at once, with its own words kept', (exitCode, brief) => {
    const { state, turn } = reported(
      after([SUCCESS, AT_THREE]),
      failure(exitCode, 'disk full'),
      AT_THREE + HOUR,
    );
    expect(turn).toMatchObject({ to: 'down', since: AT_THREE + HOUR, reason: 'exit_code', brief });
    expect(state.heartbeat?.detail).toBe('disk full');
  });

  it('failure while down: no second turn, and the newer reason', () => {
    const late = missed(DAILY, after([SUCCESS, AT_THREE]), AT_THREE + 25 * HOUR).state;
    const { state, turn } = reported(late, failure(3), AT_THREE + 26 * HOUR);
    expect(turn).toBeUndefined();
    expect(state).toMatchObject({ reason: 'exit_code', since: AT_THREE + DAY });
  });

  it('start and end: how long it ran; what the job measured itself goes before', () => {
    const ran = after([START, AT_THREE], [SUCCESS, AT_THREE + 20 * MINUTE]);
    expect(ran.tookMs).toBe(20 * MINUTE);
    expect(after([SUCCESS, AT_THREE]).tookMs).toBeNull();
    expect(after([START, AT_THREE], [{ ...SUCCESS, tookMs: 7 }, AT_THREE + HOUR]).tookMs).toBe(7);
  });

  it('start and log change nothing but what is remembered', () => {
    const up = after([SUCCESS, AT_THREE]);
    const started = reported(up, { word: 'start', detail: 'hello' }, AT_THREE + 1);
    expect(started).toEqual({
      state: { ...up, heartbeat: { ...up.heartbeat, startedAt: AT_THREE + 1, detail: 'hello' } },
    });
    const logged = reported(started.state, { word: 'log', detail: '3 of 7' }, AT_THREE + 2);
    expect(logged.state.heartbeat).toMatchObject({ startedAt: AT_THREE + 1, detail: '3 of 7' });
  });
});

describe('after Tocsin was away', () => {
  const up = after([SUCCESS, AT_THREE]);

  it('what was overdue by then has one more grace from the return', () => {
    const back = AT_THREE + 40 * HOUR;
    expect(overdueAt(DAILY, excused(DAILY, up, back))).toBe(back + HOUR);
  });

  it('what was expected by then is overdue one grace later than it would have been', () => {
    const back = AT_THREE + 24.5 * HOUR;
    expect(overdueAt(DAILY, excused(DAILY, up, back))).toBe(AT_THREE + 26 * HOUR);
  });

  it('what is not expected yet was not missed', () => {
    expect(excused(DAILY, up, AT_THREE + 23 * HOUR)).toBe(up);
  });

  it('a job that was running may have ended meanwhile', () => {
    const running = after([SUCCESS, AT_THREE], [START, AT_THREE + HOUR]);
    const back = AT_THREE + 3 * HOUR;
    expect(overdueAt(DAILY, excused(DAILY, running, back))).toBe(back + HOUR);
  });

  it('once: a daemon that keeps restarting does not hide that the job is dead', () => {
    const first = excused(DAILY, up, AT_THREE + 40 * HOUR);
    expect(excused(DAILY, first, AT_THREE + 40.5 * HOUR)).toBe(first);
    const { state } = reported(first, SUCCESS, AT_THREE + 41 * HOUR);
    expect(state.heartbeat?.excusedUntil).toBeNull();
  });

  it('what is down stays down', () => {
    const down = after([failure(1), AT_THREE]);
    expect(excused(DAILY, down, AT_THREE + 40 * HOUR)).toBe(down);
  });
});

describe('a check that is defined anew', () => {
  it('has a whole period from then, and keeps what was known of it', () => {
    const weekly = { ...DAILY, generation: 'g2', rhythm: { everyMs: HOUR } };
    const state = awaited(weekly, after([SUCCESS, AT_THREE]), AT_THREE + 10 * HOUR);
    expect(state).toMatchObject({ status: 'up', generation: 'g2', lookedAt: AT_THREE });
    expect(overdueAt(weekly, state)).toBe(AT_THREE + 12 * HOUR);
  });

  it('was looked at before: what was seen then says nothing of the job, unless it is down', () => {
    const up = awaited(DAILY, stateOf('backup'), AT_THREE);
    expect(up).toMatchObject({ status: 'unknown', since: AT_THREE, lookedAt: null, tookMs: null });
    const down = awaited(DAILY, stateOf('backup', { status: 'down', brief: 'HTTP 503' }), AT_THREE);
    expect(down).toMatchObject({ status: 'down', brief: 'HTTP 503', lastStatus: 'unknown' });
    expect(reported(down, SUCCESS, AT_THREE + 1).turn).toMatchObject({ from: 'down', to: 'up' });
  });
});
