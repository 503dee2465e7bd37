/**
 * What is remembered of one check between two looks: enough to count, and no more. Most looks end
 * here: nothing to decide, nothing to store.
 */
import type { Reason } from '../probes/probe.ts';
import type { Status } from './verdict.ts';

/** One look that is being counted. */
export interface Counted {
  /** When it began, epoch ms. */
  readonly at: number;
  readonly failed: boolean;
}

export interface CheckState {
  readonly check: string;
  readonly generation: string;
  /** The confirmed status: changes only by a turn. */
  readonly status: Status;
  /** When this status began; for `down` the first failure, not the confirmation. Epoch ms. */
  readonly since: number;
  /** Why it is not up; null when up. */
  readonly reason: Reason | null;
  readonly brief: string;
  /** While confirming: the looks since the first failure that still count, oldest first. */
  readonly window: readonly Counted[];
  /** While down: successes in a row. */
  readonly successes: number;
  /** When the trouble that is being confirmed (or was) began. */
  readonly firstFailedAt: number | null;
  /** When the last look began and how it came out. */
  readonly lookedAt: number | null;
  readonly tookMs: number | null;
  readonly lastStatus: Status;
  /** Only of a check that a job reports to: there `lookedAt` is the last report of an end. */
  readonly heartbeat?: HeartbeatState;
}

/** What is remembered of a job between two reports. Epoch ms. */
export interface HeartbeatState {
  /** The next deadline counts from here: the last end of a run, or when the check was first seen. */
  readonly from: number;
  /** When the job said that it began, until it says how it ended. */
  readonly startedAt: number | null;
  /** Not overdue before then: Tocsin itself was away when it was expected. */
  readonly excusedUntil: number | null;
  /** What the job said last, in its own words, at most 4 KiB; empty once all is well. */
  readonly detail: string;
}

/** A check's verdict changed for good. */
export interface Turn {
  readonly check: string;
  readonly from: Status;
  readonly to: Status;
  /** When it was confirmed, epoch ms. */
  readonly at: number;
  /** When it began: for `down` the first failure. */
  readonly since: number;
  readonly reason: Reason | null;
  readonly brief: string;
}
