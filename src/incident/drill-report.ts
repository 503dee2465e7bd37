/**
 * How a drill went, told to the team when it is at work: who did not answer, and whether the messages
 * to them got through at all, for a phone that is off and a person who sleeps are two things to mend.
 */
import { hoursOf, opensAt } from '../calendar/hours.ts';
import type { Draft } from './draft.ts';
import { isAwaited, type Drill, type Drilled } from './drill.ts';
import { channelsTo, roughly } from './escalation.ts';
import type { DrillFacts } from './notification.ts';
import { nameOf, queue } from './telling.ts';

/** Where the escalation has no hours of its own. */
const WORKING_HOURS = hoursOf('mon-fri', '09:00', '18:00');

/** The key of the message that asks somebody. */
export function drillKey(drill: string, responder: string, channel: string): string {
  return `${drill}.drill.${responder}.${channel}`;
}

/** Now, or when the next working day begins. */
export function tellAt(draft: Draft, { escalation, plan, people }: Drill): number {
  const { escalations, drills, responders } = draft.config;
  const hours = escalations.get(escalation)?.hours ?? null;
  const planned = drills.find(({ key }) => key === plan);
  const first = responders.get(people[0]?.responder ?? '');
  const zone = hours?.timezone ?? planned?.timezone ?? first?.timezone ?? 'UTC';
  return opensAt(hours ?? WORKING_HOURS, zone, draft.now);
}

export function tellTeam(draft: Draft, drill: Drill): void {
  draft.drills.put({ ...drill, tellAt: null });
  const facts = drillFacts(draft, drill, 'drill_over', resultLines(draft, drill));
  const places = placesToTell(draft, drill);
  for (const { responder, channel } of places) {
    const key = `${drill.id}.over.${responder ?? ''}.${channel}`;
    queue(draft, { key, kind: 'drill', about: [drill.id], responder, channel, facts });
  }
  draft.decided(places.length === 0 ? 'nobody to tell' : 'drill told', { drill: drill.id });
}

interface Place {
  readonly responder: string | null;
  readonly channel: string;
}

/** Where it was announced, and rooms in which people were asked; else those people, by the quietest way. */
function placesToTell(draft: Draft, { escalation, people }: Drill): readonly Place[] {
  const { channels, escalations } = draft.config;
  const isRoom = (id: string): boolean => channels.get(id)?.address === null;
  const posts = escalations.get(escalation)?.post ?? [];
  const rooms = people.flatMap((one) => one.channels).filter(isRoom);
  const open = [...new Set([...posts, ...rooms])];
  if (open.length > 0) return open.map((channel) => ({ responder: null, channel }));
  return people.flatMap(({ responder }) => {
    const channel = quietWayTo(draft, responder);
    return channel === undefined ? [] : [{ responder, channel }];
  });
}

/** By which nobody is woken, if there is such a one beside `but`. */
export function quietWayTo(draft: Draft, responder: string, but?: string): string | undefined {
  const { channels, responders } = draft.config;
  const known = responders.get(responder);
  const ways = known ? channelsTo(draft, known) : [];
  const quiet = ways.filter((id) => id !== but && channels.get(id)?.pagesOnly !== true);
  return quiet.find((id) => channels.get(id)?.address === 'email') ?? quiet[0];
}

/** Those who did not answer first: a phone shows little of it. */
function resultLines(draft: Draft, drill: Drill): readonly string[] {
  const { people } = drill;
  const answered = people.filter(({ answeredAt }) => answeredAt !== null);
  const spared = people.filter((one) => one.sparedAt !== null && one.answeredAt === null);
  return [
    ...people.filter(isAwaited).map((one) => {
      const fates = one.channels.map((channel) => fateOf(draft, drill.id, one, channel));
      return `No answer: ${nameOf(draft, one.responder)} (${fates.join(', ')})`;
    }),
    ...answered.map(({ responder, answeredAt, askedAt, answeredBy }) => {
      const took = roughly((answeredAt ?? 0) - (askedAt ?? answeredAt ?? 0));
      const by = answeredBy === null ? '' : ` by ${answeredBy}`;
      return `Answered: ${nameOf(draft, responder)}${by}, after ${took}`;
    }),
    ...spared.map(({ responder }) => `Left out, being paged for real: ${nameOf(draft, responder)}`),
  ];
}

/** `sms delivered`, `email failed: auth`, `voice not sent`. */
function fateOf(draft: Draft, drill: string, { responder }: Drilled, channel: string): string {
  const told = draft.notification(drillKey(drill, responder, channel));
  if (told?.state !== 'failed') return `${channel} ${told?.acceptedAt ? told.state : 'not sent'}`;
  return `${channel} failed: ${told.reason ?? ''}`;
}

export function drillFacts(
  draft: Draft,
  { code, escalation, by, people, calledOffBy }: Drill,
  event: DrillFacts['event'],
  lines: readonly string[],
): DrillFacts {
  return {
    event,
    code,
    escalation,
    by: by === null ? null : nameOf(draft, by),
    at: draft.now,
    answerBy: null,
    asked: people.filter(({ sparedAt, answeredAt }) => sparedAt === null || answeredAt !== null)
      .length,
    answered: people.filter(({ answeredAt }) => answeredAt !== null).length,
    lines,
    ...(calledOffBy !== undefined && { calledOffBy: nameOf(draft, calledOffBy) }),
  };
}
