/**
 * What hangs below a check that is down is not told on its own: it is listed in the incident above.
 * It is looked at all the same, and it recovers by itself. What one would get wrong: a child that is
 * still down when nothing above it is has a trouble of its own, and pages on its own.
 */
import type { Check } from '../config/config.ts';
import { ancestorsOf } from './ancestry.ts';
import type { Draft } from './draft.ts';
import type { Incident, Member } from './incident.ts';

/** What follows from the parent being back must have had the time to be seen. */
const ORPHAN_GRACE_MS = 10_000;

/** Where a check that went down is listed, and below what. */
export interface Above {
  readonly incident: Incident;
  readonly ancestor: string;
}

/**
 * An incident that pages or is in hand, with a check in it that this one hangs below and that is
 * down. One that pages nobody, or nobody just now, must not hide what does.
 */
export function incidentAbove(draft: Draft, { id, escalation }: Check): Above | undefined {
  if (escalation === null) return undefined;
  for (const ancestor of ancestorsOf(draft.config, id)) {
    const incident = draft.incidentOf(ancestor);
    const isDown = draft.member(incident?.id ?? '', ancestor)?.state === 'down';
    if (!incident || !isDown || incident.escalation !== escalation) continue;
    if (incident.silencedAt === null && !draft.silenceOf(ancestor)) return { incident, ancestor };
  }
  return undefined;
}

/** Those that nothing keeps from paging any more wait for one fresh look: most are back as well. */
export function lookForOrphans(draft: Draft, { id, orphansDueAt }: Incident): void {
  const orphans = orphansOf(draft, id);
  const { stepDueAt, down } = draft.incident(id) ?? { stepDueAt: null, down: 0 };
  if (orphans.length === 0) {
    if (orphansDueAt !== null) draft.amend(id, { orphansDueAt: null });
    return;
  }
  if (orphansDueAt !== null) return;
  const patienceMs = Math.max(0, ...orphans.map(({ check }) => recoveryMs(draft, check)));
  const dueAt = draft.now + patienceMs + ORPHAN_GRACE_MS;
  // With nothing but orphans left there is nothing to escalate until it is known what they are.
  const waits = stepDueAt !== null && orphans.length === down;
  draft.amend(id, {
    orphansDueAt: dueAt,
    ...(waits ? { stepDueAt: Math.max(stepDueAt, dueAt) } : {}),
  });
}

/** Down in this incident for the sake of something above that is not down any more. */
export function orphansOf(draft: Draft, id: string): readonly Member[] {
  const isDownHere = (check: string): boolean => {
    const member = draft.member(id, check);
    return member?.state === 'down' && member.leftAt === null;
  };
  return [...draft.members(id)].filter(
    ({ check, below, state, leftAt }) =>
      below !== null &&
      state === 'down' &&
      leftAt === null &&
      !isDownHere(below) &&
      !ancestorsOf(draft.config, check).some(isDownHere),
  );
}

/** How long a check that is well again may take to be seen so, if it is looked at now. */
export function recoveryMs(draft: Draft, id: string): number {
  const check = draft.check(id);
  if (!check) return 0;
  const { recheckMs, recover } = check.confirm;
  return recheckMs * (recover - 1) + check.timeoutMs * recover;
}
