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
} from '../../src/config/config.ts';
import { apply } from '../../src/incident/apply.ts';
import { emptyBoard, type Board } from '../../src/incident/board.ts';
import type { Change, DecisionOutcome } from '../../src/incident/change.ts';
import { decide, dueBy, nextDueAt } from '../../src/incident/decide.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { Input } from '../../src/incident/input.ts';
import type { Notification, Outcome, TroubleFacts } from '../../src/incident/notification.ts';
import { aChannel, aCheck, aCheckState, aConfig, aResponder, byId } from '../builders.ts';

export const MIDNIGHT = Date.UTC(2026, 2, 3);
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export function checkCalled(id: string, fields: Partial<Check> = {}): Check {
  return aCheck(id, { name: `Check ${id}`, target: `http://${id}.example/`, ...fields });
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

const ANA = aResponder(
  'ana',
  'Ana Silva',
  { sms: '+351912345678', email: 'ana@example.com' },
  'Europe/Lisbon',
);
const BEN = aResponder('ben', 'Ben Okoro', { sms: '+447700900123' });

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
    aChannel(id, address, { proof: fields.proof?.[id] ?? 'acceptance' });
  return aConfig({
    checks: byId(fields.checks ?? [checkCalled('shop')]),
    channels: byId([channel('sms', 'sms'), channel('email', 'email'), channel('lifeline', null)]),
    responders: byId([ANA, BEN]),
    rotations: byId(fields.rotations ?? []),
    escalations: byId(fields.escalations ?? [escalationCalled('on-call')]),
    hooks: byId(fields.hooks ?? []),
    maintenance: fields.maintenance ?? [],
    drills: fields.drills ?? [],
  });
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
    const state = { status: to, reason, brief, lastStatus: to } as const;
    this.board.checks.set(check, aCheckState(check, this.now, state));
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
