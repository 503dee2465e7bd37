/**
 * Under a new configuration: nothing that was sent is sent again. Checks that are gone leave their
 * incidents, and an incident goes on by the escalation that its checks name now.
 */
import type { CheckState, Turn } from '../judge/check-state.ts';
import type { Draft } from './draft.ts';
import { isAwaitedAlert } from './alerting.ts';
import { pageFromTheStart } from './escalation.ts';
import type { Incident } from './incident.ts';
import { isOngoing } from './quiet.ts';
import { end } from './recovery.ts';
import { post, tell, whoWasPaged, withholdPages } from './telling.ts';
import { wentDown } from './trouble.ts';
import { planWindows } from './windows.ts';

export function reloaded(draft: Draft): void {
  for (const incident of [...draft.incidents()]) {
    if (incident.state === 'resolved') continue;
    letGo(draft, incident);
    if (draft.incident(incident.id)?.state !== 'resolved') followEscalation(draft, incident.id);
  }
  planWindows(draft);
  openWhatIsForgotten(draft);
}

/** Removed checks leave; the last one to leave ends it. */
function letGo(draft: Draft, { id }: Incident): void {
  for (const member of [...draft.members(id)]) {
    if (member.leftAt !== null || draft.check(member.check)) continue;
    if (isAwaitedAlert(draft.config, member.check)) continue;
    draft.putMember({ ...member, leftAt: draft.now });
    draft.record(id, 'member_left', { check: member.check });
    const down = (draft.incident(id)?.down ?? 0) - (member.state === 'down' ? 1 : 0);
    draft.amend(id, { down });
    draft.decided('removed', { incident: id, check: member.check });
  }
  const remaining = [...draft.members(id)].filter(({ leftAt }) => leftAt === null);
  const isHeld = draft.incident(id)?.steadyAt !== null && remaining.length > 0;
  const after = draft.incident(id);
  if (after && !isOngoing(after) && !isHeld) end(draft, id, 'removed', { text: 'removed' });
}

/** Whose checks name another escalation goes on by that one, from its next step; or by none. */
function followEscalation(draft: Draft, id: string): void {
  const incident = draft.incident(id);
  if (!incident) return;
  const named = [...draft.members(id)]
    .filter(({ leftAt, state }) => leftAt === null && state === 'down')
    .flatMap(({ check }) => draft.check(check) ?? [])
    .map(({ escalation }) => escalation);
  if (named.length === 0 || named.includes(incident.escalation)) return;
  const next = named.find((escalation) => escalation !== null) ?? null;
  if (next === null) {
    endPaging(draft, id);
  } else {
    draft.amend(id, { escalation: next });
    if (incident.escalation === null) pageFromTheStart(draft, id, 'opened');
  }
}

function endPaging(draft: Draft, id: string): void {
  withholdPages(draft, id, 'removed');
  draft.record(id, 'paging_ended');
  const text = 'no longer pages';
  tell(draft, id, 'update', 'updated', whoWasPaged(draft, id), { text });
  post(draft, id, 'updated', { text });
  draft.amend(id, { escalation: null, stepDueAt: null, followUpAt: null, groupEndsAt: null });
  draft.decided('paging ended', { incident: id });
}

/** A check that is down, and no incident says so: what was to follow from it was lost, or let go. */
export function openWhatIsForgotten(draft: Draft): void {
  const { checks, self } = draft.config;
  for (const check of [...checks.values(), ...self.checks.values()]) {
    const state = draft.board.checks.get(check.id);
    if (state?.status !== 'down' || draft.silenceOf(check.id)) continue;
    const incident = draft.incidentOf(check.id);
    if (draft.member(incident?.id ?? '', check.id)?.state === 'down') continue;
    wentDown(draft, stillDown(state, draft.now));
  }
}

function stillDown({ check, since, reason, brief }: CheckState, at: number): Turn {
  return { check, from: 'down', to: 'down', at, since, reason, brief };
}
