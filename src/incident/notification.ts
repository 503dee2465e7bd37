/**
 * One message to one responder (or to nobody in particular) by one channel, and what became of it.
 * It carries the facts it tells, so that what was decided is what is sent, also after a restart.
 */
import type { Severity } from '../config/config.ts';
import type { Reason } from '../probes/probe.ts';

/** Of the answer to what was heard by a channel, under the vendor's id of it. */
export function answerKey(heard: { readonly channel: string; readonly reference: string }): string {
  return `answer.${heard.channel}.${heard.reference}`;
}

/** As `kind` on metrics: what it is for. */
export type NotificationKind = 'page' | 'update' | 'acknowledged' | 'resolved' | 'drill' | 'post';

export type NotificationState =
  /** To be sent, or being sent, or waiting for its next try. */
  | 'queued'
  | 'accepted'
  | 'delivered'
  /** It may or may not have arrived: asked, and no answer came. Will be read back or sent again. */
  | 'unconfirmed'
  | 'failed'
  /** Not sent, on purpose; `reason` says why. */
  | 'withheld';

/** As `reason` on tocsin_notifications_failed_total. */
export type FailReason =
  'timeout' | 'refused' | 'rate_limited' | 'auth' | 'address' | 'server' | 'network';

export type WithheldReason =
  | 'acknowledged'
  | 'recovered'
  | 'resolved'
  | 'removed'
  | 'superseded'
  | 'silenced'
  | 'stale'
  /** Of a drill: it is over. */
  | 'over'
  /** Of a drill: its responder is paged for real. */
  | 'paged'
  /** Told by a message about several: `bundledInto`. */
  | 'bundled'
  | 'no address'
  | 'no channel'
  /** Waits for working hours: `until 09:00`. */
  | `until ${string}`;

export interface Notification {
  /** Stable over retries and restarts: what a vendor may use to tell a repeat from a second page. */
  readonly key: string;
  readonly kind: NotificationKind;
  /** Ids of incidents, or of a drill; empty for a test message or an answer about none. */
  readonly about: readonly string[];
  /** A responder's id; null for a post. */
  readonly responder: string | null;
  /** A channel's id. */
  readonly channel: string;
  readonly state: NotificationState;
  readonly reason: FailReason | WithheldReason | null;
  /** What the vendor said to that, in a few words; left out: nothing. */
  readonly detail?: string | undefined;
  readonly facts: Facts;
  /** When it was decided, epoch ms. */
  readonly at: number;
  /** When it is to be tried (again); null: never, whatever its state. */
  readonly dueAt: number | null;
  readonly attempts: number;
  /** Of these, how many may have been taken for all that is known. */
  readonly unclear?: number;
  readonly acceptedAt: number | null;
  /** When its receipt came; left out: none has. */
  readonly deliveredAt?: number | undefined;
  /** Accepted, and it proves nothing yet: without a receipt by then it counts as lost. null: nothing is waited for. */
  readonly proofDueAt: number | null;
  /** The vendor's own id of it, such as a Twilio SID. */
  readonly reference: string | null;
  /** The key of the notification that this one stands in for. */
  readonly standsInFor: string | null;
  /** A bundle that leaves then, with what is true by then; the courier leaves it alone. */
  readonly heldUntil?: number | null;
  /** Of a bundle that did not get through: for how many of its incidents another way has been taken; null: for all, or it is not wanted. */
  readonly failedOver?: number | null;
  /** The key of the bundle that tells it instead. */
  readonly bundledInto?: string | null;
}

/** What a message tells; `message/` turns it into words. */
export type Facts =
  | TroubleFacts
  | DrillFacts
  | { readonly event: 'answer'; readonly text: string }
  /** Word of something that is no incident, such as a silence that is about to end. */
  | { readonly event: 'notice'; readonly text: string }
  | { readonly event: 'test'; readonly text: string };

