/**
 * A store that was not there when Tocsin started is: what it held is taken up as after a restart,
 * beside what has been told since. The one thing to get right: a check that is down in both stays in
 * the incident that is told of now, which takes the acknowledgement over; the old one ends and says so.
 */
import { acknowledge } from './acknowledgement.ts';
import type { Snapshot } from './board.ts';
import type { Draft } from './draft.ts';
import type { Incident } from './incident.ts';
import { reachKey } from './reach.ts';
import { end } from './recovery.ts';
import { doubtWhatMayHaveLeft, resumed } from './return.ts';

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
  let successor: Incident | undefined;
  let stay = 0;
  for (const member of [...draft.members(id)]) {
    if (member.leftAt !== null) continue;
    const now = draft.incident(draft.board.incidentOf.get(member.check) ?? '');
    if (!now || now.state === 'resolved') {
      stay += 1;
      continue;
    }
    successor ??= now;
    draft.putMember({ ...member, leftAt: draft.now });
    draft.record(id, 'member_left', { check: member.check });
    const { down } = draft.incident(id) ?? before;
    draft.amend(id, { down: down - (member.state === 'down' ? 1 : 0) });
  }
  if (!successor) return;
  handOver(draft, before, successor);
  if (stay === 0) {
    end(draft, id, 'forced', { by: 'Tocsin', text: `it goes on as ${successor.code}` });
  }
}

/** Whoever had it has it. */
function handOver(
  draft: Draft,
  { state, acknowledgedBy, ackExpiresAt }: Incident,
  { id }: Incident,
): void {
  if (state !== 'acknowledged' || acknowledgedBy === null) return;
  if (ackExpiresAt === null) acknowledge(draft, id, acknowledgedBy);
  else if (ackExpiresAt > draft.now) {
    acknowledge(draft, id, acknowledgedBy, { forMs: ackExpiresAt - draft.now });
  }
}
