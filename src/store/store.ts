/**
 * What is remembered. A running daemon reads only its own board: the store is written to, read once
 * at a start, and asked about history. Nothing here throws for what a disk may do: `append` says
 * how it went.
 */
import type { Change } from '../incident/change.ts';
import type { Incident, Member, TimelineEntry } from '../incident/incident.ts';
import type { Notification } from '../incident/notification.ts';
import type { ReadonlyBoard, Snapshot } from '../incident/board.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Status } from '../judge/verdict.ts';
import type { Reason } from '../probes/probe.ts';

/** `fenced`: another daemon has taken over this data since. */
export type Stored = 'stored' | 'failed' | 'fenced';

export interface Store {
  load(): Promise<Snapshot>;
  /** Durable when it says `stored`: the WAL has been synced. Changes are kept in the order given. */
  append(change: Change): Promise<Stored>;
  /** Check states that no Change carried; may be 10 s old after a crash. */
  saveChecks(states: readonly CheckState[]): Promise<Stored>;
  /** The whole board in one transaction, after a spell without memory; `stored`: and more can be. */
  snapshot(board: ReadonlyBoard): Promise<Stored>;
  readonly history: History;
  close(): Promise<void>;
}

/** One look, as the raw window keeps it. */
export interface Look {
  readonly check: string;
  readonly from: string;
  readonly at: number;
  readonly tookMs: number;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly brief: string;
}

/** How many looks came out how. */
export type Tally = Readonly<Record<Status, number>>;

/** One day of one check. */
export interface Day extends Tally {
  /** Midnight UTC, epoch ms. */
  readonly startsAt: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Give it back to get what follows; null at the end. */
  readonly next: string | null;
}

/** An incident with all its rows. */
export interface Dossier {
  readonly incident: Incident;
  readonly members: readonly Member[];
  readonly timeline: readonly TimelineEntry[];
  readonly notifications: readonly Notification[];
}

export interface History {
  /** Not awaited by anybody: written in batches of a second. */
  record(look: Look): void;
  looks(check: string, limit: number): Promise<readonly Look[]>;
  /** How the looks since then came out, as far back as single looks are kept. */
  tally(check: string, since: number): Promise<Tally>;
  /** How the looks of each day came out, the newest day first: kept when the looks have gone. */
  days(check: string, limit: number): Promise<readonly Day[]>;
  /** Newest first. `codeOrId`: exactly that one; of incidents that had the same code, the newest. */
  incidents(query: {
    readonly state?: 'open' | 'acknowledged' | 'resolved' | 'all';
    readonly codeOrId?: string;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<Dossier>>;
  notifications(query: {
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<Notification>>;
  /** Forgets raw looks before `at`, at most `limit` rows a call; says how many went. */
  prune(before: number, limit: number): Promise<number>;
  optimise(): Promise<void>;
  /**
   * Writes a copy of the journal, whole and readable by its owner only, to a file that is not there
   * yet. `refused` is for people.
   */
  backup(file: string): Promise<{ readonly bytes: number } | { readonly refused: string }>;
}
