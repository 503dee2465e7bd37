/** Rows as small as a test of the store needs them: what they mean is nobody's business here. */
import type { Change } from '../../src/incident/change.ts';
import type {
  Incident,
  Member,
  Override,
  Silence,
  TimelineEntry,
} from '../../src/incident/incident.ts';
import type { Drill } from '../../src/incident/drill.ts';
import type { Reach } from '../../src/incident/reach.ts';
import type { Notification } from '../../src/incident/notification.ts';
import type { CheckState } from '../../src/judge/check-state.ts';
import type { Look } from '../../src/store/store.ts';
import { aChange, aCheckState, aMember, anIncident, aNotification, aSilence } from '../builders.ts';

export const NOON = Date.UTC(2026, 0, 5, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function change(rows: Partial<Change> & Pick<Change, 'seq' | 'epoch'>): Change {
  return aChange(NOON, rows);
}

export function incident(id: string, rest: Partial<Incident> = {}): Incident {
  return anIncident(id, NOON, { title: 'Shop home page', stepDueAt: NOON + 5 * MINUTE, ...rest });
}

export function resolved(id: string, at: number, rest: Partial<Incident> = {}): Incident {
  return incident(id, {
    state: 'resolved',
    brokeAt: at - MINUTE,
    openedAt: at - MINUTE,
    resolvedAt: at,
    resolvedBecause: 'recovered',
    stepDueAt: null,
    ...rest,
  });
}

export function member(of: string, check = 'shop'): Member {
  return aMember(of, check, NOON);
}

export function entry(of: string, n: number): TimelineEntry {
  return { incident: of, n, at: NOON + n, type: n === 0 ? 'opened' : 'note' };
}

export function notification(key: string, rest: Partial<Notification> = {}): Notification {
  return aNotification(key, NOON, rest);
}

export function silence(id: string, rest: Partial<Silence> = {}): Silence {
  return aSilence(id, NOON, { endsAt: null, ...rest });
}

export function checkState(check: string, lookedAt = NOON): CheckState {
  return aCheckState(check, NOON, { lookedAt, tookMs: 12.5 });
}

export function look(check: string, at: number, rest: Partial<Look> = {}): Look {
  return { check, from: 'lisbon', at, tookMs: 1.5, status: 'up', reason: null, brief: '', ...rest };
}

export function override(id: string, fields: Partial<Override> = {}): Override {
  const times = { from: NOON, until: NOON + DAY, at: NOON, endedAt: null };
  const who = { rotation: 'primary', responder: 'ben', by: 'ben', why: 'a wedding' };
  return { id, ...who, ...times, ...fields };
}

export function drill(id: string, rest: Partial<Drill> = {}): Drill {
  return {
    id,
    code: '9M',
    escalation: 'on-call',
    by: 'ana',
    plan: null,
    withinMs: 15 * MINUTE,
    startsAt: NOON,
    begunAt: NOON,
    answerBy: NOON + 15 * MINUTE,
    endedAt: null,
    ending: null,
    tellAt: null,
    people: [
      {
        responder: 'ana',
        channels: ['sms'],
        askAt: NOON,
        askedAt: NOON,
        answeredAt: null,
        answeredBy: null,
        sparedAt: null,
      },
    ],
    ...rest,
  };
}

export function reach(responder: string, channel: string, rest: Partial<Reach> = {}): Reach {
  return { responder, channel, reachedAt: NOON, answeredAt: null, ...rest };
}
