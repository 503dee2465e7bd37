/**
 * How an incident ends: because its checks recovered, because they were removed, or because a person
 * says so. Whoever was told that it began is told that it ended.
 */
import type { Turn } from '../judge/check-state.ts';
import type { Draft } from './draft.ts';
import { escalationOf } from './escalation.ts';
import type { Ending, Incident, Member } from './incident.ts';
import type { Input } from './input.ts';
import { endAtRecovery, silenceUntilRecovered } from './silencing.ts';
import { orphansOf } from './suppression.ts';
import { nameOf, post, tell, whoWasPaged, withholdPages } from './telling.ts';
import type { Remark } from './trouble-facts.ts';
import { FLAPPING_AT, wentDown } from './trouble.ts';

const REASON_WITHHELD = {
  recovered: 'recovered',
  removed: 'removed',
  forced: 'resolved',
  'by hand': 'resolved',
} as const satisfies Record<Ending, string>;

export function cameUp(draft: Draft, turn: Turn): void {
  endAtRecovery(draft, turn.check);
  const incident = draft.incidentOf(turn.check);
  const member = draft.member(incident?.id ?? '', turn.check);
  if (!incident || !member) {
    draft.decided('not part of an incident', { check: turn.check });
    return;
  }
  const { to: state, since, reason, brief } = turn;
  draft.decided('member changed', { incident: incident.id, check: turn.check });
  if (member.state !== 'down') {
    draft.putMember({ ...member, state, since, reason, brief });
    return;
  }
  // What was wrong is kept: the message that it is over says what "it" was.
  draft.putMember({ ...member, state, since });
  draft.record(incident.id, 'member_recovered', { check: turn.check });
  const { down } = draft.amend(incident.id, { down: incident.down - 1 });
  if (down === 0) endOrHold(draft, incident);
}

/** One that keeps coming back is held open until it has been quiet for as long as it may reopen. */
function endOrHold(draft: Draft, incident: Incident): void {
  const reopenMs = escalationOf(draft, incident)?.reopenMs ?? 0;
  if (incident.reopenings >= FLAPPING_AT && reopenMs > 0) {
    draft.amend(incident.id, { steadyAt: draft.now + reopenMs });
    draft.decided('flapping, held open', { incident: incident.id });
  } else {
    end(draft, incident.id, 'recovered');
  }
}

export function end(draft: Draft, id: string, because: Ending, remark: Remark = {}): void {
  withholdPages(draft, id, REASON_WITHHELD[because]);
  draft.amend(id, {
    state: 'resolved',
    resolvedAt: draft.now,
    resolvedBecause: because,
    stepDueAt: null,
    followUpAt: null,
    groupEndsAt: null,
    joinedSince: 0,
    steadyAt: null,
    silencedAt: null,
    orphansDueAt: null,
    proofDueAt: null,
    awayMs: null,
  });
  const by = remark.by ?? undefined;
  draft.record(id, 'resolved', { text: because, ...(by === undefined ? {} : { by }) });
  draft.decided('resolved', { incident: id });
  tell(draft, id, 'resolved', 'resolved', whoWasPaged(draft, id), remark);
  post(draft, id, 'resolved', remark);
}

export function resolveByHand(draft: Draft, input: Extract<Input, { type: 'resolve' }>): void {
  const incident = draft.find(input.incident);
  if (!incident) {
    draft.decided('unknown incident');
    return;
  }
  const { id, state, down } = incident;
  if (state === 'resolved') {
    draft.decided('resolved already', { incident: id });
  } else if (down > 0 && input.force === null) {
    draft.decided('still down', { incident: id });
  } else if (input.force === null) {
    end(draft, id, 'by hand', { by: nameOf(draft, input.by) });
  } else {
    end(draft, id, 'forced', { by: nameOf(draft, input.by), text: input.force });
    silenceWhatIsDown(draft, id, input.by, input.force);
  }
}

/** Forced to end while it is down: its checks leave it and say nothing more until they recover. */
function silenceWhatIsDown(draft: Draft, incident: string, by: string, why: string): void {
  const checks: string[] = [];
  draft.amend(incident, { down: 0 });
  for (const member of [...draft.members(incident)]) {
    if (member.state !== 'down' || member.leftAt !== null) continue;
    draft.putMember({ ...member, leftAt: draft.now });
    checks.push(member.check);
  }
  silenceUntilRecovered(draft, checks, by, why);
}

/** Still down when nothing above them is: they leave, and each is told on its own. */
export function partWithOrphans(draft: Draft, id: string): void {
  draft.amend(id, { orphansDueAt: null });
  const orphans: Member[] = [];
  // One that leaves may leave others without anything above them.
  for (let next = orphansOf(draft, id); next.length > 0; next = orphansOf(draft, id)) {
    for (const member of next) draft.putMember({ ...member, leftAt: draft.now });
    orphans.push(...next);
  }
  for (const member of orphans) {
    const { down } = draft.incident(id) ?? { down: 1 };
    draft.amend(id, { down: down - 1 });
    draft.record(id, 'member_left', { check: member.check });
    draft.decided('on its own', { incident: id, check: member.check });
  }
  const incident = draft.incident(id);
  if (incident?.down === 0 && orphans.length > 0) endOrHold(draft, incident);
  for (const { check, since, reason, brief } of orphans) {
    const turn = { check, from: 'down', to: 'down', at: draft.now, since, reason, brief } as const;
    wentDown(draft, turn, id);
  }
}
