/**
 * Back after a restart: nothing that was sent is sent again, nothing that was open is forgotten, and
 * what became overdue meanwhile is told once, after a fresh look. What the configuration or the
 * checks have become in the meantime counts first.
 */
import type { Escalation } from '../config/config.ts';
import type { CheckState, Turn } from '../judge/check-state.ts';
import type { Draft } from './draft.ts';
import { isUnderWay } from './drill.ts';
import { escalate, escalationOf } from './escalation.ts';
import type { Incident } from './incident.ts';
import { isBundle, isHeld } from './lane.ts';
import type { Notification } from './notification.ts';
import { isQuiet } from './quiet.ts';
import { cameUp } from './recovery.ts';
import { reloaded } from './reloading.ts';
import { stepped } from './stepped.ts';
import { tell } from './telling.ts';
import { postponeEnds } from './windows.ts';

/** After its own timeout a check's fresh look has this long to tell, before it counts as down. */
const FRESH_LOOK_GRACE_MS = 10_000;

/** An attempt may take so long, and its receipt a moment. */
const ATTEMPT_MS = 15_000;

/** A daemon may live so long after the last thing that it stored. */
const UNSAVED_MS = 10_000;

/** A reply that came meanwhile is polled for within a minute or so. */
const HEARING_MS = 2 * 60_000;

/** A message that waited this long in a queue may not be true any more. */
const STALE_MS = 10 * 60 * 1000;

export function returned(draft: Draft, awaySince: number | null): void {
  const savedAt = awaySince ?? draft.now;
  doubtWhatMayHaveLeft(draft, savedAt);
  // The clock was set back while Tocsin was away.
  if (savedAt > draft.now) stepped(draft, draft.now - savedAt);
  resumed(draft, savedAt);
}

/** The same where nothing was forgotten, and nothing can have left unseen: the process could not run. */
export function resumed(draft: Draft, savedAt: number): void {
  takeMissedTurns(draft);
  postponeEnds(draft);
  reloaded(draft);
  resumeDrills(draft);
  awaitBundlesAnew(draft);
  for (const incident of [...draft.incidents()]) {
    if (incident.state !== 'resolved') awaitProofAnew(draft, incident);
    if (incident.state !== 'resolved') collapse(draft, incident, savedAt);
  }
}

/** What was due when the end came, or was just being withheld, may have been sent all the same. */
export function doubtWhatMayHaveLeft(
  draft: Draft,
  savedAt: number,
  among: Iterable<Notification> = draft.board.notifications.values(),
): void {
  for (const notification of among) {
    const { state, dueAt } = notification;
    const isDue = dueAt !== null && dueAt <= savedAt + UNSAVED_MS && !isHeld(notification);
    const wasInFlight = isWithdrawn(notification) && wasClosedSince(draft, notification, savedAt);
    if (!wasInFlight && !(isDue && (state === 'queued' || isBundle(notification)))) continue;
    // What a bundle says may not be true any more: it is looked into before it leaves again.
    const heldUntil = isBundle(notification) ? dueAt : null;
    draft.putNotification({ ...notification, state: 'unconfirmed', heldUntil });
    tellEnds(draft, notification);
  }
}

/** It was to leave, and is not any more as it is. What waited for others has not left at all. */
function isWithdrawn(notification: Notification): boolean {
  const { kind, state, reason, about } = notification;
  if (kind !== 'page') return false;
  if (isBundle(notification))
    return about.length > 0 && (state === 'withheld' || isHeld(notification));
  return state === 'withheld' && reason !== 'bundled';
}

/** An attempt that had begun before may have been under way. */
function wasClosedSince(draft: Draft, { about }: Notification, savedAt: number): boolean {
  return about.some((id) => {
    const incident = draft.incident(id);
    const closedAt = incident?.resolvedAt ?? incident?.acknowledgedAt ?? -Infinity;
    return closedAt >= savedAt - ATTEMPT_MS;
  });
}

