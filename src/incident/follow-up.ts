/**
 * The grouping window is over: one message says how many checks it has become and what they share,
 * instead of one for each.
 */
import type { Draft } from './draft.ts';
import { post, tell, whoWasPaged } from './telling.ts';

export function followUp(draft: Draft, id: string): void {
  const incident = draft.amend(id, { followUpAt: null });
  if (incident.joinedSince === 0) {
    draft.decided('nothing joined', { incident: id });
    return;
  }
  draft.amend(id, { joinedSince: 0 });
  const shared = whatTheyShare(draft, [id]);
  const text = `${String(incident.down)} checks down${shared === '' ? '' : `, all ${shared}`}`;
  draft.record(id, 'followed_up', { text });
  draft.decided('followed up', { incident: id });
  const { acknowledgedBy } = incident;
  const paged = whoWasPaged(draft, id);
  // Whoever acknowledged may be nobody that we can reach: then all who were paged hear of it.
  const holder = paged.filter(({ responder }) => responder === acknowledgedBy);
  tell(draft, id, 'update', 'updated', holder.length === 0 ? paged : holder, { text });
  post(draft, id, 'updated', { text });
}

/** The first tag that all of them have alike: `team=shop`; empty: none. */
export function whatTheyShare(draft: Draft, incidents: readonly string[]): string {
  let common: Map<string, string> | undefined;
  for (const id of incidents) {
    for (const member of draft.members(id)) {
      if (member.state !== 'down' || member.leftAt !== null) continue;
      const tags = draft.check(member.check)?.tags ?? {};
      common ??= new Map(Object.entries(tags));
      for (const [name, value] of common) if (tags[name] !== value) common.delete(name);
      if (common.size === 0) return '';
    }
  }
  const [shared] = common ?? [];
  return shared ? `${shared[0]}=${shared[1]}` : '';
}
