/**
 * Who is told what: every notification that a decision makes is made here. A notification's key says
 * what it is about, so that deciding the same thing twice makes one message, not two.
 */
import type { Responder } from '../config/config.ts';
import type { Draft } from './draft.ts';
import type { Incident } from './incident.ts';
import { isBundle } from './lane.ts';
import { roomsFor } from './shared-fate.ts';
import {
  answerKey,
  type Notification,
  type NotificationKind,
  type TroubleFacts,
  type WithheldReason,
} from './notification.ts';
import { type Remark, troubleFacts } from './trouble-facts.ts';

type Event = TroubleFacts['event'];

/** Queues a page, of the step that the incident is at unless somebody asked for it. */
interface PageOf {
  readonly standsInFor?: string | null;
  /** Not of a step: a person asked for it. */
  readonly asked?: string;
}

export function page(
  draft: Draft,
  incident: Incident,
  to: { readonly responder: string; readonly channel: string },
  facts: TroubleFacts,
  { standsInFor = null, asked }: PageOf = {},
): Notification | undefined {
  const of = asked === undefined ? stepKey(incident) : `${incident.id}.page.${asked}`;
  const key = `${of}.${to.responder}.${to.channel}`;
  if (!draft.notification(key)) supersede(draft, incident.id, to);
  return queue(draft, { key, kind: 'page', about: [incident.id], ...to, facts, standsInFor });
}

/** Somebody who is not paged now: on record, with the reason; a page of theirs is made in its time. */
export function withholdUntil(
  draft: Draft,
  incident: Incident,
  to: Told,
  reason: `until ${string}`,
): void {
  const key = `${stepKey(incident)}.${String(draft.now)}.${to.responder}.${to.channel}`;
  const facts = troubleFacts(draft, incident, 'opened');
  const waiting = queue(draft, { key, kind: 'page', about: [incident.id], ...to, facts });
  if (!waiting) return;
  draft.putNotification({ ...waiting, state: 'withheld', reason, dueAt: null });
  draft.decided('withheld', { incident: incident.id, key });
}

/** An older page to the same phone that has not left yet says nothing that this one does not. */
function supersede(draft: Draft, incident: string, to: Told): void {
  for (const older of [...draft.notificationsOf(incident)]) {
    const isSame = older.responder === to.responder && older.channel === to.channel;
    if (older.kind !== 'page' || older.dueAt === null || !isSame || isBundle(older)) continue;
    const state = older.state === 'unconfirmed' ? 'unconfirmed' : 'withheld';
    draft.putNotification({ ...older, state, reason: 'superseded', dueAt: null });
    draft.decided('withheld', { incident, key: older.key });
  }
}

/** The beginning of the keys of all pages of the step that the incident is at. */
export function stepKey(incident: Incident): string {
  const { id, spell, round, step } = incident;
  return `${id}.page.${String(spell)}.${String(round)}.${String(step)}`;
}

/** Tells the out-of-band channels, whoever else has been told or not. */
export function post(draft: Draft, id: string, event: Event, remark: Remark = {}): void {
  const incident = draft.incident(id);
  if (!incident) return;
  const escalation = draft.config.escalations.get(incident.escalation ?? '');
  const told = event === 'resolved' ? whereWasPosted(draft, id) : [];
  const { rooms, outcome } = roomsFor(draft, incident, escalation);
  const facts = troubleFacts(draft, incident, event, remark);
  const caveats = new Map(rooms.map(({ channel, caveat }) => [channel, caveat && { caveat }]));
  for (const channel of new Set([...caveats.keys(), ...told])) {
    const key = `${id}.post.${String(incident.entries)}.${channel}`;
    const said = { ...facts, ...caveats.get(channel) };
    queue(draft, { key, kind: 'post', about: [id], responder: null, channel, facts: said });
  }
  if (outcome) draft.decided(outcome, { incident: id });
}

/** Whatever is configured by now: who was told that it began is told that it ended. */
function whereWasPosted(draft: Draft, incident: string): readonly string[] {
  const channels: string[] = [];
  for (const notification of draft.notificationsOf(incident)) {
    const isPost = notification.kind === 'post' && mayHaveArrived(notification);
    if (isPost) channels.push(notification.channel);
  }
  return channels;
}

/** Somebody who was paged about an incident, and how. */
export interface Told {
  readonly responder: string;
  readonly channel: string;
}

/** Who has been paged, or may have been: each responder and channel once. */
export function whoWasPaged(draft: Draft, incident: string): readonly Told[] {
  const told = new Map<string, Told>();
  for (const notification of draft.notificationsOf(incident)) {
    const { kind, responder, channel } = notification;
    // One that was taken and is said to be lost may have been read all the same.
    const isTold = mayHaveArrived(notification) || notification.acceptedAt !== null;
    if (kind !== 'page' || responder === null || !isTold) continue;
    told.set(`${responder}.${channel}`, { responder, channel });
  }
  return [...told.values()];
}

export function mayHaveArrived({ state }: Notification): boolean {
  return state === 'accepted' || state === 'delivered' || state === 'unconfirmed';
}

