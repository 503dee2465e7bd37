/** An incident as machines see it: the shape of the API, the webhook and `tocsin incidents`. */
import type { Severity } from '../config/config.ts';
import type { Reason } from '../probes/probe.ts';
import type { Status } from '../judge/verdict.ts';
import type { IncidentState, TimelineType } from './incident.ts';
import type { NotificationKind, NotificationState } from './notification.ts';

/** Times are RFC 3339 in UTC. */
export interface IncidentView {
  readonly id: string;
  readonly code: string;
  readonly state: IncidentState;
  readonly severity: Severity;
  readonly title: string;
  /** The first 100; `checksTotal` says how many there are. */
  readonly checks: readonly MemberView[];
  readonly checksTotal: number;
  readonly openedAt: string;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  /** When it pages again unless it is over; left out: never, or nobody has it. */
  readonly acknowledgedUntil?: string;
  /** Since when it pages nobody, for all that is down in it is silenced; null: it is not. */
  readonly silencedAt: string | null;
  readonly resolvedAt: string | null;
  readonly escalation: string | null;
  readonly timeline: readonly TimelineView[];
  readonly notifications: readonly NotificationView[];
}

export interface MemberView {
  readonly id: string;
  readonly state: Status;
  readonly since: string;
  readonly reason: Reason | null;
  /** Where it says what to do; only where one incident is asked for. */
  readonly runbook?: string;
  /** The check above it whose trouble keeps it from paging on its own. */
  readonly below?: string;
  /** When it left: removed, silenced by force, or paging on its own since. */
  readonly leftAt?: string;
}

export interface TimelineView {
  readonly at: string;
  readonly type: TimelineType;
  readonly by?: string;
  readonly check?: string;
  readonly text?: string;
  readonly step?: number;
}

export interface NotificationView {
  readonly key: string;
  readonly kind: NotificationKind;
  readonly responder: string | null;
  readonly channel: string;
  readonly state: NotificationState;
  readonly reason?: string;
  /** What the vendor said to that: `unreachable handset (30003)`. */
  readonly detail?: string;
  /** When it was decided, taken by the vendor, and proven to have arrived. */
  readonly at: string;
  readonly acceptedAt?: string;
  readonly deliveredAt?: string;
  /** A bundle that leaves then. */
  readonly heldUntil?: string;
  /** The key of the bundle that tells it. */
  readonly bundledInto?: string;
  readonly attempts: number;
  readonly reference: string | null;
}

/** A message about several incidents. */
export interface BundleView {
  readonly code: string;
  /** When it left. */
  readonly at: string;
  /** The first 100, those that it called down before all others. */
  readonly incidents: readonly IncidentView[];
  readonly incidentsTotal: number;
}

export type WhyUnchanged =
  'acknowledged already' | 'resolved already' | 'still down' | 'nothing changed';

/** What came of something that was said of a bundle: by codes of incidents. */
export interface BundleActView {
  readonly code: string;
  readonly changed: readonly string[];
  readonly unchanged: readonly { readonly code: string; readonly why: WhyUnchanged }[];
}
