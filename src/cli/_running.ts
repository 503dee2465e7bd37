/**
 * What a running daemon knows, as far as its API tells: its checks and a board to decide on. Rows
 * are made again from their views; what a view does not tell (deadlines, keys) is left blank, which
 * a plan can bear and a daemon could not.
 */
import type { Severity } from '../config/config.ts';
import { apply } from '../incident/apply.ts';
import { emptyBoard, type Board } from '../incident/board.ts';
import type { OverrideView } from '../incident/duty-view.ts';
import type { Incident, Member, Override, Silence } from '../incident/incident.ts';
import type { Notification } from '../incident/notification.ts';
import type { Comparable } from '../incident/plan.ts';
import type { SilenceView } from '../incident/silence-view.ts';
import type { IncidentView, MemberView } from '../incident/view.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Reason } from '../probes/probe.ts';
import type { Status } from '../judge/verdict.ts';
import { askAll } from './_operator.ts';
import type { AskOptions, ExitCode, Terminal } from './terminal.ts';

export interface Running {
  readonly against: 'running' | 'nothing';
  readonly checks: readonly Comparable[];
  readonly board: Board;
}

interface CheckView extends Omit<Comparable, 'escalation'> {
  readonly page: string | null;
  readonly state: Status;
  readonly reason: Reason | null;
  readonly detail: string | null;
  readonly since: string | null;
  readonly severity: Severity;
}

export async function askRunning(
  options: AskOptions,
  terminal: Terminal,
): Promise<Running | { readonly failed: ExitCode }> {
  const board = emptyBoard(1);
  // Nobody there is an answer here, and said by whoever asked.
  const silent: Terminal = { ...terminal, err: () => undefined };
  const first = await askAll(options, silent, '/api/v1/checks');
  if ('failed' in first) return { against: 'nothing', checks: [], board };
  const listed = await askAll(options, terminal, '/api/v1/incidents');
  if ('failed' in listed) return listed;
  const planned = await askAll(options, terminal, '/api/v1/silences');
  if ('failed' in planned) return planned;
  const taken = await askAll(options, terminal, '/api/v1/overrides');
  if ('failed' in taken) return taken;
  const checks = first.items as readonly CheckView[];
  const incidents = listed.items as readonly IncidentView[];
  const members: Member[] = [];
  for (const { id, code, checks: shown, checksTotal } of incidents) {
    const path = `/api/v1/incidents/${encodeURIComponent(code)}/checks`;
    const all = checksTotal > shown.length ? await askAll(options, terminal, path) : null;
    if (all && 'failed' in all) return all;
    const views = (all?.items ?? shown) as readonly MemberView[];
    members.push(...views.map((view) => memberRow(id, view)));
  }
  apply(board, {
    seq: 1,
    epoch: 1,
    at: 0,
    checks: checks.map(stateRow),
    incidents: incidents.map((view) => incidentRow(view, members)),
    members,
    timeline: [],
    notifications: incidents.flatMap(notificationRows),
    silences: (planned.items as readonly SilenceView[]).map(silenceRow),
    overrides: (taken.items as readonly OverrideView[]).map(overrideRow),
    drills: [],
    reaches: [],
    cursors: [],
    reasons: [],
  });
  const comparable = checks.map(({ page, ...check }) => ({ ...check, escalation: page }));
  return { against: 'running', checks: comparable, board };
}

const NEVER = 0;

function at(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

function stateRow({ id, generation, state, reason, detail, since }: CheckView): CheckState {
  return {
    check: id,
    generation,
    status: state,
    since: at(since) ?? NEVER,
    reason,
    brief: detail ?? '',
    window: [],
    successes: 0,
    firstFailedAt: null,
    lookedAt: null,
    tookMs: null,
    lastStatus: state,
  };
}

function incidentRow(view: IncidentView, members: readonly Member[]): Incident {
  const mine = members.filter(({ incident }) => incident === view.id);
  const openedAt = Date.parse(view.openedAt);
  const opener = view.timeline.find(({ type }) => type === 'opened');
  return {
    id: view.id,
    code: view.code,
    state: view.state,
    severity: view.severity,
    title: view.title,
    openedBy: opener?.by ?? null,
    escalation: view.escalation,
    brokeAt: openedAt,
    openedAt,
    acknowledgedAt: at(view.acknowledgedAt),
    acknowledgedBy: view.acknowledgedBy,
    resolvedAt: at(view.resolvedAt),
    resolvedBecause: null,
    spell: 1,
    round: 0,
    step: 0,
    stepDueAt: null,
    ackExpiresAt: null,
    followUpAt: null,
    groupEndsAt: null,
    size: mine.length,
    down: mine.filter(({ state, leftAt }) => state === 'down' && leftAt === null).length,
    joinedSince: 0,
    reopenings: 0,
    steadyAt: null,
    silencedAt: at(view.silencedAt),
    orphansDueAt: null,
    proofDueAt: null,
    awayMs: null,
    entries: view.timeline.length,
  };
}

function memberRow(incident: string, view: MemberView): Member {
  const { id, state, reason, below = null, leftAt = null } = view;
  const since = Date.parse(view.since);
  const what = { name: id, target: '', brief: '', joinedAt: since };
  return { incident, check: id, state, since, reason, below, leftAt: at(leftAt), ...what };
}

function notificationRows({ id, notifications }: IncidentView): readonly Notification[] {
  return notifications.map(({ key, kind, responder, channel, state, attempts, reference }) => ({
    key,
    kind,
    about: [id],
    responder,
    channel,
    state,
    reason: null,
    facts: { event: 'notice', text: '' },
    at: NEVER,
    dueAt: null,
    attempts,
    acceptedAt: null,
    proofDueAt: null,
    reference,
    standsInFor: null,
  }));
}

function silenceRow({
  id,
  covers,
  below,
  by,
  why,
  startsAt,
  endsAt,
  inForce,
  window,
}: SilenceView): Silence {
  const starts = Date.parse(startsAt);
  return {
    id,
    covers,
    below,
    startsAt: starts,
    endsAt: at(endsAt),
    begunAt: inForce ? starts : null,
    tellAt: null,
    by,
    why,
    at: starts,
    window,
    endedAt: null,
  };
}

function overrideRow({ from, until, ...view }: OverrideView): Override {
  const begins = Date.parse(from);
  return { ...view, from: begins, until: Date.parse(until), at: begins, endedAt: null };
}
