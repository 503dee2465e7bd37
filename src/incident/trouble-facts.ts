/**
 * What a message about an incident says of it: the facts as they are when it is decided, for words are
 * made later and elsewhere. It names one check; the others are a number.
 */
import type { Draft } from './draft.ts';
import type { Incident, Member } from './incident.ts';
import type { TroubleFacts } from './notification.ts';

/** What a message says beside the incident itself. */
export interface Remark {
  readonly by?: string | null;
  readonly text?: string | null;
}

/** The first member that is down, of those that are not silenced if there are any, or else the first: what a message is about when it names one. */
export function leadMember(draft: Draft, incident: string): Member | undefined {
  let first: Member | undefined;
  let silenced: Member | undefined;
  for (const member of draft.members(incident)) {
    if (member.leftAt !== null) continue;
    first ??= member;
    if (member.state !== 'down') continue;
    if (!draft.silenceOf(member.check)) return member;
    silenced ??= member;
  }
  return silenced ?? first;
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
  const others = event === 'resolved' ? incident.size - 1 : incident.down - 1;
  return {
    event,
    code: incident.code,
    name: lead?.name ?? incident.title,
    says: check?.says ?? null,
    severity: incident.severity,
    more: Math.max(0, others),
    reason: lead?.reason ?? null,
    brief: lead?.brief ?? '',
    since: event === 'resolved' ? incident.brokeAt : (lead?.since ?? incident.brokeAt),
    at: draft.now,
    by: remark.by ?? null,
    step: incident.step + 1,
    text: remark.text ?? null,
    ...(check?.runbook && { runbook: check.runbook }),
    ...(tags.length > 0 && { tags }),
  };
}
