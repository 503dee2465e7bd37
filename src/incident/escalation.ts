/**
 * Who hears next if nobody acknowledges: steps, repeats, the last resort. Everything that is due is a
 * stored deadline of the incident; taking a step sets the next one.
 */
import type { Escalation, Responder } from '../config/config.ts';
import { askedAboutIn } from './bundle-called.ts';
import { pageIn } from './bundle-parts.ts';
import type { Draft } from './draft.ts';
import type { Incident } from './incident.ts';
import { isBundle } from './lane.ts';
import { allMeantBy, mayBePagedAt, meantBy, reliefBefore, untilInWords } from './on-duty.ts';
import { isQuiet } from './quiet.ts';
import { isLostWith, POSTS_AT_RISK, roomsFor } from './shared-fate.ts';
import { mayHaveArrived, page, post, stepKey, withholdOldNews, withholdUntil } from './telling.ts';
import { troubleFacts, type Remark } from './trouble-facts.ts';
import type { Notification, TroubleFacts } from './notification.ts';

type Event = TroubleFacts['event'];

export function escalationOf(draft: Draft, incident: Incident): Escalation | undefined {
  return draft.config.escalations.get(incident.escalation ?? '');
}

/** Paging begins, or begins again, from the first step: what is paged now is a new page. */
export function pageFromTheStart(
  draft: Draft,
  id: string,
  event: Event,
  remark: Remark = {},
): void {
  const incident = draft.incident(id);
  const escalation = incident && escalationOf(draft, incident);
  if (!incident || !escalation) {
    if (incident) draft.amend(id, { stepDueAt: null });
    return;
  }
  // What follows from being silenced is decided once all else is.
  if (isQuiet(draft, id)) {
    draft.amend(id, { stepDueAt: null });
    return;
  }
  withholdOldNews(draft, id);
  draft.amend(id, { spell: incident.spell + 1, round: 0, step: -1, awayMs: null });
  const wait = escalation.steps[0]?.afterMs ?? 0;
  if (wait === 0) takeStep(draft, id, 0, event, remark);
  else draft.amend(id, { stepDueAt: draft.now + wait });
}

/** The deadline of the next step has passed, or somebody wants it now: that step, a repeat of all, or the last resort. */
export function escalate(draft: Draft, id: string, by: string | null = null): void {
  const incident = draft.incident(id);
  const escalation = incident && escalationOf(draft, incident);
  if (!incident) return;
  if (!escalation) {
    draft.amend(id, { stepDueAt: null });
    return;
  }
  const next = incident.step + 1;
  const text = incident.awayMs === null ? null : `Tocsin was away ${roughly(incident.awayMs)}`;
  const event = text === null ? 'escalated' : 'still_down';
  if (next < escalation.steps.length) {
    const isFirst = next === 0 && incident.round === 0 && text === null;
    takeStep(draft, id, next, isFirst ? 'opened' : event, { text, by });
    draft.decided('escalated', { incident: id });
    return;
  }
  const { times } = escalation.repeat;
  draft.amend(id, { round: incident.round + 1 });
  if (times === null || incident.round < times) {
    takeStep(draft, id, 0, 'still_down', { text, by });
    draft.decided('repeated', { incident: id });
  } else {
    lastResort(draft, id, escalation);
  }
}

/**
 * Pages everyone of a step by every channel of it at once, and sets when the next is due. Where
 * nobody of the step is at work yet, the step itself waits for the first who will be.
 */
function takeStep(draft: Draft, id: string, step: number, event: Event, remark: Remark): void {
  const incident = draft.amend(id, { step, awayMs: null });
  const escalation = escalationOf(draft, incident);
  const current = escalation?.steps[step];
  if (!escalation || !current) return;
  const people = meantBy(draft, current.page);
  const { awake, first } = whoIsAwake(draft, incident, escalation, people, current.by);
  if (awake.length === 0 && first !== null) {
    const relief = reliefBefore(draft, escalation, current.page, first.at);
    const until = relief && untilInWords(draft, escalation, relief.responder, relief.at);
    waitFor(draft, id, step, until ? { at: relief.at, until } : first, event, remark);
    return;
  }
  draft.amend(id, { stepDueAt: nextStepDueAt(escalation, step, draft.now) });
  const facts = pageFacts(draft, incident, event, remark);
  for (const responder of awake) {
    for (const channel of new Set(current.by)) page(draft, incident, { responder, channel }, facts);
  }
  draft.decided('paged', { incident: id });
  draft.record(id, 'paged', { step: step + 1, text: describeStep(draft, awake, current.by) });
  post(draft, id, event, remark);
}

