/**
 * A responder said something. Every reply gets an answer, and none is taken for more than it says: a
 * reply to what has ended, or from before it began, changes nothing.
 */
import { acknowledge } from './acknowledgement.ts';
import { bundleCalled } from './bundle-called.ts';
import { escalateByHand, pullIn } from './by-hand.ts';
import type { Draft } from './draft.ts';
import { answerAndSay, drillsAsking, findDrill } from './drill-answer.ts';
import type { Drill } from './drill.ts';
import { actOnAll, codesToldTo } from './hearing-of-bundles.ts';
import { roughly } from './escalation.ts';
import type { Incident } from './incident.ts';
import type { Heard } from './input.ts';
import type { Bundle } from './lane.ts';
import { answerKey } from './notification.ts';
import { noteAnswer } from './reaching.ts';
import { resolveByHand } from './recovery.ts';
import { readReply, wasSaidBefore, type Reply } from './reply.ts';
import { answer, nameOf, responderCalled } from './telling.ts';
import { leadMember } from './trouble-facts.ts';

/** In an answer: more do not fit. */
const CODES_NAMED = 12;

export function hear(draft: Draft, heard: Heard): void {
  if (draft.notification(answerKey(heard))) {
    draft.decided('heard already');
    return;
  }
  noteAnswer(draft, heard.responder, heard.channel);
  const reply = readReply(heard.text);
  const bundle = 'code' in reply ? bundleCalled(draft.board, reply.code) : undefined;
  if ('code' in reply && bundle) {
    const said = actOnAll(draft, heard, reply, bundle);
    if (said !== null) answer(draft, heard, rememberedWith(draft, bundle), said);
    draft.decided(said === null ? 'heard in part' : 'answered', { key: bundle.key });
    return;
  }
  const incident = meant(draft, heard, reply);
  const drill = incident ? undefined : meantDrill(draft, heard, reply);
  if (drill && !wasSaidBefore(heard, reply, drill.begunAt ?? 0)) {
    answer(draft, heard, [drill.id], answerAndSay(draft, heard, reply, drill));
    draft.decided('answered', { drill: drill.id });
    return;
  }
  const said = incident ? act(draft, heard, reply, incident) : whichOne(draft, heard, reply);
  answer(draft, heard, incident ? [incident.id] : [], said);
  draft.decided('answered', incident ? { incident: incident.id } : {});
}

/** Heard again, it is known by its answer: about one of them, for about all it would be large, and about none forgotten. */
function rememberedWith(draft: Draft, { about }: Bundle): readonly string[] {
  const isOver = (id: string) => draft.incident(id)?.state === 'resolved';
  return [about.find((id) => !isOver(id)) ?? about[0] ?? ''];
}

