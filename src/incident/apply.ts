/**
 * The only place where the board changes: while running, a Change at a time; at a start, from the
 * rows of the store. Both take the same way, so that a restarted board equals the one that was lost.
 */
import type { CheckState } from '../judge/check-state.ts';
import { emptyBoard, isSettled, type Board, type Snapshot } from './board.ts';
import type { Change } from './change.ts';
import { placeOf } from './coverage.ts';
import type { Incident, Member, Silence, TimelineEntry } from './incident.ts';
import { indexInLane, isBundle, takeFromLane } from './lane.ts';
import type { Notification } from './notification.ts';
import { reachKey } from './reach.ts';

/** Entries of one timeline that memory holds; what is older is in the store. */
const TIMELINE_ENTRIES = 1_000;

/** A late receipt may have to be acted upon: an incident stays this long after its end, or for as long as it may be reopened. */
export const RESOLVED_STAYS_MS = 2 * 60 * 60 * 1000;

/** Of the drills that are over, so many are still shown; all are in the store. */
const DRILLS_KEPT = 50;

/** Shorter than the quickest confirmation by default takes, and than a restart should. */
const GAP_MS = 60_000;

type RecheckMs = (check: string) => number;

type Rows = Omit<Change, 'seq' | 'epoch' | 'at' | 'codes' | 'reasons'>;

export function apply(board: Board, change: Change): void {
  board.seq = change.seq;
  board.epoch = change.epoch;
  for (const { code, usedAt } of change.codes ?? []) {
    board.codes.set(code, Math.max(usedAt, board.codes.get(code) ?? 0));
  }
  putRows(board, change);
}

/** Looks that decided nothing: only what is remembered of the check changes. */
export function applyCount(board: Board, state: CheckState): void {
  board.checks.set(state.check, state);
}

/**
 * `now`: after a gap, or where the clock was set back, failures from before are not counted together
 * with those after it. Nor are those of a check that would have been looked at again long since: a
 * disk may have kept what was decided later, and not what was seen in between.
 */
export function rebuild(snapshot: Snapshot, now: number, recheckMs: RecheckMs = () => 0): Board {
  const board = emptyBoard(snapshot.epoch);
  board.seq = snapshot.seq;
  for (const { code, usedAt } of snapshot.codes) board.codes.set(code, usedAt);
  putRows(board, snapshot);
  const awayMs = now - (snapshot.savedAt ?? -Infinity);
  const isGap = awayMs > GAP_MS || awayMs < 0;
  for (const state of snapshot.checks) {
    const unseenMs = now - (state.lookedAt ?? now);
    const isMissing = unseenMs < 0 || unseenMs > GAP_MS + recheckMs(state.check);
    if (isGap || isMissing) applyCount(board, countingAfresh(state, now));
  }
  return board;
}

/** A look from what is the future by now would make those that come count for nothing. */
function countingAfresh(state: CheckState, now: number): CheckState {
  const { lookedAt } = state;
  const firstFailedAt = state.status === 'down' ? state.firstFailedAt : null;
  const seenAt = lookedAt === null ? null : Math.min(lookedAt, now);
  return { ...state, window: [], successes: 0, firstFailedAt, lookedAt: seenAt };
}

/** Forgets incidents and drills that ended long ago and whose messages have all been settled. */
export function retire(board: Board, now: number, staysMs: number): void {
  retireDrills(board);
  const left = new Set<string>();
  for (const incident of board.incidents.values()) {
    if (incident.resolvedAt === null || now - incident.resolvedAt < staysMs) continue;
    const keys = board.notificationsOf.get(incident.id) ?? new Set();
    if (hasUnsettled(board, keys)) continue;
    forget(board, incident);
    for (const key of keys) left.add(key);
  }
  for (const key of left) {
    const notification = board.notifications.get(key);
    const isOver = !notification?.about.some((id) => board.incidents.has(id));
    if (notification && isOver) dropNotification(board, notification);
  }
}

function hasUnsettled(board: Board, keys: ReadonlySet<string>): boolean {
  return [...keys].some((key) => {
    const notification = board.notifications.get(key);
    return notification !== undefined && !isSettled(notification);
  });
}

function retireDrills(board: Board): void {
  const over = [...board.drills.values()].filter(
    ({ endedAt, tellAt }) => endedAt !== null && tellAt === null,
  );
  const old = over.toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0)).slice(DRILLS_KEPT);
  for (const { id } of old) {
    const keys = board.notificationsOf.get(id) ?? new Set();
    if (hasUnsettled(board, keys)) continue;
    for (const key of keys) board.notifications.delete(key);
    board.notificationsOf.delete(id);
    board.drills.delete(id);
  }
}

/** Of checks that are not configured any more nothing is known: one that comes back is looked at first. */
export function forgetChecks(board: Board, isKnown: (check: string) => boolean): void {
  for (const id of board.checks.keys()) if (!isKnown(id)) board.checks.delete(id);
}