/** Whoever is paged knows where else it can be read, and so must know where perhaps it cannot. */
function pageFacts(draft: Draft, incident: Incident, event: Event, remark: Remark): TroubleFacts {
  const facts = troubleFacts(draft, incident, event, remark);
  const { outcome } = roomsFor(draft, incident, escalationOf(draft, incident));
  return outcome === 'posts at risk' ? { ...facts, caveat: POSTS_AT_RISK } : facts;
}

/** The beginning of somebody's hours. */
interface Opening {
  readonly at: number;
  readonly until: `until ${string}`;
}

/** Those who may be paged now. Of the others it is on record until when their pages are withheld. */
function whoIsAwake(
  draft: Draft,
  incident: Incident,
  escalation: Escalation,
  people: readonly string[],
  by: readonly string[],
): { readonly awake: readonly string[]; readonly first: Opening | null } {
  const awake: string[] = [];
  let first: Opening | null = null;
  for (const responder of people) {
    const at = mayBePagedAt(draft, escalation, incident.severity, responder);
    if (at === draft.now) {
      awake.push(responder);
      continue;
    }
    const until = untilInWords(draft, escalation, responder, at);
    if (first === null || at < first.at) first = { at, until };
    for (const channel of by) withholdUntil(draft, incident, { responder, channel }, until);
  }
  return { awake, first };
}

/** Before the step, so that it is taken when this deadline has passed; the posts go out at once. */
function waitFor(
  draft: Draft,
  id: string,
  step: number,
  { at, until }: Opening,
  event: Event,
  remark: Remark,
): void {
  draft.amend(id, { step: step - 1, stepDueAt: at });
  draft.decided('waiting for hours', { incident: id });
  draft.record(id, 'waiting', { step: step + 1, text: until });
  const text = `nobody is paged ${until}`;
  post(draft, id, event, { ...remark, text: remark.text ? `${remark.text}; ${text}` : text });
}

function nextStepDueAt(escalation: Escalation, step: number, now: number): number {
  const next = escalation.steps[step + 1];
  return now + (next ? next.afterMs : escalation.repeat.everyMs);
}

/** Every responder of the escalation, by every address, again every `repeat.every`. */
function lastResort(draft: Draft, id: string, escalation: Escalation): void {
  const incident = draft.amend(id, {
    step: escalation.steps.length - 1,
    stepDueAt: draft.now + escalation.repeat.everyMs,
    awayMs: null,
  });
  const facts = pageFacts(draft, incident, 'still_down', { text: 'last resort' });
  const everyone = allMeantBy(
    draft,
    escalation.steps.flatMap((step) => step.page),
  );
  const { awake, first } = whoIsAwake(draft, incident, escalation, everyone, []);
  if (awake.length === 0 && first !== null) {
    waitFor(draft, id, escalation.steps.length, first, 'still_down', {});
    return;
  }
  for (const name of awake) {
    const responder = draft.config.responders.get(name);
    for (const channel of responder ? channelsTo(draft, responder) : []) {
      page(draft, incident, { responder: name, channel }, facts);
    }
  }
  draft.decided('last resort', { incident: id });
  draft.record(id, 'last_resort');
  post(draft, id, 'still_down', { text: 'last resort: everyone is paged by every address' });
}

/** Every channel that reaches a responder, in the order in which the addresses are written. */
export function channelsTo(draft: Draft, responder: Responder): readonly string[] {
  const channels = [...draft.config.channels.values()];
  return [...responder.addresses.keys()].flatMap((kind) =>
    channels.filter(({ address }) => address === kind).map(({ id }) => id),
  );
}

/** Few enough to be decided in some milliseconds. */
const SLICE = 200;

/**
 * Another way to somebody whose page did not get through, or else the next step, at once. Of a
 * message about very many incidents it is the first of them, and the rest is due in the lane.
 */
