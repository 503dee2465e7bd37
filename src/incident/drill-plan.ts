/**
 * The plan's drills: of each line of `drills:` the board holds the next one, so that its beginning is
 * a stored deadline. One whose time has passed is not made up for: at another time than the plan's,
 * people would be asked when nobody wanted it, and after an absence all at once.
 */
import { nextAt } from '../calendar/cron.ts';
import type { DrillPlan } from '../config/config.ts';
import type { Draft } from './draft.ts';
import type { Drill, DrillEnding } from './drill.ts';

/** The board's planned drills become those of this configuration; one that has not changed stays. */
export function planDrills(draft: Draft): void {
  const keys = new Set(draft.config.drills.map(({ key }) => key));
  const known = new Set<string>();
  for (const drill of [...draft.drills.values()]) {
    if (drill.begunAt !== null || drill.endedAt !== null || drill.plan === null) continue;
    // Two of a plan come of a store that was found late.
    if (keys.has(drill.plan) && !known.has(drill.plan)) known.add(drill.plan);
    else cancelDrill(draft, drill, 'no longer planned');
  }
  for (const plan of draft.config.drills) if (!known.has(plan.key)) planNext(draft, plan);
}

/** The first time after now, however many have passed. */
export function planNext(
  draft: Draft,
  { key, escalation, cron, timezone, withinMs }: DrillPlan,
): void {
  const startsAt = nextAt(cron, timezone, draft.now);
  if (startsAt === null) return;
  const blank = blankDrill(draft, { escalation, by: null, plan: key, withinMs, startsAt });
  draft.decided('drill planned', { drill: draft.drills.put(blank).id });
}

/** Before anybody was asked. */
export function cancelDrill(
  draft: Draft,
  drill: Drill,
  ending: DrillEnding & ('missed' | 'no longer planned'),
): void {
  draft.drills.put({ ...drill, endedAt: draft.now, ending });
  const outcome = ending === 'missed' ? 'drill missed' : 'drill no longer planned';
  draft.decided(outcome, { drill: drill.id });
}

export function blankDrill(
  draft: Draft,
  what: Pick<Drill, 'escalation' | 'by' | 'plan' | 'withinMs' | 'startsAt'>,
): Drill {
  return {
    ...what,
    id: draft.newId(),
    code: draft.newCode(),
    begunAt: null,
    answerBy: null,
    endedAt: null,
    ending: null,
    tellAt: null,
    people: [],
  };
}
