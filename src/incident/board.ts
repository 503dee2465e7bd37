/**
 * All that is alive, in memory, indexed. Everyone reads it; only `apply` changes it, and `apply`
 * also rebuilds it at a start, so that what was stored and what is running cannot differ.
 */
import type { CheckState } from '../judge/check-state.ts';
import type { Cursor, UsedCode } from './change.ts';
import type { Drill } from './drill.ts';
import type { Incident, Member, Override, Silence, TimelineEntry } from './incident.ts';
import type { Notification } from './notification.ts';
import type { Reach } from './reach.ts';

export interface ReadonlyBoard {
  readonly seq: number;
  readonly epoch: number;
  readonly checks: ReadonlyMap<string, CheckState>;
  /** By id: unresolved ones, and resolved ones until nothing can happen to them any more. */
  readonly incidents: ReadonlyMap<string, Incident>;
  /** By incident's id, then by check's id, in the order of joining. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string, Member>>;
  /** By incident's id, oldest first. */
  readonly timelines: ReadonlyMap<string, readonly TimelineEntry[]>;
  /** By key: those of the incidents here, and whatever is still to be sent. */
  readonly notifications: ReadonlyMap<string, Notification>;
  /** By incident's or drill's id: keys. */
  readonly notificationsOf: ReadonlyMap<string, ReadonlySet<string>>;
  /** By id: those in force, and those that are planned. */
  readonly silences: ReadonlyMap<string, Silence>;
  /** By id, in the order in which they were made. */
  readonly overrides: ReadonlyMap<string, Override>;
  /** By id: those that are planned or under way, and the latest of those that are over. */
  readonly drills: ReadonlyMap<string, Drill>;
  /** By `reachKey`. */
  readonly reaches: ReadonlyMap<string, Reach>;
  /** By check's id: ids of the silences of that check alone; by `*`: of all others. */
  readonly silencesAt: ReadonlyMap<string, ReadonlySet<string>>;
  /** By `laneOf` a message: what of it waits or has left lately. */
  readonly lanes: ReadonlyMap<string, Lane>;
  /** By a bundle's key: the keys of what it tells. */
  readonly gathered: ReadonlyMap<string, ReadonlySet<string>>;
  /** By a bundle's code: its key. */
  readonly bundles: ReadonlyMap<string, string>;
  readonly cursors: ReadonlyMap<string, string>;
  /** Codes and when each was last in use: none comes back within 90 days. */
  readonly codes: ReadonlyMap<string, number>;
  /** By check's id: the unresolved incident that it is in. */
  readonly incidentOf: ReadonlyMap<string, string>;
  /** By check's id: the incident that it was in last and that has ended. */
  readonly endedOf: ReadonlyMap<string, string>;
  /** By escalation's id: the incident whose grouping window is open. */
  readonly groupOf: ReadonlyMap<string, string>;
}

/** The way to one responder by one channel, or to one channel of posts: keys of messages. */
export interface Lane {
  /** Bundles that leave at a deadline. */
  readonly held: Set<string>;
  /** What was tried in vain and will be again. */
  readonly trying: Set<string>;
  /** What has left, or is about to, within the last hour. */
  readonly recent: Set<string>;
}

/** What a store gives back at a start: the rows of a board. */
export interface Snapshot {
  readonly seq: number;
  readonly epoch: number;
  /** When the last Change or check state was written; null: never. */
  readonly savedAt: number | null;
  /** Random, and the same for as long as the data is: what tokens are made with. */
  readonly secret: string;
  readonly checks: readonly CheckState[];
  readonly incidents: readonly Incident[];
  readonly members: readonly Member[];
  readonly timeline: readonly TimelineEntry[];
  readonly notifications: readonly Notification[];
  readonly silences: readonly Silence[];
  readonly overrides: readonly Override[];
  readonly drills: readonly Drill[];
  readonly reaches: readonly Reach[];
  readonly cursors: readonly Cursor[];
  readonly codes: readonly UsedCode[];
}

/** The same, for `apply` alone. */
interface Board extends ReadonlyBoard {
  seq: number;
  epoch: number;
  readonly checks: Map<string, CheckState>;
  readonly incidents: Map<string, Incident>;
  readonly members: Map<string, Map<string, Member>>;
  readonly timelines: Map<string, TimelineEntry[]>;
  readonly notifications: Map<string, Notification>;
  readonly notificationsOf: Map<string, Set<string>>;
  readonly silences: Map<string, Silence>;
  readonly overrides: Map<string, Override>;
  readonly drills: Map<string, Drill>;
  readonly reaches: Map<string, Reach>;
  readonly silencesAt: Map<string, Set<string>>;
  readonly lanes: Map<string, Lane>;
  readonly gathered: Map<string, Set<string>>;
  readonly bundles: Map<string, string>;
  readonly cursors: Map<string, string>;
  readonly codes: Map<string, number>;
  readonly incidentOf: Map<string, string>;
  readonly endedOf: Map<string, string>;
  readonly groupOf: Map<string, string>;
}
export type { Board };

export function emptyBoard(epoch: number): Board {
  return {
    seq: 0,
    epoch,
    checks: new Map(),
    incidents: new Map(),
    members: new Map(),
    timelines: new Map(),
    notifications: new Map(),
    notificationsOf: new Map(),
    silences: new Map(),
    overrides: new Map(),
    drills: new Map(),
    reaches: new Map(),
    silencesAt: new Map(),
    lanes: new Map(),
    gathered: new Map(),
    bundles: new Map(),
    cursors: new Map(),
    codes: new Map(),
    incidentOf: new Map(),
    endedOf: new Map(),
    groupOf: new Map(),
  };
}

/** Is there nothing left that could happen to this message? */
export function isSettled(notification: Notification): boolean {
  return notification.dueAt === null;
}

/** After an absence an incident waits for one fresh look at its checks before it pages on. */
export function awaitsFreshLook(board: ReadonlyBoard, check: string): boolean {
  return typeof board.incidents.get(board.incidentOf.get(check) ?? '')?.awayMs === 'number';
}
