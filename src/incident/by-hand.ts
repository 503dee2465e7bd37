/**
 * What a person decides about an incident without waiting for a check to turn: to open one, how bad
 * it is, and whom to pull in. An incident opened so has no checks: it lasts until a person ends it.
 */
import type { Severity } from '../config/config.ts';
import type { Draft } from './draft.ts';
import { channelsTo, escalate, pageFromTheStart } from './escalation.ts';
import type { Incident } from './incident.ts';
import type { Input } from './input.ts';
import { isOngoing } from './quiet.ts';
import { nameOf, page, post, responderCalled } from './telling.ts';
import { troubleFacts } from './trouble-facts.ts';
import { RANK } from './rank.ts';
import { blankIncident, raise } from './trouble.ts';

export function openByHand(draft: Draft, input: Extract<Input, { type: 'open' }>): void {
  const { title, severity, escalation, text } = input;
  if (escalation !== null && !draft.config.escalations.has(escalation)) {
    draft.decided('unknown escalation');
    return;
  }
  const by = responderCalled(draft, input.by)?.id ?? input.by;
  const { id } = draft.putIncident({
    ...blankIncident(draft),
    severity,
    title,
    escalation,
    openedBy: by,
    brokeAt: draft.now,
  });
  draft.record(id, 'opened', { by, ...(text === null ? {} : { text }) });
  draft.decided(escalation === null ? 'opened, nobody to page' : 'opened', { incident: id });
  const said = `reported by ${nameOf(draft, by)}${text === null ? '' : `: ${text}`}`;
  pageFromTheStart(draft, id, 'opened', { text: said });
}

export function setSeverity(draft: Draft, input: Extract<Input, { type: 'severity' }>): void {
  const incident = unresolved(draft, input.incident);
  if (!incident) return;
  const { id } = incident;
  const rise = RANK[input.severity] - RANK[incident.severity];
  if (rise === 0) {
    draft.decided('nothing changed', { incident: id });
    return;
  }
  const by = responderCalled(draft, input.by)?.id ?? input.by;
  if (rise > 0 && isOngoing(incident)) raise(draft, id, input.severity, by);
  else move(draft, id, input.severity, by, rise > 0 ? 'raised' : 'lowered');
}

/** Nobody is woken for what is less bad than was thought, nor for what is up by now. */
function move(
  draft: Draft,
  id: string,
  severity: Severity,
  by: string,
  type: 'raised' | 'lowered',
): void {
  draft.amend(id, { severity });
  draft.record(id, type, { by, text: severity });
  draft.decided(type, { incident: id });
  post(draft, id, 'updated', { by: nameOf(draft, by), text: `now ${severity}` });
}

export function pageByHand(draft: Draft, input: Extract<Input, { type: 'page' }>): void {
  const incident = unresolved(draft, input.incident);
  if (!incident) return;
  const responder = responderCalled(draft, input.responder);
  if (!responder) {
    draft.decided('unknown responder', { incident: incident.id });
    return;
  }
  const by = responderCalled(draft, input.by)?.id ?? input.by;
  pullIn(draft, incident, responder.id, by);
}

/** Pages one responder by every address, whatever step the incident is at, and whoever has it. */
export function pullIn(draft: Draft, incident: Incident, responder: string, by: string): void {
  const known = draft.config.responders.get(responder);
  const channels = known ? channelsTo(draft, known) : [];
  if (channels.length === 0) {
    draft.decided('no address', { incident: incident.id });
    return;
  }
  const facts = troubleFacts(draft, incident, 'opened', { text: `paged by ${nameOf(draft, by)}` });
  // A key of its own each time: who was paged an hour ago may be asked again.
  const asked = `asked.${String(incident.entries)}`;
  for (const channel of channels) page(draft, incident, { responder, channel }, facts, { asked });
  draft.decided('paged', { incident: incident.id });
  draft.record(incident.id, 'paged', { by, text: known?.name ?? responder });
}

/** The next step now, whoever has it. */
export function escalateByHand(draft: Draft, id: string, by: string): void {
  const state = draft.incident(id)?.state;
  if (state === 'acknowledged') {
    draft.amend(id, {
      state: 'open',
      acknowledgedAt: null,
      acknowledgedBy: null,
      ackExpiresAt: null,
    });
  }
  draft.record(id, 'escalated', { by });
  escalate(draft, id, nameOf(draft, by));
}

function unresolved(draft: Draft, codeOrId: string): Incident | undefined {
  const incident = draft.find(codeOrId);
  if (!incident) draft.decided('unknown incident');
  else if (incident.state === 'resolved')
    draft.decided('resolved already', { incident: incident.id });
  else return incident;
  return undefined;
}
