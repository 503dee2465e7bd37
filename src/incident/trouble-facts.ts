/**
 * What a message about an incident says of it: the facts as they are when it is decided, for words are
 * made later and elsewhere. It is about one check; of the others it has a number and a few names.
 */
import type { Draft } from './draft.ts';
import type { Incident, Member } from './incident.ts';
import type { TroubleFacts } from './notification.ts';
import { RANK } from './rank.ts';

/** What a message says beside the incident itself. */
export interface Remark {
  readonly by?: string | null;
  readonly text?: string | null;
}

/** What others hang below is worse than any of them: it may be why. */
const ABOVE = 10;

/** The worst member that is down and below no other, and of these the first; of those that are not silenced if there are any, or else the first of all: what a message is about when it names one. */
export function leadMember(draft: Draft, incident: string): Member | undefined {
  const worst = RANK[draft.incident(incident)?.severity ?? 'critical'] + ABOVE;
  let first: Member | undefined;
  let silenced: Member | undefined;
  let lead: Member | undefined;
  let leadRank = -1;
  for (const member of draft.members(incident)) {
    if (member.leftAt !== null) continue;
    first ??= member;
    if (member.state !== 'down') continue;
    if (draft.silenceOf(member.check)) {
      silenced ??= member;
      continue;
    }
    const { severity = 'minor' } = draft.check(member.check) ?? {};
    const rank = RANK[severity] + (member.below === null ? ABOVE : 0);
    if (rank <= leadRank) continue;
    // An incident may have ten thousand members: none is worse than it.
    if (rank >= worst) return member;
    lead = member;
    leadRank = rank;
  }
  return lead ?? silenced ?? first;
}

const OTHERS_NAMED = 5;

function namesOfOthers(draft: Draft, incident: string, lead: Member | undefined): string[] {
  const names: string[] = [];
  for (const member of draft.members(incident)) {
    if (member.leftAt !== null || member.state !== 'down' || member.check === lead?.check) continue;
    names.push(member.name);
    if (names.length === OTHERS_NAMED) break;
  }
  return names;
}

export function troubleFacts(
  draft: Draft,
  incident: Incident,
  event: TroubleFacts['event'],
  remark: Remark = {},
): TroubleFacts {
  const lead = leadMember(draft, incident.id);
  const check = draft.check(lead?.check ?? '');
  const tags = Object.entries(check?.tags ?? {}).map(([tag, value]) => `${tag}=${value}`);
  const more = event === 'resolved' ? incident.size - 1 : incident.down - 1;
  const others = event === 'resolved' || more === 0 ? [] : namesOfOthers(draft, incident.id, lead);
  return {
    event,
    code: incident.code,
    name: lead?.name ?? incident.title,
    says: check?.says ?? null,
    severity: incident.severity,
    more: Math.max(0, more),
    reason: lead?.reason ?? null,
    brief: lead?.brief ?? '',
    since: event === 'resolved' ? incident.brokeAt : (lead?.since ?? incident.brokeAt),
    at: draft.now,
    by: remark.by ?? null,
    step: incident.step + 1,
    text: remark.text ?? null,
    ...(check?.runbook && { runbook: check.runbook }),
    ...(tags.length > 0 && { tags }),
    ...(others.length > 0 && { others }),
  };
}
