/**
 * A check went down for good: into which incident it goes. In this order: the one that it is in, the
 * one that it left a moment ago, one that it hangs below, one of the same escalation that opened a
 * moment ago, or else a new one.
 */
import type { Check, Severity } from '../config/config.ts';
import type { Turn } from '../judge/check-state.ts';
import type { Draft } from './draft.ts';
import { escalationOf, pageFromTheStart } from './escalation.ts';
import type { Incident, Member } from './incident.ts';
import { RANK } from './rank.ts';
import { incidentAbove } from './suppression.ts';
import { nameOf, post, tell, whoWasPaged, withholdOldNews } from './telling.ts';

/** For incidents that page nobody, and so have no escalation to say it. */
const REOPEN_WITHOUT_ESCALATION_MS = 10 * 60 * 1000;

/** At this reopening an incident is flapping. */
export const FLAPPING_AT = 3;

const SELF = 'self';

/** `leaving`: the incident that it goes out of, and will not be found in again. */
export function wentDown(draft: Draft, turn: Turn, leaving?: string): void {
  const check = draft.check(turn.check);
  if (check) broke(draft, check, turn, leaving);
  else draft.decided('not part of an incident', { check: turn.check });
}

/** The same for what is no check of the configuration's. */
export function broke(draft: Draft, check: Check, turn: Turn, leaving?: string): void {
  if (draft.silenceOf(check.id)) {
    draft.decided('silenced', { check: check.id });
    return;
  }
  const current = draft.incidentOf(check.id);
  if (current) {
    downAgain(draft, current, turn);
    return;
  }
  const ended = recentlyEnded(draft, check);
  if (ended) {
    reopen(draft, ended, check, turn);
    return;
  }
  const above = incidentAbove(draft, check);
  if (above) {
    join(draft, above.incident, check, turn, above.ancestor);
    return;
  }
  const group = findGroup(draft, check);
  if (group && group.id !== leaving) join(draft, group, check, turn);
  else open(draft, check, turn);
}

/** Trouble of Tocsin's own is told by itself: it says how far to believe the rest. */
function findGroup(draft: Draft, { type, escalation }: Check): Incident | undefined {
  return escalation === null || type === SELF ? undefined : draft.groupOf(escalation);
}

function open(draft: Draft, check: Check, turn: Turn): void {
  const escalation = draft.config.escalations.get(check.escalation ?? '');
  const groupMs = check.type === SELF ? 0 : (escalation?.groupMs ?? 0);
  const { id } = draft.putIncident({
    ...blankIncident(draft),
    severity: check.severity,
    title: check.name,
    escalation: escalation?.id ?? null,
    brokeAt: turn.since,
    groupEndsAt: groupMs > 0 ? draft.now + groupMs : null,
    size: 1,
    down: 1,
  });
  draft.putMember(memberOf(draft, id, check, turn));
  draft.record(id, 'opened', { check: check.id, text: turn.brief });
  draft.decided(escalation ? 'opened' : 'opened, nobody to page', {
    incident: id,
    check: check.id,
  });
  if (escalation) pageFromTheStart(draft, id, 'opened');
}

/** Just opened, and nothing has happened to it yet. */
export function blankIncident(
  draft: Draft,
): Omit<Incident, 'severity' | 'title' | 'escalation' | 'brokeAt'> {
  return {
    id: draft.newId(),
    code: draft.newCode(),
    state: 'open',
    openedBy: null,
    openedAt: draft.now,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBecause: null,
    spell: 0,
    round: 0,
    step: -1,
    stepDueAt: null,
    ackExpiresAt: null,
    followUpAt: null,
    groupEndsAt: null,
    size: 0,
    down: 0,
    joinedSince: 0,
    reopenings: 0,
    steadyAt: null,
    silencedAt: null,
    orphansDueAt: null,
    proofDueAt: null,
    awayMs: null,
    entries: 0,
  };
}

/** One more check in an incident: told at the end of the window, unless it makes things worse. */
function join(
  draft: Draft,
  incident: Incident,
  check: Check,
  turn: Turn,
  below: string | null = null,
): void {
  const { id } = incident;
  const isBack = draft.member(id, check.id) !== undefined;
  draft.putMember({ ...memberOf(draft, id, check, turn), below });
  // Joining below a member long after the window: the rest of that branch is awaited as long.
  const isWindowOpen = (incident.groupEndsAt ?? 0) > draft.now;
  const leastMs = isWindowOpen ? 0 : (escalationOf(draft, incident)?.groupMs ?? 0);
  draft.amend(id, {
    size: incident.size + (isBack ? 0 : 1),
    down: incident.down + 1,
    joinedSince: incident.joinedSince + 1,
    followUpAt: incident.followUpAt ?? Math.max(incident.groupEndsAt ?? 0, draft.now + leastMs),
  });
  draft.record(id, 'joined', { check: check.id, text: turn.brief });
  draft.decided('joined', { incident: id, check: check.id });
  if (RANK[check.severity] <= RANK[incident.severity]) return;
  if (incident.openedBy === null && below === null) draft.amend(id, { title: check.name });
  raise(draft, id, check.severity);
}

