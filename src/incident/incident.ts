/**
 * A spell of trouble with a beginning and an end, and the checks that are in it. These are rows:
 * plain JSON, replaced whole, never changed in place.
 */
import type { Severity } from '../config/config.ts';
import type { Reason } from '../probes/probe.ts';
import type { Status } from '../judge/verdict.ts';

/** 2–6 of these, at least one digit and one letter: short enough to type at 3 a.m. */
export const CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

export type IncidentState = 'open' | 'acknowledged' | 'resolved';

/** Why an incident ended. */
export type Ending = 'recovered' | 'removed' | 'forced' | 'by hand';

export interface Incident {
  readonly id: string;
  readonly code: string;
  readonly state: IncidentState;
  /** The highest of its members'; falls only by hand. */
  readonly severity: Severity;
  /** The name of the check that opened it, or what the person said who did. */
  readonly title: string;
  /** Who opened it; null: a check did. */
  readonly openedBy: string | null;
  /** null: `page: none`, so nobody is told. */
  readonly escalation: string | null;
  /** When the first check broke: before it was confirmed and the incident opened. */
  readonly brokeAt: number;
  readonly openedAt: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly resolvedAt: number | null;
  readonly resolvedBecause: Ending | null;
  /** How often paging began from step 1: at the opening, when an ack expires, at a reopening. Keys of notifications hold it, so that a new spell's page is a new page. */
  readonly spell: number;
  /** How often all steps have run in this spell, 0-based. */
  readonly round: number;
  /** The step taken last, 0-based; -1 before the first. */
  readonly step: number;
  /** Deadlines. What is due is data: no timer carries meaning. null: none. */
  readonly stepDueAt: number | null;
  readonly ackExpiresAt: number | null;
  /** When those who joined are told of in one follow-up. */
  readonly followUpAt: number | null;
  /** Until when checks of the same escalation join: so long after the opening, and never again. */
  readonly groupEndsAt: number | null;
  /** When the first page that was accepted lacks its receipt. */
  readonly proofDueAt: number | null;
  /** Members in all, and those of them that are down. */
  readonly size: number;
  readonly down: number;
  /** Members that joined after the first page and have not been told of yet. */
  readonly joinedSince: number;
  /** How often it was reopened; at the third it is flapping. */
  readonly reopenings: number;
  /** Flapping: held open until then unless a member goes down again. */
  readonly steadyAt: number | null;
  /** Since when it pages nobody, as all of it that is down is silenced; null: it is not. */
  readonly silencedAt: number | null;
  /** When those that are still down, though nothing above them is, leave it to page on their own. */
  readonly orphansDueAt: number | null;
  /** How long Tocsin was away when it was last overdue: the next page says so. null: it was not. */
  readonly awayMs: number | null;
  /** Numbers the timeline's entries, and the size of it. */
  readonly entries: number;
}

/** A check's part in an incident. */
export interface Member {
  readonly incident: string;
  readonly check: string;
  /** As the check was called when it joined: it may be renamed or removed. */
  readonly name: string;
  readonly target: string;
  readonly state: Status;
  readonly since: number;
  readonly reason: Reason | null;
  readonly brief: string;
  /** The check above it whose trouble keeps it from paging on its own; null: it is here by itself. */
  readonly below: string | null;
  readonly joinedAt: number;
  /** When it left: removed from the configuration, silenced by force, or down on its own since. */
  readonly leftAt: number | null;
}

/** One line of what happened, oldest first; 1,000 are kept, then only counted. */
export interface TimelineEntry {
  readonly incident: string;
  /** 0-based, its place in the incident's timeline. */
  readonly n: number;
  readonly at: number;
  readonly type: TimelineType;
  /** Who did it, where it was a person: a responder's id or the name given. */
  readonly by?: string;
  readonly check?: string;
  readonly text?: string;
  readonly step?: number;
}

export type TimelineType =
  | 'opened'
  | 'joined'
  | 'member_recovered'
  | 'member_down'
  | 'member_left'
  | 'followed_up'
  | 'paging_ended'
  | 'paged'
  | 'acknowledged'
  | 'ack_expired'
  | 'escalated'
  | 'last_resort'
  | 'waiting'
  | 'raised'
  | 'lowered'
  | 'silenced'
  | 'silence_ended'
  | 'note'
  | 'resolved'
  | 'reopened'
  | 'flapping'
  | 'restarted'
  | 'failover'
  | 'heard';

/**
 * A time in which checks page nobody: a person's choice, with an end and a reason, or an occurrence
 * of a maintenance window. Looks go on meanwhile.
 */
export interface Silence {
  readonly id: string;
  /** Ids of checks, `tag=value`, or `*` for all that are configured. */
  readonly covers: readonly string[];
  /** Does it also cover what hangs below these? */
  readonly below: boolean;
  readonly startsAt: number;
  /** null: it ends when the check that it covers has recovered. */
  readonly endsAt: number | null;
  /** When what follows from its beginning was decided; null: it is yet to come. */
  readonly begunAt: number | null;
  /** When its owner is told next: that it is about to end, or that it is still there. */
  readonly tellAt: number | null;
  readonly by: string;
  readonly why: string;
  /** When it was decided. */
  readonly at: number;
  /** The maintenance window that it is an occurrence of; null: a person's choice. */
  readonly window: string | null;
  /** Set when it is over; rows are kept for the record. */
  readonly endedAt: number | null;
}

/** Somebody takes a rotation over for a while: "Ben takes Tuesday night". */
export interface Override {
  readonly id: string;
  readonly rotation: string;
  readonly responder: string;
  readonly from: number;
  readonly until: number;
  readonly by: string;
  readonly why: string;
  readonly at: number;
  /** Set when it is over, or was called off; rows are kept for the record. */
  readonly endedAt: number | null;
}
