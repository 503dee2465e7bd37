/**
 * A store that was not there when Tocsin started is: what it held is taken up as after a restart,
 * beside what has been told since. The one thing to get right: a check that is down in both stays in
 * the incident that is told of now, which takes over who was told and, if it is no more and no worse,
 * who has it; the old one ends and says so.
 */
import { acknowledge } from './acknowledgement.ts';
import type { Snapshot } from './board.ts';
import type { Draft } from './draft.ts';
import type { Incident } from './incident.ts';
import { RANK } from './rank.ts';
import { reachKey } from './reach.ts';
import { end } from './recovery.ts';
import { doubtWhatMayHaveLeft, resumed } from './return.ts';
import { renameWhatClashes } from './same-code.ts';
import { mayHaveArrived } from './telling.ts';

export function remembered(draft: Draft, snapshot: Snapshot): void {
  const savedAt = snapshot.savedAt ?? draft.now;
  adopt(draft, snapshot);
  draft.decided('remembered');
  doubtWhatMayHaveLeft(draft, savedAt, snapshot.notifications);
  for (const incident of snapshot.incidents) {
    if (incident.state !== 'resolved') makeWay(draft, incident);
  }
  resumed(draft, savedAt);
}

/** As they were stored. What checks did is known better by now, and how far channels were heard. */
function adopt(draft: Draft, held: Snapshot): void {
  draft.follow(held);
  renameWhatClashes(draft, held);
  for (const incident of held.incidents) draft.putIncident(incident);
  for (const member of held.members) draft.putMember(member);
  for (const notification of held.notifications) draft.putNotification(notification);
  for (const silence of held.silences) draft.putSilence(silence);
  for (const override of held.overrides) draft.putOverride(override);
  for (const drill of held.drills) draft.drills.put(drill);
  for (const reach of held.reaches) {
    if (!draft.board.reaches.has(reachKey(reach))) draft.reaches.put(reach);
  }
  for (const cursor of held.cursors) {
    if (!draft.board.cursors.has(cursor.channel)) draft.putCursor(cursor);
  }
}

/** Checks that are in an incident of this run leave the one of before. */
function makeWay(draft: Draft, before: Incident): void {
  const { id } = before;
  const moved = new Map<string, Set<string>>();
  let stay = 0;
  for (const member of [...draft.members(id)]) {
    if (member.leftAt !== null) continue;
    const now = draft.incident(draft.board.incidentOf.get(member.check) ?? '');
    if (!now || now.state === 'resolved') {
      stay += 1;
      continue;
    }
    moved.set(now.id, (moved.get(now.id) ?? new Set()).add(member.check));
    draft.putMember({ ...member, leftAt: draft.now });
    draft.record(id, 'member_left', { check: member.check });
    const { down } = draft.incident(id) ?? before;
    draft.amend(id, { down: down - (member.state === 'down' ? 1 : 0) });
  }
  if (moved.size === 0) return;
  const successors = [...moved.keys()].flatMap((now) => draft.incident(now) ?? []);
  if (stay === 0) {
    const codes = successors.map(({ code }) => code).join(' and ');
    end(draft, id, 'forced', { by: 'Tocsin', text: `it goes on as ${codes}` });
  }
  toldOfBoth(draft, id, successors);
  for (const now of successors) handOver(draft, before, now, moved.get(now.id) ?? new Set());
}

/** Whoever was paged for the one of before hears what becomes of it. */
function toldOfBoth(draft: Draft, before: string, successors: readonly Incident[]): void {
  for (const page of [...draft.notificationsOf(before)]) {
    const isTold = mayHaveArrived(page) || page.acceptedAt !== null;
    if (page.kind !== 'page' || page.dueAt !== null || !isTold) continue;
    const about = [...new Set([...page.about, ...successors.map(({ id }) => id)])];
    draft.putNotification({ ...page, about });
  }
}

/** Whoever had it has it, unless it has become more or worse than what they took. */
function handOver(
  draft: Draft,
  { state, acknowledgedBy, ackExpiresAt, severity }: Incident,
  { id, severity: now }: Incident,
  moved: ReadonlySet<string>,
): void {
  if (state !== 'acknowledged' || acknowledgedBy === null || RANK[now] > RANK[severity]) return;
  for (const { check, state: is, leftAt } of draft.members(id)) {
    if (is === 'down' && leftAt === null && !moved.has(check)) return;
  }
  if (ackExpiresAt === null) acknowledge(draft, id, acknowledgedBy);
  else if (ackExpiresAt > draft.now) {
    acknowledge(draft, id, acknowledgedBy, { forMs: ackExpiresAt - draft.now });
  }
}