/** Worse than it was: whoever had it in hand had something else in hand. */
export function raise(draft: Draft, id: string, severity: Severity, by?: string): void {
  draft.amend(id, {
    severity,
    state: 'open',
    acknowledgedAt: null,
    acknowledgedBy: null,
    ackExpiresAt: null,
  });
  draft.record(id, 'raised', { text: severity, ...(by === undefined ? {} : { by }) });
  draft.decided('raised', { incident: id });
  const whose = by === undefined ? '' : ` by ${nameOf(draft, by)}`;
  pageFromTheStart(draft, id, 'escalated', { text: `now ${severity}${whose}` });
}

function downAgain(draft: Draft, incident: Incident, turn: Turn): void {
  const member = draft.member(incident.id, turn.check);
  if (!member) return;
  const wasDown = member.state === 'down';
  draft.putMember({ ...member, ...whatIsWrong(turn) });
  draft.decided('member changed', { incident: incident.id, check: turn.check });
  if (wasDown) return;
  const { state, stepDueAt, silencedAt } = draft.amend(incident.id, {
    down: incident.down + 1,
    steadyAt: null,
  });
  draft.record(incident.id, 'member_down', { check: turn.check, text: turn.brief });
  // Silenced before it was held open, it has no step to go on with.
  const isForgotten = state === 'open' && stepDueAt === null && silencedAt === null;
  if (isForgotten) pageFromTheStart(draft, incident.id, 'reopened');
}

/** The same trouble again: the same incident and code. */
function reopen(draft: Draft, incident: Incident, check: Check, turn: Turn): void {
  const { id, acknowledgedBy, ackExpiresAt } = incident;
  const isHeld = acknowledgedBy !== null && (ackExpiresAt === null || ackExpiresAt > draft.now);
  const reopenings = incident.reopenings + 1;
  const member = draft.member(id, check.id);
  leaveElsewhere(draft, id);
  draft.putMember({
    ...(member ?? memberOf(draft, id, check, turn)),
    ...whatIsWrong(turn),
    below: null,
    leftAt: null,
  });
  draft.amend(id, {
    state: isHeld ? 'acknowledged' : 'open',
    acknowledgedAt: isHeld ? incident.acknowledgedAt : null,
    acknowledgedBy: isHeld ? acknowledgedBy : null,
    ackExpiresAt: isHeld ? ackExpiresAt : null,
    resolvedAt: null,
    resolvedBecause: null,
    reopenings,
    down: 1,
    steadyAt: null,
  });
  draft.record(id, 'reopened', { check: check.id, text: turn.brief });
  draft.decided('reopened', { incident: id, check: check.id });
  if (isHeld) {
    withholdOldNews(draft, id);
    const holder = whoWasPaged(draft, id).filter(({ responder }) => responder === acknowledgedBy);
    tell(draft, id, 'update', 'reopened', holder);
    post(draft, id, 'reopened', { by: nameOf(draft, acknowledgedBy) });
  } else {
    pageFromTheStart(draft, id, 'reopened');
  }
  if (reopenings === FLAPPING_AT) sayFlapping(draft, id);
}

/** Those that have gone over to another incident meanwhile stay there. */
function leaveElsewhere(draft: Draft, id: string): void {
  for (const member of [...draft.members(id)]) {
    if (member.leftAt === null && draft.incidentOf(member.check)) {
      draft.putMember({ ...member, leftAt: draft.now });
    }
  }
}

function sayFlapping(draft: Draft, id: string): void {
  draft.record(id, 'flapping');
  tell(draft, id, 'update', 'flapping', whoWasPaged(draft, id));
  post(draft, id, 'flapping');
}

/** The incident that this check was in last, if it ended so short ago that this is still it. */
function recentlyEnded(draft: Draft, check: Check): Incident | undefined {
  const incident = draft.endedOf(check.id);
  if (!incident?.resolvedAt) return undefined;
  if (incident.escalation !== check.escalation) return undefined;
  const escalation = escalationOf(draft, incident);
  const reopenMs = escalation ? escalation.reopenMs : REOPEN_WITHOUT_ESCALATION_MS;
  return draft.now - incident.resolvedAt <= reopenMs && reopenMs > 0 ? incident : undefined;
}

function memberOf(draft: Draft, incident: string, check: Check, turn: Turn): Member {
  return {
    incident,
    check: check.id,
    name: check.name,
    target: check.target,
    ...whatIsWrong(turn),
    below: null,
    joinedAt: draft.now,
    leftAt: null,
  };
}

function whatIsWrong({ to, since, reason, brief }: Turn) {
  return { state: to, since, reason, brief };
}
