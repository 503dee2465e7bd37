/**
 * When somebody was last proven reachable by a channel: a message got through, and a person answered.
 * Rows of their own, since the messages that prove it are forgotten with what they were about.
 */

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
