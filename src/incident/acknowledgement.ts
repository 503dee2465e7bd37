/**
 * A person has it: the paging stops, the others hear who it is, and it is paged again when the word
 * expires.
 */
import type { Draft } from './draft.ts';
import { escalationOf, pageFromTheStart, roughly } from './escalation.ts';
import type { Incident } from './incident.ts';
import { noteAnswer } from './reaching.ts';
import { nameOf, post, responderCalled, tell, whoWasPaged, withholdPages } from './telling.ts';

/** For incidents without an escalation to say it. */
const ACK_EXPIRES_MS = 2 * 60 * 60 * 1000;

/** Who has it may forget it, and nobody else would notice: what is wrong with Tocsin itself is told daily. */
const SELF_ACK_MOST_MS = 24 * 60 * 60 * 1000;

interface Options {
  readonly forMs?: number;
  readonly takeOver?: boolean;
  /** By which they were told of what they answer. */
  readonly channel?: string;
}

export function acknowledge(
  draft: Draft,
  codeOrId: string,
  by: string,
  { forMs, takeOver = false, channel }: Options = {},
): void {
  const incident = draft.find(codeOrId);
  if (!incident) {
    draft.decided('unknown incident');
    return;
  }
  const { id } = incident;
  if (incident.state === 'resolved') {
    draft.decided('resolved already', { incident: id });
    return;
  }
  const responder = responderCalled(draft, by);
  const who = responder?.id ?? by;
  if (responder && channel !== undefined) noteAnswer(draft, who, channel);
  const isTheirs = incident.acknowledgedBy === who;
  if (incident.state === 'acknowledged' && (!takeOver || isTheirs)) {
    // For how long, is for whoever has it to say.
    if (forMs !== undefined && isTheirs) {
      draft.amend(id, { ackExpiresAt: expiry(draft, incident, forMs) });
      draft.record(id, 'acknowledged', { by: who, text: `for ${roughly(forMs)} from now` });
    }
    draft.decided('acknowledged already', { incident: id });
    return;
  }
  withholdPages(draft, id, 'acknowledged');
  draft.amend(id, {
    state: 'acknowledged',
    acknowledgedAt: draft.now,
    acknowledgedBy: who,
    ackExpiresAt: expiry(draft, incident, forMs),
    stepDueAt: null,
    awayMs: null,
  });
  draft.record(id, 'acknowledged', { by: who });
  draft.decided('acknowledged', { incident: id });
  const others = whoWasPaged(draft, id).filter(({ responder }) => responder !== who);
  tell(draft, id, 'acknowledged', 'acknowledged', others, { by: nameOf(draft, who) });
  post(draft, id, 'acknowledged', { by: nameOf(draft, who) });
}

/** Nobody has it any more, and it is still there: from the first step again. */
export function expireAck(draft: Draft, incident: Incident): void {
  const was = incident.acknowledgedBy ?? '';
  draft.amend(incident.id, {
    state: 'open',
    acknowledgedAt: null,
    acknowledgedBy: null,
    ackExpiresAt: null,
  });
  draft.record(incident.id, 'ack_expired', { by: was });
  draft.decided('ack expired', { incident: incident.id });
  pageFromTheStart(draft, incident.id, 'still_down', {
    text: `was acked by ${nameOf(draft, was)}`,
  });
}

function expiry(draft: Draft, incident: Incident, forMs: number | undefined): number | null {
  const escalation = escalationOf(draft, incident);
  const ms = forMs ?? (escalation ? escalation.ackExpiresMs : ACK_EXPIRES_MS);
  if (isAboutTocsin(draft, incident)) {
    return draft.now + Math.min(ms ?? SELF_ACK_MOST_MS, SELF_ACK_MOST_MS);
  }
  return ms === null ? null : draft.now + ms;
}

function isAboutTocsin(draft: Draft, { id }: Incident): boolean {
  for (const { check } of draft.members(id)) if (draft.check(check)?.type === 'self') return true;
  return false;
}
