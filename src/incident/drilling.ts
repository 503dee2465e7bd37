/**
 * How a drill goes: everybody whom the escalation would page is asked, once, by every channel that it
 * would use, and answers for themselves. It follows no steps and knows no failover, for each way is to
 * be tried; and it keeps out of the way of real pages: who is being paged is left out of it.
 */
import type { Escalation } from '../config/config.ts';
import type { Draft } from './draft.ts';
import { isAwaited, isUnderWay, type Drill, type Drilled, type DrillEnding } from './drill.ts';
import { blankDrill, cancelDrill, planNext } from './drill-plan.ts';
import { drillFacts, drillKey, tellAt, tellTeam } from './drill-report.ts';
import type { Incident } from './incident.ts';
import type { Input } from './input.ts';
import type { WithheldReason } from './notification.ts';
import { mayBePagedAt, meantBy } from './on-duty.ts';
import { nameOf, queue, responderCalled } from './telling.ts';

/** Later than that, a planned drill is not held: as much as a restart may take, and no more. */
const LATE_MS = 5 * 60_000;

type Wish = Extract<Input, { type: 'drill' }>;

export function drillNow(draft: Draft, { escalation, by, withinMs }: Wish): void {
  if (!draft.config.escalations.has(escalation)) {
    draft.decided('unknown escalation');
    return;
  }
  const running = underWay(draft, escalation);
  if (running) {
    draft.decided('drill under way', { drill: running.id });
    return;
  }
  const who = responderCalled(draft, by)?.id ?? by;
  const what = { escalation, by: who, plan: null, withinMs, startsAt: draft.now };
  begin(draft, blankDrill(draft, what));
}

/** What of a drill is due: its beginning, somebody to be asked, its end, word to the team. */
export function takeDrillDue(draft: Draft, id: string): void {
  const drill = draft.drills.get(id);
  if (!drill) return;
  const isDue = (deadline: number | null): boolean => deadline !== null && deadline <= draft.now;
  if (drill.endedAt !== null) {
    if (isDue(drill.tellAt)) tellTeam(draft, drill);
  } else if (drill.begunAt === null) {
    if (isDue(drill.startsAt)) holdPlanned(draft, drill);
  } else if (isDue(drill.answerBy)) {
    endDrill(draft, drill, 'unanswered');
  } else {
    ask(draft, drill);
  }
}

function holdPlanned(draft: Draft, drill: Drill): void {
  const { escalation, startsAt, plan } = drill;
  const isLate = draft.now - startsAt > LATE_MS;
  const isHeld = underWay(draft, escalation) !== undefined;
  const isThere = draft.config.escalations.has(escalation);
  if (isLate || isHeld || !isThere) cancelDrill(draft, drill, 'missed');
  else begin(draft, drill);
  const planned = draft.config.drills.find(({ key }) => key === plan);
  if (planned) planNext(draft, planned);
}

function begin(draft: Draft, drill: Drill): void {
  const escalation = draft.config.escalations.get(drill.escalation);
  if (!escalation) return;
  const people = peopleOf(draft, escalation);
  const begun = draft.drills.put({ ...drill, startsAt: draft.now, begunAt: draft.now, people });
  draft.decided('drill begun', { drill: drill.id });
  if (!people.some(isAwaited)) {
    // Nobody was told that it begins: nobody is told that it ends.
    draft.drills.put({ ...begun, endedAt: draft.now, ending: 'spared', tellAt: null });
    return;
  }
  const asked = people.filter(isAwaited).map(({ responder }) => nameOf(draft, responder));
  const facts = drillFacts(draft, begun, 'drill_begun', asked);
  for (const channel of new Set(escalation.post)) {
    const key = `${drill.id}.begun.${channel}`;
    queue(draft, { key, kind: 'drill', about: [drill.id], responder: null, channel, facts });
  }
  ask(draft, begun);
}

function peopleOf(draft: Draft, escalation: Escalation): readonly Drilled[] {
  const ways = new Map<string, Set<string>>();
  for (const { page, by } of escalation.steps) {
    for (const responder of meantBy(draft, page)) {
      ways.set(responder, new Set([...(ways.get(responder) ?? []), ...by]));
    }
  }
  return [...ways].map(([responder, channels]) => ({
    responder,
    channels: [...channels],
    // As little as anything that the escalation pages for: what waits for hours waits for them here.
    askAt: mayBePagedAt(draft, escalation, escalation.waits[0] ?? 'minor', responder),
    askedAt: null,
    answeredAt: null,
    answeredBy: null,
    sparedAt: isPaged(draft, responder, draft.incidents()) ? draft.now : null,
  }));
}

