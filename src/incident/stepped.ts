/**
 * The clock was set: what was due in five minutes is due in five minutes. Only what is still to come
 * moves; what happened stays as it was told, and so does the plan, which goes by the wall clock.
 */
import type { Draft } from './draft.ts';
import { isUnderWay } from './drill.ts';
import type { Incident } from './incident.ts';
import { isHeld } from './lane.ts';
import type { Notification } from './notification.ts';

export function stepped(draft: Draft, byMs: number): void {
  const moved = (at: number | null): number | null => (at === null ? null : at + byMs);
  for (const incident of [...draft.incidents()]) {
    if (incident.state !== 'resolved') draft.amend(incident.id, deadlines(incident, moved));
  }
  for (const { key } of draft.board.notifications.values()) {
    const notification = draft.notification(key);
    if (notification && isOpen(notification)) {
      draft.putNotification(inTime(notification, byMs, moved));
    }
  }
  for (const silence of [...draft.silences()]) {
    const { startsAt, endsAt, tellAt, window } = silence;
    if (window !== null) continue;
    const times = { startsAt: startsAt + byMs, endsAt: moved(endsAt), tellAt: moved(tellAt) };
    draft.putSilence({ ...silence, ...times });
  }
  // The plan goes by the wall clock, and so do the hours of work; only the time to answer counts.
  for (const drill of [...draft.drills.values()].filter(isUnderWay)) {
    draft.drills.put({ ...drill, answerBy: moved(drill.answerBy) });
  }
  draft.decided('deadlines moved');
}

type Move = (at: number | null) => number | null;

function deadlines(incident: Incident, moved: Move): Partial<Incident> {
  return {
    stepDueAt: moved(incident.stepDueAt),
    ackExpiresAt: moved(incident.ackExpiresAt),
    followUpAt: moved(incident.followUpAt),
    groupEndsAt: moved(incident.groupEndsAt),
    proofDueAt: moved(incident.proofDueAt),
    steadyAt: moved(incident.steadyAt),
    orphansDueAt: moved(incident.orphansDueAt),
  };
}

/** Is anything of it still to come: another attempt, or its receipt? */
function isOpen({ dueAt, proofDueAt }: Notification): boolean {
  return dueAt !== null || proofDueAt !== null;
}

function inTime(notification: Notification, byMs: number, moved: Move): Notification {
  const { at, dueAt, acceptedAt, proofDueAt } = notification;
  const times = {
    acceptedAt: moved(acceptedAt),
    proofDueAt: moved(proofDueAt),
    ...(isHeld(notification) ? { heldUntil: moved(dueAt) } : {}),
  };
  return { ...notification, ...times, at: at + byMs, dueAt: moved(dueAt) };
}
