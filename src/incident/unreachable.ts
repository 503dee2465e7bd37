/**
 * An address that a vendor does not deliver to, for good: whoever it belongs to may not know, and at the
 * next page would be reached by less than everybody believes. It is said once a day, by other ways.
 */
import type { Draft } from './draft.ts';
import type { Notification } from './notification.ts';
import { allMeantBy } from './on-duty.ts';
import { quietWayTo } from './drill-report.ts';
import { nameOf, notice } from './telling.ts';

const DAY_MS = 24 * 60 * 60_000;

/** To the rooms of all escalations that may page them, and to themselves. */
export function tellOfAddress(
  draft: Draft,
  { responder, channel }: Notification,
  why: string,
): void {
  if (responder === null) return;
  const theirs = [...draft.config.escalations.values()].filter(({ steps }) =>
    allMeantBy(
      draft,
      steps.flatMap(({ page }) => page),
    ).includes(responder),
  );
  const rooms = new Set(theirs.flatMap(({ post }) => post));
  rooms.delete(channel);
  const text = `${nameOf(draft, responder)} cannot be reached by ${channel}: ${why}`;
  const key = `unreachable.${String(Math.floor(draft.now / DAY_MS))}.${responder}.${channel}`;
  for (const room of rooms) notice(draft, key, { responder: null, channel: room }, text);
  const way = quietWayTo(draft, responder, channel);
  if (way !== undefined) notice(draft, key, { responder, channel: way }, text);
  draft.decided('unreachable address', { key });
}
