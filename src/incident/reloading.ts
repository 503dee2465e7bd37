/**
 * Under a new configuration: nothing that was sent is sent again. Checks that are gone leave their
 * incidents, and an incident goes on by the escalation that its checks name now.
 */
import type { Check } from '../config/config.ts';
import type { CheckState, Turn } from '../judge/check-state.ts';
import type { Draft } from './draft.ts';
import { isAwaitedAlert } from './alerting.ts';
import { pageFromTheStart } from './escalation.ts';
import type { Incident } from './incident.ts';
import { isOngoing } from './quiet.ts';
import { end } from './recovery.ts';
import { planDrills } from './drill-plan.ts';
import { post, tell, whoWasPaged, withholdPages } from './telling.ts';
import { endSilence } from './silencing.ts';
import { wentDown } from './trouble.ts';
import { planWindows } from './windows.ts';

/** What is remembered of a check that is gone would count as seen if it came back. */
const NOTHING_SEEN = {
  status: 'unknown',
  lastStatus: 'unknown',
  reason: null,
  brief: '',
  window: [],
  successes: 0,
  firstFailedAt: null,
  lookedAt: null,
  tookMs: null,
} as const;

export function reloaded(draft: Draft): void {
  for (const incident of [...draft.incidents()]) {
    if (incident.state === 'resolved') continue;
    letGo(draft, incident);
    if (draft.incident(incident.id)?.state !== 'resolved') followEscalation(draft, incident.id);
  }
  endWhatCannotRecover(draft);
  for (const state of draft.board.checks.values()) {
    if (!draft.check(state.check)) draft.forgetState(nothingSeen(state, draft.now));
  }
  planWindows(draft);
  planDrills(draft);
  openWhatIsForgotten(draft);
}

function nothingSeen({ heartbeat: _, ...state }: CheckState, now: number): CheckState {
  return { ...state, ...NOTHING_SEEN, since: now };
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

/** Silenced until it recovers, and not configured any more: should it come back, it is news. */
function endWhatCannotRecover(draft: Draft): void {
  for (const silence of [...draft.silences()]) {
    const isGone = silence.covers.every((check) => !draft.check(check));
    if (silence.endsAt === null && isGone) endSilence(draft, silence);
  }
}

/** Whose checks name another escalation goes on by that one, from its next step; or by none. */
function followEscalation(draft: Draft, id: string): void {
  const incident = draft.incident(id);
  if (!incident) return;
  const members = [...draft.members(id)].filter(({ leftAt }) => leftAt === null);
  const down = members.filter(({ state }) => state === 'down');
  const named = (down.length > 0 ? down : members)
    .flatMap(({ check }) => draft.check(check) ?? [])
    .map(({ escalation }) => escalation);
  if (named.includes(incident.escalation)) return;
  // One that a person has opened goes on by what it was opened with, as long as there is that.
  const isThere = draft.config.escalations.has(incident.escalation ?? '');
  if (named.length === 0 && (isThere || incident.escalation === null)) return;
  const next = named.find((escalation) => escalation !== null) ?? null;
  if (next === null) {
    endPaging(draft, id);
  } else {
    goOnBy(draft, incident, next);
  }
}

function goOnBy(
  draft: Draft,
  { id, state, stepDueAt, ...was }: Incident,
  escalation: string,
): void {
  draft.amend(id, { escalation });
  if (state !== 'open') return;
  if (was.escalation === null) pageFromTheStart(draft, id, 'opened');
  // A step that was due between the old escalation and the new one was by none.
  else if (stepDueAt === null) draft.amend(id, { stepDueAt: draft.now });
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
export function openWhatIsForgotten(draft: Draft, among: Iterable<Check> = allChecks(draft)): void {
  for (const check of among) {
    const state = draft.board.checks.get(check.id);
    if (state?.status !== 'down') continue;
    const incident = draft.incidentOf(check.id);
    if (draft.member(incident?.id ?? '', check.id)?.state === 'down') continue;
    if (!draft.silenceOf(check.id)) wentDown(draft, stillDown(state, draft.now));
  }
}

function* allChecks({ config: { checks, self } }: Draft): Iterable<Check> {
  yield* checks.values();
  yield* self.checks.values();
}

function stillDown({ check, since, reason, brief }: CheckState, at: number): Turn {
  return { check, from: 'down', to: 'down', at, since, reason, brief };
}