/** To whoever may have read the page. */
function tellEnds(draft: Draft, { kind, about, responder, channel }: Notification): void {
  if (kind !== 'page' || responder === null) return;
  for (const id of about) {
    if (draft.incident(id)?.state !== 'resolved') continue;
    tell(draft, id, 'resolved', 'resolved', [{ responder, channel }]);
  }
}

/** A check whose recovery was saved, but not yet what follows from it, when the end came. */
function takeMissedTurns(draft: Draft): void {
  for (const { id, state } of [...draft.incidents()]) {
    if (state === 'resolved') continue;
    for (const member of [...draft.members(id)]) {
      const now = draft.board.checks.get(member.check);
      const isUp = now?.status === 'up' || now?.status === 'degraded';
      if (member.state === 'down' && isUp) cameUp(draft, turnInto(now, draft.now));
    }
  }
}

function turnInto({ check, status, since, reason, brief }: CheckState, at: number): Turn {
  return { check, from: 'down', to: status, at, since, reason, brief };
}

/** Nobody was there to hear that a page has arrived: there is as long to hear of it again. */
function awaitProofAnew(draft: Draft, incident: Incident): void {
  const { id, proofDueAt: from } = incident;
  const escalation = escalationOf(draft, incident);
  if (from === null || from > draft.now || !escalation) return;
  const proofDueAt = draft.now + escalation.failoverMs;
  for (const page of [...draft.notificationsOf(id)]) {
    const { state, proofDueAt: at } = page;
    const isOverdue = state === 'accepted' && at !== null && at >= from && at <= draft.now;
    if (isOverdue) draft.putNotification({ ...page, proofDueAt });
  }
  draft.amend(id, { proofDueAt });
}

/** Likewise, of what was told together. */
function awaitBundlesAnew(draft: Draft): void {
  for (const { held } of draft.board.lanes.values()) {
    for (const page of [...held].flatMap((key) => draft.notification(key) ?? [])) {
      if (page.state !== 'accepted' || !isPast(draft, page.proofDueAt)) continue;
      const incidents = page.about.flatMap((id) => draft.incident(id) ?? []);
      const [escalation] = incidents.flatMap((each) => escalationOf(draft, each) ?? []);
      const wait = escalation?.failoverMs ?? 0;
      draft.putNotification({ ...page, proofDueAt: draft.now + wait });
    }
  }
}

/** Nobody was there to hear the answers: there is time to hear of them; what has not left does not any more. */
function resumeDrills(draft: Draft): void {
  for (const drill of [...draft.drills.values()].filter(isUnderWay)) {
    withholdStale(draft, drill.id);
    if (!isPast(draft, drill.answerBy)) continue;
    draft.drills.put({ ...drill, answerBy: draft.now + HEARING_MS });
  }
}

/** Overdue deadlines become one, which waits for one fresh look. */
function collapse(draft: Draft, incident: Incident, awaySince: number): void {
  const { id, stepDueAt, ackExpiresAt } = incident;
  const isAckOver = incident.state === 'acknowledged' && isPast(draft, ackExpiresAt);
  const dropped = withholdStale(draft, id).filter(({ kind }) => kind === 'page');
  const isStepOver = isPast(draft, stepDueAt);
  const escalation = escalationOf(draft, incident);
  const isHeld = incident.state === 'acknowledged' && !isAckOver;
  if (!escalation || isHeld || (!isAckOver && !isStepOver && dropped.length === 0)) {
    draft.decided('nothing overdue', { incident: id });
    return;
  }
  const place = isStepOver ? latestDue(incident, escalation, draft.now) : before(dropped, incident);
  draft.amend(id, {
    ...place,
    awayMs: Math.max(0, draft.now - awaySince),
    stepDueAt: draft.now + freshLookMs(draft, id),
    ...(isAckOver ? { ...ACK_OVER, spell: incident.spell + 1 } : {}),
    // The page will count everybody: a follow-up would say it again.
    ...(isPast(draft, incident.followUpAt) ? { followUpAt: null, joinedSince: 0 } : {}),
  });
  draft.record(id, 'restarted');
  draft.decided('overdue deadlines collapsed', { incident: id });
}