function meant(draft: Draft, heard: Heard, reply: Reply): Incident | undefined {
  if (reply.does === 'nothing') return undefined;
  if (reply.does !== 'acknowledge the only one') return draft.find(reply.code);
  const candidates = openPagesOf(draft, heard.responder);
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** A bare OK is meant for a real page before it is meant for a drill. */
function meantDrill(draft: Draft, heard: Heard, reply: Reply): Drill | undefined {
  if (reply.does === 'nothing') return undefined;
  if (reply.does !== 'acknowledge the only one') return findDrill(draft, reply.code);
  if (openPagesOf(draft, heard.responder).length > 0) return undefined;
  const asking = drillsAsking(draft, heard.responder);
  return asking.length === 1 ? asking[0] : undefined;
}

/** Open incidents for which this responder was paged. */
function openPagesOf(draft: Draft, responder: string): readonly Incident[] {
  return [...draft.incidents()].filter(({ id, state }) => {
    if (state !== 'open') return false;
    for (const notification of draft.notificationsOf(id)) {
      if (notification.kind === 'page' && notification.responder === responder) return true;
    }
    return false;
  });
}

function act(draft: Draft, heard: Heard, reply: Reply, incident: Incident): string {
  const { code, id, title } = incident;
  if (incident.state === 'resolved') return `${code} has ended: ${title}`;
  if (wasSaidBefore(heard, reply, incident.openedAt)) {
    return `${code} opened after you sent this. Reply ${code} to take it: ${title}`;
  }
  draft.record(id, 'heard', { by: heard.responder, text: reply.does });
  switch (reply.does) {
    case 'acknowledge':
    case 'acknowledge the only one':
      return acknowledgeAndSay(draft, heard, id);
    case 'escalate':
      return escalateAndSay(draft, id, heard.responder);
    case 'resolve':
      resolveByHand(draft, { type: 'resolve', incident: id, by: heard.responder, force: null });
      return draft.incident(id)?.state === 'resolved'
        ? `${code} resolved: ${title}`
        : `${code} still down: ack, or silence it`;
    case 'explain':
      return explain(draft, incident);
    case 'page':
      return pageAndSay(draft, incident, reply.name, heard.responder);
    case 'nothing':
      return '';
  }
}

function acknowledgeAndSay(draft: Draft, heard: Heard, id: string): string {
  const before = draft.incident(id);
  acknowledge(draft, id, heard.responder);
  const { code, title, acknowledgedBy, ackExpiresAt } = draft.incident(id) ?? before ?? nobodys;
  if (acknowledgedBy !== heard.responder) {
    return `${code}: ${nameOf(draft, acknowledgedBy ?? '')} has it already`;
  }
  const until = ackExpiresAt === null ? '' : ` for ${roughly(ackExpiresAt - draft.now)}`;
  return `${code} is yours${until}: ${title}`;
}

const nobodys = { code: '', title: '', acknowledgedBy: null, ackExpiresAt: null };

function escalateAndSay(draft: Draft, id: string, by: string): string {
  const { code } = draft.incident(id) ?? nobodys;
  const before = draft.decisions.length;
  escalateByHand(draft, id, by);
  const outcomes = draft.decisions.slice(before).map(({ outcome }) => outcome);
  if (outcomes.includes('waiting for hours')) return `${code}: nobody of the next step is at work`;
  if (outcomes.length === 0) return `${code} has nobody to page`;
  return `${code} escalated: the next step is being paged`;
}

function pageAndSay(draft: Draft, incident: Incident, name: string, by: string): string {
  const responder = responderCalled(draft, name);
  if (!responder) {
    const known = [...draft.config.responders.keys()].slice(0, 6).join(', ');
    return `${incident.code}: nobody here is called ${name}. Known: ${known}`;
  }
  pullIn(draft, incident, responder.id, by);
  return `${incident.code}: ${responder.name} is being paged`;
}

function explain(draft: Draft, incident: Incident): string {
  const lead = leadMember(draft, incident.id);
  const { code, down, size, severity } = incident;
  const about = lead ? `${lead.name}: ${lead.brief} for ${roughly(draft.now - lead.since)}` : '';
  const who = incident.acknowledgedBy === null ? 'nobody' : nameOf(draft, incident.acknowledgedBy);
  return `${code} ${severity}, ${about}. ${String(down)} of ${String(size)} down. Has it: ${who}`;
}

function whichOne(draft: Draft, heard: Heard, reply: Reply): string {
  if (reply.does === 'acknowledge the only one') {
    const open = openPagesOf(draft, heard.responder);
    const drills = drillsAsking(draft, heard.responder).map(({ code }) => code);
    const codes = [...codesToldTo(draft, heard.responder, open), ...drills].slice(0, CODES_NAMED);
    return codes.length === 0
      ? 'Nothing is open that you were paged for'
      : `Which one? Reply with one of: ${codes.join(' ')}`;
  }
  if (reply.does !== 'nothing') return `No incident has the code ${reply.code}`;
  const open = [...draft.incidents()].filter(({ state }) => state !== 'resolved');
  const codes = open.map(({ code }) => code).slice(0, CODES_NAMED);
  const example = codes[0] ?? '7K';
  const now = codes.length === 0 ? 'Nothing is open.' : `Open: ${codes.join(' ')}.`;
  return `Not understood. ${now} ${example} = ack, WHY ${example}, ESC ${example}, RES ${example}`;
}