export function failOver(draft: Draft, failed: Notification): void {
  if (!isBundle(failed)) {
    if (failed.kind === 'page') failOverOne(draft, failed);
    return;
  }
  const ids = askedAboutIn(failed);
  const from = failed.failedOver ?? 0;
  const rest = from + SLICE < ids.length ? from + SLICE : null;
  draft.putNotification({ ...failed, failedOver: rest });
  for (const id of ids.slice(from, from + SLICE)) {
    const page = pageIn(draft, failed, id);
    if (page) failOverOne(draft, page);
  }
}

function failOverOne(draft: Draft, failed: Notification): void {
  const incident = draft.incident(failed.about[0] ?? '');
  const { responder, facts } = failed;
  if (incident?.state !== 'open' || responder === null || !('severity' in facts)) return;
  if (incident.silencedAt !== null) return;
  let isTried = false;
  for (const channel of otherChannels(draft, failed)) {
    const standIn = page(draft, incident, { responder, channel }, facts, {
      standsInFor: failed.key,
    });
    if (!standIn) continue;
    isTried = true;
    draft.decided('failed over', { incident: incident.id, key: standIn.key });
    draft.record(incident.id, 'failover', { text: `${failed.channel} → ${channel}` });
    // One that is lost with what is down may take the page and never bring it: one more beside it.
    if (!isLostWith(draft, incident.id, responder, channel)) return;
  }
  if (
    isTried ||
    isReached(draft, incident, responder) ||
    !failed.key.startsWith(`${stepKey(incident)}.`)
  ) {
    return;
  }
  draft.decided('nowhere to fail over to', { incident: incident.id, key: failed.key });
  const hasNextStep = incident.step + 1 < (escalationOf(draft, incident)?.steps.length ?? 0);
  if (hasNextStep) draft.amend(incident.id, { stepDueAt: draft.now });
}

/** Has a page of this step got through to somebody, or may it still? */
function isReached(draft: Draft, incident: Incident, responder: string): boolean {
  const prefix = `${stepKey(incident)}.`;
  for (const notification of draft.notificationsOf(incident.id)) {
    if (notification.responder !== responder || !notification.key.startsWith(prefix)) continue;
    const teller = tellerOf(draft, notification);
    if (mayHaveArrived(teller) && !isUnproven(draft, teller)) return true;
    if (teller.state === 'queued' && teller.attempts === 0) return true;
  }
  return false;
}

/** Accepted, which proves nothing there, and there is no receipt in time. A bundle is waited for no more then. */
function isUnproven(draft: Draft, { state, channel, proofDueAt }: Notification): boolean {
  if (proofDueAt !== null) return proofDueAt <= draft.now;
  return state === 'accepted' && draft.config.channels.get(channel)?.proof === 'receipt';
}

/** The message that tells it: itself, or the bundle that it went into. */
function tellerOf(draft: Draft, notification: Notification): Notification {
  const { bundledInto } = notification;
  const bundle = bundledInto ? draft.notification(bundledInto) : undefined;
  return bundle ? tellerOf(draft, bundle) : notification;
}

/** The ways to the same responder beside the one that failed. */
export function otherChannels(draft: Draft, failed: Notification): readonly string[] {
  const responder = draft.config.responders.get(failed.responder ?? '');
  const all = responder ? channelsTo(draft, responder) : [];
  return all.filter((channel) => channel !== failed.channel);
}

function describeStep(draft: Draft, people: readonly string[], by: readonly string[]): string {
  const names = people.map((id) => draft.config.responders.get(id)?.name ?? id);
  return `${names.join(', ')} by ${by.join(', ')}`;
}

/** `6h`, `12m`, `40s`: for a phone. */
export function roughly(ms: number): string {
  if (ms >= 2 * 24 * 3_600_000) return `${String(Math.round(ms / (24 * 3_600_000)))}d`;
  if (ms >= 2 * 3_600_000) return `${String(Math.round(ms / 3_600_000))}h`;
  if (ms >= 60_000) return `${String(Math.round(ms / 60_000))}m`;
  return `${String(Math.round(ms / 1_000))}s`;
}