export interface DrillFacts {
  /** Somebody is asked; the team hears that it has begun, and how it went. */
  readonly event: 'drill' | 'drill_begun' | 'drill_over';
  readonly code: string;
  /** Whose people are asked: an escalation's id. */
  readonly escalation: string;
  /** Who wanted it, a name for people; null: it was planned. */
  readonly by: string | null;
  readonly at: number;
  /** Until when somebody who is asked may answer. */
  readonly answerBy: number | null;
  readonly asked: number;
  readonly answered: number;
  /** Who called it off, a name for people. */
  readonly calledOffBy?: string;
  /** A line each: who is asked, or who did not answer, and what became of the messages to them. */
  readonly lines: readonly string[];
}

export interface TroubleFacts {
  readonly event:
    | 'opened'
    | 'escalated'
    /** The follow-up at the end of the grouping window, or a note worth telling. */
    | 'updated'
    | 'acknowledged'
    | 'resolved'
    | 'reopened'
    | 'flapping'
    /** Paging again: an ack expired, or Tocsin was away. `text` says which. */
    | 'still_down';
  readonly code: string;
  /** The check's name. */
  readonly name: string;
  /** What customers call it. */
  readonly says: string | null;
  readonly severity: Severity;
  /** Further checks in the incident. */
  readonly more: number;
  /** The names of the first few of these. */
  readonly others?: readonly string[];
  readonly reason: Reason | null;
  /** A few words: `HTTP 503`. */
  readonly brief: string;
  /** When the trouble began, epoch ms. */
  readonly since: number;
  /** When this was decided. */
  readonly at: number;
  /** Who acknowledged, forced or wrote it; a name for people. */
  readonly by: string | null;
  /** 1-based, for a page. */
  readonly step: number;
  readonly text: string | null;
  /** Of the check that is named: where it says what to do, and `team=shop`. */
  readonly runbook?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** What to know of how this is told: `posts may not arrive`. */
  readonly caveat?: string | undefined;
  /** Of a message about several incidents; the rest is then about the worst of them. */
  readonly bundle?: BundleFacts;
}

/** What several incidents come to. `more` counts checks beside the one that is named. */
export interface BundleFacts {
  /** Incidents that are down, their checks that are, those that ended, and those with other news. */
  readonly down: number;
  readonly checks: number;
  readonly over: number;
  readonly news: number;
  /** A tag that all checks have alike, `team=shop`; empty: none. */
  readonly shared: string;
  /** Of the first few, for whoever has the room: `7K DOWN Shop home page: HTTP 503`. */
  readonly lines: readonly BundleLine[];
}

/** What a message about several says of one of them. */
export interface BundleLine extends Pick<
  TroubleFacts,
  'event' | 'code' | 'name' | 'brief' | 'by' | 'text'
> {
  readonly sort: 'down' | 'over' | 'news';
}

/** What became of one attempt, as a channel says it. A union, so that whether to try again is in the type. */
export type Outcome =
  | { readonly outcome: 'accepted' | 'delivered'; readonly reference: string | null }
  /** Not taken, and may be taken later. `retryAfterMs`: the vendor's own wish. */
  | {
      readonly outcome: 'deferred';
      readonly reason: FailReason;
      readonly detail: string;
      readonly retryAfterMs?: number;
    }
  /** Not taken and never will be. `address`: try another address; otherwise the channel is broken. */
  | {
      readonly outcome: 'refused';
      readonly reason: FailReason;
      readonly detail: string;
      /** The address itself is at fault, and stays so until somebody mends it: for the team, in words. */
      readonly unreachable?: string;
      /** There was nothing to ask: the configuration has it no more. */
      readonly gone?: 'no channel' | 'no address';
    }
  /** Asked, and no answer came: it may have been taken. */
  | { readonly outcome: 'unconfirmed'; readonly reason: FailReason; readonly detail: string };

export type Receipt = Outcome & {
  readonly key: string;
  /** When the next try is due; null where there is none. */
  readonly retryAt: number | null;
  /** What became of a message that had been accepted: not an attempt of its own. */
  readonly isLate?: boolean;
};
