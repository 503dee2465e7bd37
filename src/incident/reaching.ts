/** What proves that somebody can be reached by a channel: receipts and answers, of real pages as of drills. */
import type { Draft } from './draft.ts';
import type { Notification } from './notification.ts';
import { reachKey, type Reach } from './reach.ts';

/** Accepted is not reached where a receipt would say more. */
export function noteArrival(draft: Draft, before: Notification, after: Notification): void {
  const { responder, channel } = after;
  if (responder === null || !hasArrived(draft, after) || hasArrived(draft, before)) return;
  note(draft, { responder, channel }, { reachedAt: draft.now });
}

/** Whoever answers has been reached as well. */
export function noteAnswer(draft: Draft, responder: string, channel: string): void {
  note(draft, { responder, channel }, { reachedAt: draft.now, answeredAt: draft.now });
}

function note(
  draft: Draft,
  place: Pick<Reach, 'responder' | 'channel'>,
  fields: Partial<Reach>,
): void {
  const known = draft.reaches.get(reachKey(place));
  draft.reaches.put({ reachedAt: null, answeredAt: null, ...known, ...place, ...fields });
}

function hasArrived(draft: Draft, { state, channel }: Notification): boolean {
  const isProof = draft.config.channels.get(channel)?.proof === 'acceptance';
  return state === 'delivered' || (state === 'accepted' && isProof);
}
