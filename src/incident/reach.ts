/**
 * When somebody was last proven reachable by a channel: a message got through, and a person answered.
 * Rows of their own, since the messages that prove it are forgotten with what they were about.
 */
import type { Draft } from './draft.ts';
import type { Notification } from './notification.ts';

export interface Reach {
  readonly responder: string;
  readonly channel: string;
  /** A message got through: delivered where the channel gives receipts, else accepted. null: not that is known. */
  readonly reachedAt: number | null;
  /** They answered by it, or by a link that came by it. */
  readonly answeredAt: number | null;
}

export function reachKey({ responder, channel }: Pick<Reach, 'responder' | 'channel'>): string {
  return `${responder} ${channel}`;
}

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