/** Tells those who were paged, by the same channel, once for every turn of the incident: what is new of it. */
export function tell(
  draft: Draft,
  id: string,
  kind: Exclude<NotificationKind, 'page' | 'post' | 'drill'>,
  event: Event,
  to: readonly Told[],
  remark: Remark = {},
): readonly Notification[] {
  const incident = draft.incident(id);
  if (!incident) return [];
  const facts = troubleFacts(draft, incident, event, remark);
  return to
    .flatMap((told) => (kind === 'resolved' || !isRung(draft, told) ? quietly(draft, told) : []))
    .flatMap(({ responder, channel }) => {
      const key = `${id}.${kind}.${turnOf(incident, kind)}.${responder}.${channel}`;
      return queue(draft, { key, kind, about: [id], responder, channel, facts }) ?? [];
    });
}

/** Nobody is rung up to hear that it is over, or what came of a key: SMS, else mail. */
export function quietly(draft: Draft, told: Told): readonly Told[] {
  if (!isRung(draft, told)) return [told];
  const channels = [...draft.config.channels.values()];
  const addresses = draft.config.responders.get(told.responder)?.addresses;
  const ways = (['sms', 'email'] as const).flatMap((address) =>
    addresses?.has(address) === true
      ? channels.filter((channel) => channel.address === address && channel.pagesOnly !== true)
      : [],
  );
  return ways.slice(0, 1).map(({ id }) => ({ ...told, channel: id }));
}

function isRung(draft: Draft, { channel }: Told): boolean {
  return draft.config.channels.get(channel)?.pagesOnly === true;
}

/** An update is new each time; an ending or an ack is one, however late somebody hears of it. */
function turnOf(incident: Incident, kind: NotificationKind): string {
  if (kind === 'resolved') return String(incident.resolvedAt);
  if (kind === 'acknowledged') return String(incident.acknowledgedAt);
  return String(incident.entries);
}

/** Answers somebody's words, by the way they came; keys pressed on a telephone, in writing. */
export function answer(
  draft: Draft,
  heard: { readonly responder: string; readonly channel: string; readonly reference: string },
  about: readonly string[],
  text: string,
): void {
  const answer = { kind: 'update', about, facts: { event: 'answer', text } } as const;
  for (const { responder, channel } of quietly(draft, heard))
    queue(draft, { key: answerKey(heard), responder, channel, ...answer });
}

/** Tells somebody, or a channel that is nobody's in particular, of what is no incident. */
export function notice(
  draft: Draft,
  key: string,
  to: { readonly responder: string | null; readonly channel: string },
  text: string,
): void {
  const kind = to.responder === null ? 'post' : 'update';
  const facts = { event: 'notice', text } as const;
  queue(draft, {
    key: `${key}.${to.responder ?? ''}.${to.channel}`,
    kind,
    about: [],
    ...to,
    facts,
  });
}

/** Pages that have not left yet are not sent any more; one that is in flight will say so itself. */
export function withholdPages(draft: Draft, incident: string, reason: WithheldReason): void {
  for (const notification of [...draft.notificationsOf(incident)]) {
    const { kind, dueAt } = notification;
    // A bundle says what is true when it leaves.
    if (kind !== 'page' || dueAt === null || isBundle(notification)) continue;
    const state = notification.state === 'unconfirmed' ? 'unconfirmed' : 'withheld';
    draft.putNotification({ ...notification, state, reason, dueAt: null });
    draft.decided('withheld', { incident, key: notification.key });
  }
}

/** Down again, or nobody's again: that it has ended, or who has it, would mislead whoever reads it now. */
export function withholdOldNews(draft: Draft, incident: string): void {
  for (const notification of [...draft.notificationsOf(incident)]) {
    const { event } = notification.facts;
    const isOld = event === 'resolved' || event === 'acknowledged';
    if (notification.dueAt === null || !isOld || isBundle(notification)) continue;
    const state = notification.state === 'unconfirmed' ? 'unconfirmed' : 'withheld';
    draft.putNotification({ ...notification, state, reason: 'superseded', dueAt: null });
    draft.decided('withheld', { incident, key: notification.key });
  }
}

export function nameOf(draft: Draft, by: string): string {
  return responderCalled(draft, by)?.name ?? by;
}

/** By id or name, whatever the case. */
export function responderCalled(draft: Draft, by: string): Responder | undefined {
  const wanted = by.trim().toLowerCase();
  for (const responder of draft.config.responders.values()) {
    if (responder.id.toLowerCase() === wanted) return responder;
    if (responder.name.toLowerCase() === wanted) return responder;
  }
  return undefined;
}

type Draftable = Pick<
  Notification,
  'key' | 'kind' | 'about' | 'responder' | 'channel' | 'facts'
> & { readonly standsInFor?: string | null };

/** The same key twice is one message. */
export function queue(draft: Draft, what: Draftable): Notification | undefined {
  if (draft.notification(what.key)) return undefined;
  const notification: Notification = {
    ...what,
    standsInFor: what.standsInFor ?? null,
    state: 'queued',
    reason: null,
    at: draft.now,
    dueAt: draft.now,
    attempts: 0,
    acceptedAt: null,
    proofDueAt: null,
    reference: null,
  };
  draft.putNotification(notification);
  return notification;
}
