/**
 * The index of lanes: what has left lately by one channel to one responder, or to nobody in
 * particular, and what waits there, so that bounds are kept without asking every message. It holds only
 * keys, and follows from the rows alone: a restart finds it as it was.
 */
import type { Board, Lane } from './board.ts';
import type { BundleFacts, Notification, TroubleFacts } from './notification.ts';

export type Bundle = Notification & {
  readonly facts: TroubleFacts & { readonly bundle: BundleFacts };
};

export const HOUR_MS = 60 * 60_000;

export function laneOf({ responder, channel }: Pick<Notification, 'responder' | 'channel'>) {
  return `${responder ?? ''} ${channel}`;
}

/** A message about several incidents, with a code of its own. */
export function isBundle(notification: Notification): notification is Bundle {
  return 'bundle' in notification.facts;
}

export function isHeld({ heldUntil }: Notification): boolean {
  return typeof heldUntil === 'number';
}

/** When something is due of it that is nobody else's: it leaves, its proof is missing, or the rest of it fails over. null: never. */
export function bundleDueAt(row: Notification): number | null {
  if (typeof row.failedOver === 'number') return row.at;
  if (typeof row.heldUntil === 'number') return row.heldUntil;
  return isBundle(row) && row.state === 'accepted' ? row.proofDueAt : null;
}

/** Answers were asked for, and what is withheld has not left. */
function hasLeft(row: Notification): boolean {
  return 'severity' in row.facts && row.state !== 'withheld' && !isHeld(row);
}

/** Called before the row replaces the one that was there. */
export function indexInLane(board: Board, row: Notification): void {
  const id = laneOf(row);
  const lane = board.lanes.get(id) ?? { held: new Set(), trying: new Set(), recent: new Set() };
  const isTrying = row.dueAt !== null && row.attempts > 0 && !isHeld(row);
  put(lane.held, row.key, bundleDueAt(row) !== null);
  put(lane.trying, row.key, isTrying);
  if (hasLeft(row) && !lane.recent.has(row.key)) forgetOlder(board, lane, row.at - HOUR_MS);
  put(lane.recent, row.key, hasLeft(row));
  if (lane.held.size + lane.trying.size + lane.recent.size > 0) board.lanes.set(id, lane);
  else board.lanes.delete(id);
  const before = board.notifications.get(row.key);
  if (before?.bundledInto !== row.bundledInto) takeOut(board, before);
  if (typeof row.bundledInto !== 'string') return;
  const gathered = board.gathered.get(row.bundledInto) ?? new Set();
  board.gathered.set(row.bundledInto, gathered.add(row.key));
}

export function takeFromLane(board: Board, row: Notification): void {
  const lane = board.lanes.get(laneOf(row));
  for (const keys of [lane?.held, lane?.trying, lane?.recent]) keys?.delete(row.key);
  takeOut(board, row);
}

/** Of the bundle that told it so far. */
function takeOut(board: Board, row: Notification | undefined): void {
  const bundle = row?.bundledInto ?? '';
  const gathered = board.gathered.get(bundle);
  gathered?.delete(row?.key ?? '');
  if (gathered?.size === 0) board.gathered.delete(bundle);
}

function put(keys: Set<string>, key: string, isIn: boolean): void {
  if (isIn) keys.add(key);
  else keys.delete(key);
}

/** The oldest come first. */
function forgetOlder(board: Board, { recent }: Lane, before: number): void {
  for (const key of recent) {
    if ((board.notifications.get(key)?.at ?? 0) >= before) return;
    recent.delete(key);
  }
}