/** Everybody whose time it is; when nobody is left to be asked, the time to answer runs. */
function ask(draft: Draft, { id, ...drill }: Drill): void {
  const isTime = (one: Drilled): boolean =>
    isAwaited(one) && one.askedAt === null && one.askAt <= draft.now;
  const people = drill.people.map((one) => (isTime(one) ? { ...one, askedAt: draft.now } : one));
  const isWaiting = people.some((one) => isAwaited(one) && one.askedAt === null);
  const answerBy = isWaiting ? null : (drill.answerBy ?? draft.now + drill.withinMs);
  const asking = draft.drills.put({ ...drill, id, people, answerBy });
  const until = { ...drillFacts(draft, asking, 'drill', []), answerBy: draft.now + drill.withinMs };
  for (const { responder, channels } of drill.people.filter(isTime)) {
    for (const channel of channels) {
      const key = drillKey(id, responder, channel);
      queue(draft, { key, kind: 'drill', about: [id], responder, channel, facts: until });
    }
    draft.decided('drill asked', { drill: id });
  }
  endIfSettled(draft, asking);
}

/** Somebody wants it to be over. */
export function callOff(draft: Draft, id: string, by: string): void {
  const drill = draft.drills.get(id);
  if (!drill || !isUnderWay(drill)) {
    draft.decided('drill not under way');
    return;
  }
  const calledOffBy = responderCalled(draft, by)?.id ?? by;
  endDrill(draft, { ...drill, calledOffBy }, 'called off');
}

/** Nobody is left to wait for. */
export function endIfSettled(draft: Draft, drill: Drill): void {
  if (!isUnderWay(drill) || drill.people.some(isAwaited)) return;
  const isAnswered = drill.people.some(({ answeredAt }) => answeredAt !== null);
  endDrill(draft, drill, isAnswered ? 'answered' : 'spared');
}

function endDrill(draft: Draft, drill: Drill, ending: DrillEnding): void {
  withhold(draft, drill.id, () => true, 'over');
  const over = { ...drill, endedAt: draft.now, ending };
  const ended = draft.drills.put({ ...over, tellAt: tellAt(draft, over) });
  draft.decided('drill over', { drill: drill.id });
  if (ended.tellAt === draft.now) tellTeam(draft, ended);
}

/**
 * After all else was decided: whoever is paged now has better to do than to answer a drill, and what
 * they say next is not to be taken for an answer to one.
 */
export function sparePaged(draft: Draft): void {
  const running = [...draft.drills.values()].filter(isUnderWay);
  if (running.length === 0) return;
  const changed = draft.changed.incidents.flatMap((id) => draft.incident(id) ?? []);
  for (const { people, ...drill } of running) {
    const paged = people.filter((one) => isAwaited(one) && isPaged(draft, one.responder, changed));
    if (paged.length === 0) continue;
    const sparedAt = draft.now;
    const left = people.map((one) => (paged.includes(one) ? { ...one, sparedAt } : one));
    const after = draft.drills.put({ ...drill, people: left });
    for (const { responder } of paged) {
      withhold(draft, drill.id, (told) => told === responder, 'paged');
      draft.decided('drill spared', { drill: drill.id });
    }
    ask(draft, after);
  }
}

/** Is a page to them open that nobody has acknowledged? */
function isPaged(draft: Draft, responder: string, among: Iterable<Incident>): boolean {
  for (const { id, state } of among) {
    if (state !== 'open') continue;
    for (const told of draft.notificationsOf(id)) {
      const isPage = told.kind === 'page' && told.responder === responder;
      if (isPage && (told.state !== 'withheld' || told.reason === 'bundled')) return true;
    }
  }
  return false;
}

function withhold(
  draft: Draft,
  drill: string,
  isMeant: (responder: string) => boolean,
  reason: WithheldReason,
): void {
  for (const notification of [...draft.notificationsOf(drill)]) {
    const { responder, dueAt, state: before, key } = notification;
    if (responder === null || dueAt === null || !isMeant(responder)) continue;
    const state = before === 'unconfirmed' ? 'unconfirmed' : 'withheld';
    draft.putNotification({ ...notification, state, reason, dueAt: null });
    draft.decided('withheld', { drill, key });
  }
}

function underWay(draft: Draft, escalation: string): Drill | undefined {
  for (const drill of draft.drills.values()) {
    if (isUnderWay(drill) && drill.escalation === escalation) return drill;
  }
  return undefined;
}
