/**
 * Two runs that did not know of each other may have drawn the same code. What a store that was found
 * late holds keeps its code, for people have had it for longer; what this run began gets another, and
 * whoever was told of it hears so. Called before what was held is on the board.
 */
import type { Snapshot } from './board.ts';
import type { Draft } from './draft.ts';
import { isBundle } from './lane.ts';
import { notice, quietly } from './telling.ts';

export function renameWhatClashes(draft: Draft, held: Snapshot): void {
  const taken = codesOf(held);
  const { incidents, drills, notifications } = draft.board;
  for (const code of codesOf({
    incidents: [...incidents.values()],
    drills: [...drills.values()],
    notifications: [...notifications.values()],
  })) {
    if (taken.has(code)) rename(draft, code);
  }
}

/** Of what somebody may still answer. */
function codesOf(rows: Pick<Snapshot, 'incidents' | 'drills' | 'notifications'>): Set<string> {
  const ongoing = rows.incidents.filter(({ state }) => state !== 'resolved');
  const drills = rows.drills.filter(({ endedAt }) => endedAt === null);
  const ids = new Set(ongoing.map(({ id }) => id));
  const bundles = rows.notifications.filter(isBundle);
  const asking = bundles.filter(({ about }) => about.some((id) => ids.has(id)));
  return new Set([
    ...[...ongoing, ...drills].map(({ code }) => code),
    ...asking.map(({ facts }) => facts.code),
  ]);
}

function rename(draft: Draft, was: string): void {
  const code = draft.newCode();
  const text = `${was} is ${code} from now on: another incident had the code ${was} before`;
  for (const incident of [...draft.incidents()]) {
    if (incident.code !== was || incident.state === 'resolved') continue;
    draft.amend(incident.id, { code });
    draft.record(incident.id, 'note', { text });
  }
  for (const drill of [...draft.drills.values()]) {
    if (drill.code === was && drill.endedAt === null) draft.drills.put({ ...drill, code });
  }
  for (const { key } of draft.board.notifications.values()) {
    const told = draft.notification(key);
    if (!told || !('code' in told.facts) || told.facts.code !== was) continue;
    // An answer to what has left with the old code is told apart by nobody: whoever has it is told.
    draft.putNotification({ ...told, facts: { ...told.facts, code } });
    if (told.state === 'withheld') continue;
    const { responder, channel } = told;
    const ways =
      responder === null ? [{ responder, channel }] : quietly(draft, { responder, channel });
    for (const to of ways) notice(draft, `renamed.${was}.${code}`, to, text);
  }
}
