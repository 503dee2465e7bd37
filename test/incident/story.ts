/**
 * A board, rules and a clock to tell stories of incidents with: every step is decided and applied as
 * the pipeline does it, and the accepted receipts that a healthy vendor would give come by asking.
 */
import type { Rotation } from '../../src/calendar/rotation.ts';
import type {
  AlertHook,
  Check,
  Config,
  DrillPlan,
  Escalation,
  MaintenanceWindow,
  Responder,
} from '../../src/config/config.ts';
import { apply } from '../../src/incident/apply.ts';
import { emptyBoard, type Board } from '../../src/incident/board.ts';
import type { Change, DecisionOutcome } from '../../src/incident/change.ts';
import { decide, dueBy, nextDueAt } from '../../src/incident/decide.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { Input } from '../../src/incident/input.ts';
import type { Notification, Outcome, TroubleFacts } from '../../src/incident/notification.ts';
import { DEFAULTS } from '../message/templates.ts';

export const MIDNIGHT = Date.UTC(2026, 2, 3);
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export function checkCalled(id: string, fields: Partial<Check> = {}): Check {
  return {
    id,
    name: `Check ${id}`,
    says: null,
    type: 'http',
    target: `http://${id}.example/`,
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

export function escalationCalled(id: string, fields: Partial<Escalation> = {}): Escalation {
  return {
    id,
    post: ['lifeline'],
    steps: [
      { afterMs: 0, page: ['ana'], by: ['sms'] },
      { afterMs: 5 * MINUTE, page: ['ben'], by: ['sms'] },
    ],
    repeat: { everyMs: 30 * MINUTE, times: null },
    failoverMs: MINUTE,
    ackExpiresMs: 2 * HOUR,
    groupMs: MINUTE,
    reopenMs: 10 * MINUTE,
    hours: null,
    waits: [],
    ...fields,
  };
}

const ANA: Responder = {
  id: 'ana',
  name: 'Ana Silva',
  addresses: new Map([
    ['sms', '+351912345678'],
    ['email', 'ana@example.com'],
  ]),
  timezone: 'Europe/Lisbon',
};
const BEN: Responder = {
  id: 'ben',
  name: 'Ben Okoro',
  addresses: new Map([['sms', '+447700900123']]),
  timezone: null,
};

export function configOf(fields: {
  checks?: readonly Check[];
  escalations?: readonly Escalation[];
  hooks?: readonly AlertHook[];
  maintenance?: readonly MaintenanceWindow[];
  drills?: readonly DrillPlan[];
  rotations?: readonly Rotation[];
  /** By channel; acceptance where nothing is said. */
  proof?: Readonly<Record<string, 'receipt'>>;
}): Config {
  const channel = (id: string, address: 'sms' | 'email' | null) =>
    [
      id,
      {
        id,
        type: id,
        address,
        answerable: address === 'sms',
        proof: fields.proof?.[id] ?? 'acceptance',
        options: {},
      },
    ] as const;
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
    checks: new Map((fields.checks ?? [checkCalled('shop')]).map((check) => [check.id, check])),
    channels: new Map([
      channel('sms', 'sms'),
      channel('email', 'email'),
      channel('lifeline', null),
    ]),
    responders: new Map([
      ['ana', ANA],
      ['ben', BEN],
    ]),
    rotations: new Map((fields.rotations ?? []).map((each) => [each.id, each])),
    escalations: new Map(
      (fields.escalations ?? [escalationCalled('on-call')]).map((each) => [each.id, each]),
    ),
    hooks: new Map((fields.hooks ?? []).map((each) => [each.id, each])),
    maintenance: fields.maintenance ?? [],
    drills: fields.drills ?? [],
    self: { witnesses: new Map(), checks: new Map(), rdap: null },
    warnings: [],
    secrets: [],
  };
}

export class Story {
  now = MIDNIGHT;
  board: Board = emptyBoard(1);
  config: Config;
  readonly changes: Change[] = [];
  #seed = 1;

  constructor(config: Config = configOf({})) {
    this.config = config;
  }

  /** Decides and applies; says what was decided about the inputs. */
  take(...inputs: readonly Input[]): readonly DecisionOutcome[] {
    this.#seed += 1;
    const seed = [this.#seed, 2, 3, 4] as const;
    const { change } = decide(this.board, inputs, this.config, this.now, seed);
    apply(this.board, change);
    this.changes.push(change);
    return change.reasons.map(({ outcome }) => outcome);
  }

  after(ms: number): this {
    this.now += ms;
    return this;
  }

  turn(check: string, to: 'up' | 'down' | 'degraded' | 'unknown'): readonly DecisionOutcome[] {
    const from = to === 'down' ? 'up' : 'down';
    const reason = to === 'down' ? 'status' : null;
    const brief = to === 'down' ? 'HTTP 503' : '';
    this.board.checks.set(check, {
      check,
      generation: 'g1',
      status: to,
      since: this.now,
      reason,
      brief,
      window: [],
      successes: 0,
      firstFailedAt: null,
      lookedAt: this.now,
      tookMs: 5,
      lastStatus: to,
    });
    return this.take({
      type: 'turn',
      check,
      from,
      to,
      at: this.now,
      since: this.now,
      reason,
      brief,
    });
  }

  down(check: string): readonly DecisionOutcome[] {
    return this.turn(check, 'down');
  }

  up(check: string): readonly DecisionOutcome[] {
    return this.turn(check, 'up');
  }

  /** Time passes, and every deadline is taken when it is due. */
  pass(ms: number): this {
    const end = this.now + ms;
    for (let at = nextDueAt(this.board); at !== null && at <= end; at = nextDueAt(this.board)) {
      this.now = Math.max(this.now, at);
      this.take(...dueBy(this.board, this.now));
    }
    this.now = end;
    return this;
  }

  /** Pages that are waiting to be sent, in short. */
  pages(): readonly string[] {
    return this.outgoing().filter((line) => line.startsWith('page'));
  }

  due(): readonly DecisionOutcome[] {
    return this.take({ type: 'due' });
  }

  receipt(
    notification: Notification,
    outcome: Outcome,
    retryAt: number | null = null,
  ): readonly DecisionOutcome[] {
    return this.take({ type: 'receipt', key: notification.key, retryAt, ...outcome });
  }

  /** Every queued message is taken by its vendor. */
  deliver(): this {
    for (const notification of this.queued()) {
      this.receipt(notification, { outcome: 'accepted', reference: 'SM1' });
    }
    return this;
  }

  queued(): readonly Notification[] {
    return [...this.board.notifications.values()].filter(({ state }) => state === 'queued');
  }

  /** What is waiting to be sent, in short: `page ana by sms: opened`. */
  outgoing(): readonly string[] {
    return this.queued().map(inShort);
  }

  incident(): Incident {
    const incident = [...this.board.incidents.values()].at(-1);
    if (!incident) throw new Error('no incident in this story yet');
    return incident;
  }

  timeline(): readonly string[] {
    const { id } = this.incident();
    return (this.board.timelines.get(id) ?? []).map(({ type }) => type);
  }
}

export function inShort({ kind, responder, channel, facts }: Notification): string {
  return `${kind} ${responder ?? 'all'} by ${channel}: ${facts.event}`;
}

export function factsOf(notification: Notification | undefined): TroubleFacts {
  const facts = notification?.facts;
  if (!facts || !('severity' in facts)) throw new Error('no facts');
  return facts;
}
