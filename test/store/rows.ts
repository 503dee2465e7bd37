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

export const NOON = Date.UTC(2026, 0, 5, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function change(rows: Partial<Change> & Pick<Change, 'seq' | 'epoch'>): Change {
  return {
    at: NOON,
    checks: [],
    incidents: [],
    members: [],
    timeline: [],
    notifications: [],
    silences: [],
    overrides: [],
    drills: [],
    reaches: [],
    cursors: [],
    reasons: [],
    ...rows,
  };
}

export function incident(id: string, rest: Partial<Incident> = {}): Incident {
  return {
    id,
    code: '7K',
    state: 'open',
    severity: 'major',
    title: 'Shop home page',
    openedBy: null,
    escalation: 'on-call',
    brokeAt: NOON,
    openedAt: NOON,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBecause: null,
    spell: 1,
    round: 0,
    step: 0,
    stepDueAt: NOON + 5 * MINUTE,
    ackExpiresAt: null,
    followUpAt: null,
    groupEndsAt: null,
    size: 1,
    down: 1,
    joinedSince: 0,
    reopenings: 0,
    steadyAt: null,
    silencedAt: null,
    orphansDueAt: null,
    proofDueAt: null,
    awayMs: null,
    entries: 1,
    ...rest,
  };
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
  return {
    incident: of,
    check,
    name: 'Shop home page',
    target: 'https://shop.example.com/',
    state: 'down',
    since: NOON,
    reason: 'status',
    brief: 'HTTP 503',
    below: null,
    joinedAt: NOON,
    leftAt: null,
  };
}

export function entry(of: string, n: number): TimelineEntry {
  return { incident: of, n, at: NOON + n, type: n === 0 ? 'opened' : 'note' };
}

export function notification(key: string, rest: Partial<Notification> = {}): Notification {
  return {
    key,
    kind: 'page',
    about: [],
    responder: 'ana',
    channel: 'sms',
    state: 'queued',
    reason: null,
    facts: { event: 'test', text: 'Tocsin test' },
    at: NOON,
    dueAt: NOON,
    attempts: 0,
    acceptedAt: null,
    proofDueAt: null,
    reference: null,
    standsInFor: null,
    ...rest,
  };
}

export function silence(id: string, rest: Partial<Silence> = {}): Silence {
  return {
    id,
    covers: ['shop'],
    below: false,
    startsAt: NOON,
    endsAt: null,
    begunAt: NOON,
    tellAt: null,
    window: null,
    by: 'ana',
    why: 'disk is being replaced',
    at: NOON,
    endedAt: null,
    ...rest,
  };
}

export function checkState(check: string, lookedAt = NOON): CheckState {
  return {
    check,
    generation: 'g1',
    status: 'up',
    since: NOON,
    reason: null,
    brief: '',
    window: [],
    successes: 0,
    firstFailedAt: null,
    lookedAt,
    tookMs: 12.5,
    lastStatus: 'up',
  };
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