function putRows(board: Board, rows: Rows | Snapshot): void {
  for (const state of rows.checks) board.checks.set(state.check, state);
  for (const incident of rows.incidents) putIncident(board, incident);
  for (const member of rows.members) putMember(board, member);
  for (const entry of rows.timeline) putEntry(board, entry);
  for (const notification of rows.notifications) putNotification(board, notification);
  for (const silence of rows.silences) putSilence(board, silence);
  for (const override of rows.overrides) {
    if (override.endedAt === null) board.overrides.set(override.id, override);
    else board.overrides.delete(override.id);
  }
  for (const drill of rows.drills) {
    board.drills.set(drill.id, drill);
    board.codes.set(drill.code, drill.endedAt ?? drill.startsAt);
  }
  for (const reach of rows.reaches) board.reaches.set(reachKey(reach), reach);
  for (const cursor of rows.cursors) board.cursors.set(cursor.channel, cursor.value);
}

function putIncident(board: Board, incident: Incident): void {
  const endedBefore = board.incidents.get(incident.id)?.state === 'resolved';
  board.incidents.set(incident.id, incident);
  board.codes.set(incident.code, incident.resolvedAt ?? incident.openedAt);
  if (endedBefore !== (incident.state === 'resolved')) {
    for (const member of board.members.get(incident.id)?.values() ?? []) {
      if (!isElsewhere(board, member)) index(board, member);
    }
  }
  if (incident.escalation === null) return;
  if (incident.state === 'open' && incident.groupEndsAt !== null) {
    board.groupOf.set(incident.escalation, incident.id);
  } else if (board.groupOf.get(incident.escalation) === incident.id) {
    board.groupOf.delete(incident.escalation);
  }
}

function putMember(board: Board, member: Member): void {
  const members = board.members.get(member.incident) ?? new Map<string, Member>();
  members.set(member.check, member);
  board.members.set(member.incident, members);
  index(board, member);
}

/** In another incident since this one has ended. */
function isElsewhere(board: Board, { incident, check }: Member): boolean {
  return (board.incidentOf.get(check) ?? incident) !== incident;
}

/** A check is in at most one unresolved incident. */
function index(board: Board, { incident: id, check, leftAt }: Member): void {
  const resolved = board.incidents.get(id)?.state === 'resolved';
  if (!resolved && leftAt === null) board.incidentOf.set(check, id);
  else if (board.incidentOf.get(check) === id) board.incidentOf.delete(check);
  if (resolved) board.endedOf.set(check, id);
}

function putEntry(board: Board, entry: TimelineEntry): void {
  const timeline = board.timelines.get(entry.incident) ?? [];
  timeline.push(entry);
  if (timeline.length > TIMELINE_ENTRIES) timeline.shift();
  board.timelines.set(entry.incident, timeline);
}

function putSilence(board: Board, silence: Silence): void {
  const place = placeOf(silence);
  const ids = board.silencesAt.get(place) ?? new Set();
  if (silence.endedAt === null) {
    board.silences.set(silence.id, silence);
    board.silencesAt.set(place, ids.add(silence.id));
    return;
  }
  board.silences.delete(silence.id);
  ids.delete(silence.id);
  if (ids.size === 0) board.silencesAt.delete(place);
}

function putNotification(board: Board, notification: Notification): void {
  if (notification.about.length === 0 && isSettled(notification)) {
    dropNotification(board, notification);
    return;
  }
  indexInLane(board, notification);
  if (isBundle(notification)) {
    const { code, bundle } = notification.facts;
    forgetCode(board, board.notifications.get(notification.key), code);
    // A reply to word of the end, under the same code, is meant for all that it began with.
    if (bundle.down > 0 || !board.bundles.has(code)) board.bundles.set(code, notification.key);
    if (notification.about.length > 0) board.codes.set(code, notification.at);
  }
  board.notifications.set(notification.key, notification);
  for (const incident of notification.about) {
    const keys = board.notificationsOf.get(incident) ?? new Set();
    board.notificationsOf.set(incident, keys.add(notification.key));
  }
}

function dropNotification(board: Board, notification: Notification): void {
  const { key } = notification;
  board.notifications.delete(key);
  takeFromLane(board, notification);
  forgetCode(board, notification);
}

/** `now`: unless it still has that. */
function forgetCode(board: Board, bundle: Notification | undefined, now?: string): void {
  if (!bundle || !isBundle(bundle) || bundle.facts.code === now) return;
  const { code } = bundle.facts;
  if (board.bundles.get(code) === bundle.key) board.bundles.delete(code);
}

function forget(board: Board, incident: Incident): void {
  for (const member of board.members.get(incident.id)?.values() ?? []) {
    if (board.endedOf.get(member.check) === incident.id) board.endedOf.delete(member.check);
  }
  board.notificationsOf.delete(incident.id);
  board.members.delete(incident.id);
  board.timelines.delete(incident.id);
  board.incidents.delete(incident.id);
}
