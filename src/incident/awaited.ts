/** What waits for somebody's answer by a channel: so long as there is anything, it is asked often. */
import type { ReadonlyBoard } from './board.ts';
import { isAwaited, isUnderWay } from './drill.ts';
import type { Notification } from './notification.ts';

/** Pages that nobody has acknowledged, and what asks somebody in a drill. */
export function awaited(board: ReadonlyBoard, channel: string): readonly Notification[] {
  const all = new Set<Notification>();
  // A message about several incidents is found by each.
  for (const find of [unansweredPages, unansweredDrills]) {
    for (const row of find(board)) if (row.channel === channel) all.add(row);
  }
  return [...all];
}

/** Pages, and what asked somebody in a drill, that this channel took and nobody is wanted for any more. */
export function answered(board: ReadonlyBoard, channel: string): readonly Notification[] {
  const wanted = new Set(awaited(board, channel));
  return [...board.notifications.values()].filter(
    (row) =>
      row.channel === channel &&
      (row.kind === 'page' || row.facts.event === 'drill') &&
      row.acceptedAt !== null &&
      !wanted.has(row),
  );
}

function* unansweredPages(board: ReadonlyBoard): Iterable<Notification> {
  for (const { id, state } of board.incidents.values()) {
    if (state !== 'open') continue;
    for (const notification of about(board, id)) {
      if (notification.kind === 'page') yield notification;
    }
  }
}

function* unansweredDrills(board: ReadonlyBoard): Iterable<Notification> {
  for (const drill of board.drills.values()) {
    if (!isUnderWay(drill)) continue;
    const people = new Set(drill.people.filter(isAwaited).map(({ responder }) => responder));
    for (const notification of about(board, drill.id)) {
      if (people.has(notification.responder ?? '')) yield notification;
    }
  }
}

function* about(board: ReadonlyBoard, id: string): Iterable<Notification> {
  for (const key of board.notificationsOf.get(id) ?? []) {
    const notification = board.notifications.get(key);
    if (notification) yield notification;
  }
}
