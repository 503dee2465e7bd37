/**
 * Back after a restart, or under a new configuration: nothing that was sent is sent again, nothing
 * that was open is forgotten, and what became overdue meanwhile is told once.
 */
import type { CheckState, Turn } from '../judge/check-state.ts';
import type { Draft } from './draft.ts';
import type { Incident } from './incident.ts';
import { end } from './recovery.ts';
import { post, tell, whoWasPaged, withholdPages } from './telling.ts';
import { wentDown } from './trouble.ts';

/** After its own timeout a check's fresh look has this long to tell, before it counts as down. */
const FRESH_LOOK_GRACE_MS = 10_000;

/** A page that waited this long in a queue may not be true any more. */
export const STALE_MS = 10 * 60 * 1000;

export function returned(draft: Draft, awaySince: number | null): void {
  for (const incident of [...draft.incidents()]) {
    if (incident.state !== 'resolved') collapse(draft, incident, awaySince ?? draft.now);
  }
  openWhatIsForgotten(draft);
}

/** Overdue deadlines become one, which waits for one fresh look. */
function collapse(draft: Draft, incident: Incident, awaySince: number): void {
  const { id, stepDueAt, ackExpiresAt } = incident;
  const isAckOver = incident.state === 'acknowledged' && isPast(draft, ackExpiresAt);
  const dropped = withholdStalePages(draft, id);
  if (!isAckOver && !isPast(draft, stepDueAt) && dropped === 0) {
    draft.decided('nothing overdue', { incident: id });
    return;
  }
  draft.amend(id, {
    awayMs: Math.max(0, draft.now - awaySince),
    stepDueAt: draft.now + freshLookMs(draft, id),
    ...(isAckOver ? { state: 'open', acknowledgedBy: null, acknowledgedAt: null } : {}),
    ...(isAckOver ? { ackExpiresAt: null, spell: incident.spell + 1, step: -1, round: 0 } : {}),
    // The page will count everybody: a follow-up would say it again.
    ...(isPast(draft, incident.groupEndsAt) ? { groupEndsAt: null, joinedSince: 0 } : {}),
  });
  draft.record(id, 'restarted');
  draft.decided('overdue deadlines collapsed', { incident: id });
}

function withholdStalePages(draft: Draft, incident: string): number {
  let dropped = 0;
  for (const notification of [...draft.notificationsOf(incident)]) {
    const isWaiting = notification.kind === 'page' && notification.state === 'queued';
    if (!isWaiting || draft.now - notification.at <= STALE_MS) continue;
    draft.putNotification({ ...notification, state: 'withheld', reason: 'stale', dueAt: null });
    draft.decided('withheld', { incident, key: notification.key });
    dropped += 1;
  }
  return dropped;
}

function freshLookMs(draft: Draft, incident: string): number {
  let longest = 0;
  for (const { check } of draft.members(incident)) {
    longest = Math.max(longest, draft.check(check)?.timeoutMs ?? 0);
  }
  return longest + FRESH_LOOK_GRACE_MS;
}

function isPast(draft: Draft, deadline: number | null): boolean {
  return deadline !== null && deadline <= draft.now;
}

export function reloaded(draft: Draft): void {
  for (const incident of [...draft.incidents()]) {
    if (incident.state === 'resolved') continue;
    letGo(draft, incident);
    if (draft.incident(incident.id)?.state !== 'resolved') followEscalation(draft, incident.id);
  }
  openWhatIsForgotten(draft);
}

/** Removed checks leave; the last one to leave ends it. */
function letGo(draft: Draft, { id }: Incident): void {
  for (const member of [...draft.members(id)]) {
    if (member.leftAt !== null || draft.check(member.check)) continue;
    draft.putMember({ ...member, leftAt: draft.now });
    draft.record(id, 'member_left', { check: member.check });
    const down = (draft.incident(id)?.down ?? 0) - (member.state === 'down' ? 1 : 0);
    draft.amend(id, { down });
    draft.decided('removed', { incident: id, check: member.check });
  }
  const remaining = [...draft.members(id)].filter(({ leftAt }) => leftAt === null);
  const isHeld = draft.incident(id)?.steadyAt !== null && remaining.length > 0;
  if (draft.incident(id)?.down === 0 && !isHeld) end(draft, id, 'removed', { text: 'removed' });
}

/** An incident goes by what its checks say now: another escalation from its next step, or none. */
function followEscalation(draft: Draft, id: string): void {
  const incident = draft.incident(id);
  if (!incident) return;
  const checks = [...draft.members(id)]
    .filter(({ leftAt, state }) => leftAt === null && state === 'down')
    .flatMap(({ check }) => draft.check(check) ?? []);
  const paging = checks.find(({ escalation }) => escalation !== null);
  const isGone = !draft.config.escalations.has(incident.escalation ?? '');
  if (paging && incident.escalation !== null && isGone) {
    draft.amend(id, { escalation: paging.escalation });
  }
  if (!paging && checks.length > 0 && incident.escalation !== null) endPaging(draft, id);
}

function endPaging(draft: Draft, id: string): void {
  withholdPages(draft, id, 'removed');
  draft.record(id, 'paging_ended');
  const text = 'no longer pages';
  tell(draft, id, 'update', 'updated', whoWasPaged(draft, id), { text });
  post(draft, id, 'updated', { text });
  draft.amend(id, { escalation: null, stepDueAt: null, groupEndsAt: null });
  draft.decided('paging ended', { incident: id });
}

/** A check that is down and in no incident (it was removed and is back) opens one now. */
function openWhatIsForgotten(draft: Draft): void {
  const { checks, self } = draft.config;
  for (const check of [...checks.values(), ...self.checks.values()]) {
    const state = draft.board.checks.get(check.id);
    if (state?.status !== 'down' || draft.incidentOf(check.id)) continue;
    if (!draft.silenceOf(check.id)) wentDown(draft, stillDown(state, draft.now));
  }
}

function stillDown({ check, since, reason, brief }: CheckState, at: number): Turn {
  return { check, from: 'down', to: 'down', at, since, reason, brief };
}
