/**
 * Whole rows, checks and configurations of which a test says only what it is about. Nothing here has
 * happened yet: no step is due, nothing was sent, every field that may be empty is.
 */
import type { AddressKind, ChannelConfig, Check, Config, Responder } from '../src/config/config.ts';
import type { Change } from '../src/incident/change.ts';
import type { Incident, Member, Silence } from '../src/incident/incident.ts';
import type { Notification } from '../src/incident/notification.ts';
import type { CheckState } from '../src/judge/check-state.ts';
import { DEFAULTS } from './message/templates.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

export function aCheck(id: string, fields: Partial<Check> = {}): Check {
  return {
    id,
    name: `The ${id}`,
    says: null,
    type: 'http',
    target: `https://${id}.example/`,
    options: {},
    generation: 'g1',
    rhythm: { everyMs: 30 * SECOND },
    timeoutMs: 5 * SECOND,
    confirm: { fail: 3, of: 3, recheckMs: 10 * SECOND, recover: 2 },
    heartbeat: null,
    severity: 'major',
    escalation: 'on-call',
    dependsOn: [],
    tags: {},
    runbook: null,
    ...fields,
  };
}

export function aChannel(
  id: string,
  address: ChannelConfig['address'] = null,
  fields: Partial<ChannelConfig> = {},
): ChannelConfig {
  const answerable = address === 'sms';
  return { id, type: id, address, answerable, proof: 'acceptance', options: {}, ...fields };
}

export function aResponder(
  id: string,
  name: string,
  addresses: Readonly<Partial<Record<AddressKind, string>>>,
  timezone: string | null = null,
): Responder {
  return {
    id,
    name,
    addresses: new Map(Object.entries(addresses) as [AddressKind, string][]),
    timezone,
  };
}

/** No checks, nobody and nothing to tell them by, unless given. */
export function aConfig(fields: Partial<Config> = {}): Config {
  return {
    file: '/etc/tocsin/checks.yml',
    listen: {
      operator: { host: '127.0.0.1', port: 0 },
      public: { host: '127.0.0.1', port: 0 },
      hosts: [],
    },
    tokens: [],
    data: '/var/lib/tocsin',
    publicUrl: null,
    location: null,
    heartbeatTo: null,
    templates: DEFAULTS,
    checks: new Map(),
    channels: new Map(),
    responders: new Map(),
    rotations: new Map(),
    escalations: new Map(),
    hooks: new Map(),
    maintenance: [],
    drills: [],
    self: { witnesses: new Map(), checks: new Map(), rdap: null },
    warnings: [],
    secrets: [],
    ...fields,
  };
}

/** What has an id, by it. */
export function byId<T extends { readonly id: string }>(all: readonly T[]): Map<string, T> {
  return new Map(all.map((one) => [one.id, one]));
}

export function aCheckState(
  check: string,
  at: number,
  fields: Partial<CheckState> = {},
): CheckState {
  return {
    check,
    generation: 'g1',
    status: 'up',
    since: at,
    reason: null,
    brief: '',
    window: [],
    successes: 0,
    firstFailedAt: null,
    lookedAt: at,
    tookMs: 12,
    lastStatus: 'up',
    ...fields,
  };
}

export function anIncident(id: string, at: number, fields: Partial<Incident> = {}): Incident {
  return {
    id,
    code: '7K',
    state: 'open',
    severity: 'major',
    title: 'The shop',
    openedBy: null,
    escalation: 'on-call',
    brokeAt: at,
    openedAt: at,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBecause: null,
    spell: 1,
    round: 0,
    step: 0,
    stepDueAt: null,
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
    ...fields,
  };
}

export function aMember(incident: string, check: string, at: number): Member {
  return {
    incident,
    check,
    name: `The ${check}`,
    target: `https://${check}.example/`,
    state: 'down',
    since: at,
    reason: 'status',
    brief: 'HTTP 503',
    below: null,
    joinedAt: at,
    leftAt: null,
  };
}

/** Over the shop, for an hour. */
export function aSilence(id: string, at: number, fields: Partial<Silence> = {}): Silence {
  return {
    id,
    covers: ['shop'],
    below: false,
    startsAt: at,
    endsAt: at + HOUR,
    begunAt: at,
    tellAt: null,
    by: 'ana',
    why: 'deploy',
    at,
    window: null,
    endedAt: null,
    ...fields,
  };
}

/** Queued, and due at once. */
export function aNotification(
  key: string,
  at: number,
  fields: Partial<Notification> = {},
): Notification {
  return {
    key,
    kind: 'page',
    about: [],
    responder: 'ana',
    channel: 'sms',
    state: 'queued',
    reason: null,
    facts: { event: 'test', text: 'a test' },
    at,
    dueAt: at,
    attempts: 0,
    acceptedAt: null,
    proofDueAt: null,
    reference: null,
    standsInFor: null,
    ...fields,
  };
}

export function aChange(at: number, fields: Partial<Change> = {}): Change {
  return {
    seq: 1,
    epoch: 1,
    at,
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
    ...fields,
  };
}
