/**
 * What somebody says of a message about several incidents is said of each of them that is not over.
 * One answer says how many that were.
 */
import { acknowledge } from './acknowledgement.ts';
import { escalateByHand, pullIn } from './by-hand.ts';
import type { Draft } from './draft.ts';
import type { Incident } from './incident.ts';
import type { Heard } from './input.ts';
import { isBundle } from './lane.ts';
import type { Notification } from './notification.ts';
import { resolveByHand } from './recovery.ts';
import { wasSaidBefore, type Reply } from './reply.ts';
import { responderCalled } from './telling.ts';

/** Codes in an answer: more do not fit. */
const NAMED = 8;

type ReplyWithCode = Extract<Reply, { readonly code: string }>;

/** The bundle with this code that has left, or is about to. */
export function bundleCalled(draft: Draft, code: string): Notification | undefined {
  const bundle = draft.notification(draft.board.bundles.get(code) ?? '');
  return bundle && bundle.about.length > 0 ? bundle : undefined;
}

export function actOnAll(
  draft: Draft,
  heard: Heard,
  reply: ReplyWithCode,
  bundle: Notification,
): string {
  const { code } = reply;
  const ongoing = bundle.about.filter((id) => draft.incident(id)?.state !== 'resolved');
  if (ongoing.length === 0) return `${code} has ended: all ${many(bundle.about)}`;
  if (wasSaidBefore(heard, bundle.at)) {
    return `${code} began after you sent this, so it was not taken`;
  }
  if (reply.does === 'explain') return explainAll(draft, code, ongoing);
  if (reply.does === 'page' && !responderCalled(draft, reply.name)) {
    return `${code}: nobody here is called ${reply.name}`;
  }
  for (const id of ongoing) actOnOne(draft, heard, reply, id);
  return saidOfAll(draft, heard, reply, ongoing);
}

function actOnOne(draft: Draft, heard: Heard, reply: ReplyWithCode, id: string): void {
  const incident = draft.incident(id);
  if (!incident) return;
  const by = heard.responder;
  draft.record(id, 'heard', { by, text: reply.does });
  switch (reply.does) {
    case 'acknowledge':
      acknowledge(draft, id, by);
      return;
    case 'escalate':
      escalateByHand(draft, id, by);
      return;
    case 'resolve':
      resolveByHand(draft, { type: 'resolve', incident: id, by, force: null });
      return;
    case 'page': {
      const responder = responderCalled(draft, reply.name);
      if (responder) pullIn(draft, incident, responder.id, by);
      return;
    }
    case 'explain':
      return;
  }
}

function saidOfAll(
  draft: Draft,
  heard: Heard,
  reply: ReplyWithCode,
  ids: readonly string[],
): string {
  const { code } = reply;
  const isSo = (is: (incident: Incident) => boolean): number =>
    ids.flatMap((id) => draft.incident(id) ?? []).filter(is).length;
  switch (reply.does) {
    case 'acknowledge': {
      const yours = isSo(({ acknowledgedBy }) => acknowledgedBy === heard.responder);
      const others = ids.length - yours;
      const rest = others === 0 ? '' : `, ${String(others)} had been taken by others`;
      return `${code}: ${String(yours)} of ${many(ids)} are yours${rest}`;
    }
    case 'escalate':
      return `${code}: ${many(ids)} escalated: the next step is being paged`;
    case 'resolve': {
      const still = isSo(({ state }) => state !== 'resolved');
      const rest = still === 0 ? '' : `, ${String(still)} still down: ack, or silence them`;
      return `${code}: ${String(ids.length - still)} of ${many(ids)} resolved${rest}`;
    }
    case 'page':
      return `${code}: ${responderCalled(draft, reply.name)?.name ?? ''} is being paged for ${many(ids)}`;
    case 'explain':
      return '';
  }
}

function explainAll(draft: Draft, code: string, ids: readonly string[]): string {
  const incidents = ids.flatMap((id) => draft.incident(id) ?? []);
  const down = incidents.filter((incident) => incident.down > 0).length;
  const open = incidents.filter(({ state }) => state === 'open').length;
  const codes = incidents.slice(0, NAMED).map((incident) => incident.code);
  const more = ids.length > NAMED ? ` +${String(ids.length - NAMED)}` : '';
  return `${code}: ${many(ids)}, ${String(down)} down, ${String(open)} nobody has: ${codes.join(' ')}${more}. WHY ${codes[0] ?? ''} = more`;
}

/** As somebody was told of them: several by one code where one message was about all. */
export function codesToldTo(
  draft: Draft,
  responder: string,
  incidents: readonly Incident[],
): readonly string[] {
  const codes = new Set<string>();
  for (const { id, code } of incidents) {
    let told = code;
    for (const message of draft.notificationsOf(id)) {
      const isTheirs = message.responder === responder && message.kind === 'page';
      if (isTheirs && isBundle(message)) told = message.facts.code;
    }
    codes.add(told);
  }
  return [...codes];
}

function many(ids: readonly string[]): string {
  return `${String(ids.length)} ${ids.length === 1 ? 'incident' : 'incidents'}`;
}
