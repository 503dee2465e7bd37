/**
 * Somebody answers a drill. Each answers for themselves: nobody's answer stops the others from being
 * asked, and one that comes late is noted all the same, as long as the team has not been told.
 */
import { clockTime } from '../calendar/zone.ts';
import type { Draft } from './draft.ts';
import { isUnderWay, type Drill } from './drill.ts';
import { endIfSettled } from './drilling.ts';
import type { Heard, Input } from './input.ts';
import { noteAnswer } from './reaching.ts';
import type { Reply } from './reply.ts';
import { nameOf, responderCalled } from './telling.ts';

/** One that has begun, by code or id; of those that had the code, the newest. */
export function findDrill(draft: Draft, codeOrId: string): Drill | undefined {
  const code = codeOrId.trim().toUpperCase();
  return [...draft.drills.values()].findLast(
    (drill) => drill.begunAt !== null && (drill.id === codeOrId || drill.code === code),
  );
}

export function answerDrill(
  draft: Draft,
  { drill: codeOrId, by, channel }: Omit<Extract<Input, { type: 'answer' }>, 'type'>,
): void {
  const drill = findDrill(draft, codeOrId);
  if (!drill) {
    draft.decided('unknown drill');
    return;
  }
  const responder = responderCalled(draft, by)?.id ?? by;
  const known = drill.people.find((one) => one.responder === responder);
  if (!known) {
    draft.decided('unknown responder', { drill: drill.id });
    return;
  }
  if (channel !== null) noteAnswer(draft, responder, channel);
  if (known.answeredAt !== null) {
    draft.decided('drill answered already', { drill: drill.id });
    return;
  }
  const answer = { answeredAt: draft.now, answeredBy: channel };
  const people = drill.people.map((one) => (one === known ? { ...one, ...answer } : one));
  draft.decided('drill answered', { drill: drill.id });
  endIfSettled(draft, draft.drills.put({ ...drill, people }));
}

/** The drills in which this responder has been asked and has not answered. */
export function drillsAsking(draft: Draft, responder: string): readonly Drill[] {
  return [...draft.drills.values()].filter(
    (drill) =>
      isUnderWay(drill) &&
      drill.people.some(
        (one) =>
          one.responder === responder &&
          one.askedAt !== null &&
          one.answeredAt === null &&
          one.sparedAt === null,
      ),
  );
}

/** Whatever they say with its code, it is an answer; what it would do to an incident, it does not. */
export function answerAndSay(draft: Draft, heard: Heard, reply: Reply, drill: Drill): string {
  const { code, escalation, endedAt, people } = drill;
  const { responder, channel } = heard;
  if (!people.some((one) => one.responder === responder)) {
    return `${code} is a drill of ${escalation}, and you are not asked. Nothing is down`;
  }
  answerDrill(draft, { drill: drill.id, by: responder, channel });
  const name = nameOf(draft, responder);
  if (endedAt !== null) {
    const zone = draft.config.responders.get(responder)?.timezone ?? 'UTC';
    return `${code}: thank you, ${name}, but the drill was over at ${clockTime(endedAt, zone, true)}`;
  }
  const isOther = reply.does !== 'acknowledge' && reply.does !== 'acknowledge the only one';
  const rest = isOther
    ? 'It was a drill: nothing is down, and nobody else is paged'
    : 'Drill passed';
  return `${code}: thank you, ${name}. ${rest}`;
}