const ACK_OVER = {
  state: 'open',
  acknowledgedBy: null,
  acknowledgedAt: null,
  ackExpiresAt: null,
  step: -1,
  round: 0,
} as const;

/** What was to be told ten minutes ago is told anew or not at all; an end stays true. */
function withholdStale(draft: Draft, incident: string): readonly Notification[] {
  const dropped: Notification[] = [];
  for (const notification of [...draft.notificationsOf(incident)]) {
    // What waits its turn is not late before that; when it leaves it says what is true then.
    if (isHeld(notification)) continue;
    const isOld = draft.now - notification.at > STALE_MS;
    if (notification.dueAt === null || notification.kind === 'resolved' || !isOld) continue;
    const state = notification.state === 'unconfirmed' ? 'unconfirmed' : 'withheld';
    draft.putNotification({ ...notification, state, reason: 'stale', dueAt: null });
    draft.decided('withheld', { incident, key: notification.key });
    dropped.push(notification);
  }
  return dropped;
}

/** Before the earliest step whose page was dropped: it has not been taken, and is a new page now. */
function before(
  dropped: readonly Notification[],
  { step, spell }: Incident,
): Pick<Incident, 'step' | 'spell'> {
  const steps = dropped.flatMap(({ facts }) => ('step' in facts ? [facts.step - 1] : []));
  const earliest = Math.min(step, ...steps.map((taken) => taken - 1));
  return { spell: spell + 1, step: Math.max(earliest, BEFORE_THE_FIRST) };
}

const BEFORE_THE_FIRST = -1;

/** The place before the step that would have been taken last, had we been there. */
function latestDue(
  { step, round, stepDueAt }: Incident,
  { steps, repeat }: Escalation,
  now: number,
): Pick<Incident, 'step' | 'round'> {
  const waits = steps.map(({ afterMs }, index) => (index === 0 ? repeat.everyMs : afterMs));
  const cycleMs = waits.reduce((sum, wait) => sum + wait, 0);
  const overdueMs = now - (stepDueAt ?? now);
  const rounds = cycleMs > 0 ? Math.floor(overdueMs / cycleMs) : 0;
  let left = overdueMs - rounds * cycleMs;
  let due = (step + 1) % steps.length;
  let wraps = rounds + (step + 1 >= steps.length ? 1 : 0);
  for (let next = (due + 1) % steps.length; left >= (waits[next] ?? Infinity);) {
    left -= waits[next] ?? 0;
    due = next;
    if (due === 0) wraps += 1;
    next = (due + 1) % steps.length;
    if (cycleMs === 0) break;
  }
  // Before the first step of a round is after the last one of the round before.
  if (due === 0 && wraps > 0) return { step: steps.length - 1, round: round + wraps - 1 };
  return { step: due - 1, round: round + wraps };
}

function freshLookMs(draft: Draft, incident: string): number {
  let longest = 0;
  for (const { check } of draft.members(incident)) {
    longest = Math.max(longest, draft.check(check)?.timeoutMs ?? 0);
  }
  return longest + FRESH_LOOK_GRACE_MS;
}

/** What the fresh look says: down pages at once; a success waits until it has recovered or not. */
export function seenAfresh(draft: Draft, check: string, isDown: boolean): void {
  const incident = draft.incidentOf(check);
  if (typeof incident?.awayMs !== 'number' || incident.state !== 'open') {
    draft.decided('nothing changed', { check });
    return;
  }
  if (isDown && isQuiet(draft, incident.id)) {
    draft.amend(incident.id, { awayMs: null, stepDueAt: null });
    draft.decided('paging silenced', { incident: incident.id });
    return;
  }
  if (isDown) {
    escalate(draft, incident.id);
    return;
  }
  const { recheckMs = 0, recover = 1 } = draft.check(check)?.confirm ?? {};
  const patienceMs = recheckMs * (recover - 1) + freshLookMs(draft, incident.id);
  draft.amend(incident.id, { stepDueAt: draft.now + patienceMs });
  draft.decided('member changed', { incident: incident.id, check });
}

function isPast(draft: Draft, deadline: number | null): boolean {
  return deadline !== null && deadline <= draft.now;
}
