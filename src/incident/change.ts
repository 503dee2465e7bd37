/**
 * What a decision changes, as data: only rows that changed, whole; plain JSON; applied and stored
 * atomically. `reasons` also say why nothing happened: they are the log line, the metric label and
 * the test's assertion.
 */
import type { CheckState } from '../judge/check-state.ts';
import type { Drill } from './drill.ts';
import type { Incident, Member, Override, Silence, TimelineEntry } from './incident.ts';
import type { Notification } from './notification.ts';
import type { Reach } from './reach.ts';

export interface Change {
  /** Counts up by one with every Change of this data directory. */
  readonly seq: number;
  /** Counts up with every start: a fenced daemon's is too low. */
  readonly epoch: number;
  readonly at: number;
  readonly checks: readonly CheckState[];
  readonly incidents: readonly Incident[];
  readonly members: readonly Member[];
  readonly timeline: readonly TimelineEntry[];
  readonly notifications: readonly Notification[];
  readonly silences: readonly Silence[];
  readonly overrides: readonly Override[];
  readonly drills: readonly Drill[];
  readonly reaches: readonly Reach[];
  /** By channel: how far its replies have been heard. Opaque to all but the channel. */
  readonly cursors: readonly Cursor[];
  /** Those that a store which was found late knows, and its rows do not tell of; left out: none. */
  readonly codes?: readonly UsedCode[];
  readonly reasons: readonly Decision[];
}

export interface UsedCode {
  readonly code: string;
  /** Last, epoch ms. */
  readonly usedAt: number;
}

export interface Cursor {
  readonly channel: string;
  readonly value: string;
}

/** What was decided about one input, and about what. */
export interface Decision {
  readonly outcome: DecisionOutcome;
  /** An incident's id, where there is one. */
  readonly incident?: string;
  readonly check?: string;
  readonly key?: string;
  readonly silence?: string;
  readonly override?: string;
  readonly drill?: string;
}

export type DecisionOutcome =
  | 'opened'
  | 'opened, nobody to page'
  | 'joined'
  | 'reopened'
  | 'flapping, held open'
  | 'member changed'
  | 'silenced'
  | 'silence begun'
  | 'silence ended'
  | 'unknown silence'
  | 'override set'
  | 'override ended'
  | 'unknown override'
  | 'maintenance begun'
  | 'maintenance ended'
  | 'maintenance planned'
  | 'maintenance no longer planned'
  | 'planned in checks.yml'
  | 'drill planned'
  | 'drill no longer planned'
  | 'drill missed'
  | 'drill begun'
  | 'drill under way'
  | 'drill asked'
  | 'drill answered'
  | 'drill answered already'
  | 'drill spared'
  | 'drill over'
  | 'drill not under way'
  | 'drill told'
  | 'unknown drill'
  | 'owner told'
  | 'nobody to tell'
  | 'paging silenced'
  | 'paging again'
  | 'on its own'
  | 'not part of an incident'
  | 'report kept'
  | 'paged'
  | 'posted elsewhere'
  | 'posts at risk'
  | 'escalated'
  | 'repeated'
  | 'last resort'
  | 'waiting for hours'
  | 'followed up'
  | 'nothing joined'
  | 'acknowledged'
  | 'acknowledged already'
  | 'ack expired'
  | 'resolved'
  | 'resolved already'
  | 'still down'
  | 'unknown incident'
  | 'noted'
  | 'raised'
  | 'lowered'
  | 'unknown responder'
  | 'unknown escalation'
  | 'unknown hook'
  | 'no address'
  | 'receipt recorded'
  | 'unknown notification'
  | 'no receipt'
  | 'failed over'
  | 'failed over in part'
  | 'unreachable address'
  | 'nowhere to fail over to'
  | 'withheld'
  | 'bundle begun'
  | 'bundle due'
  | 'bundled'
  | 'nothing left to tell'
  | 'told late'
  | 'answered'
  | 'heard already'
  | 'heard in part'
  | 'cursor moved'
  | 'overdue deadlines collapsed'
  | 'deadlines moved'
  | 'nothing overdue'
  | 'remembered'
  | 'removed'
  | 'paging ended'
  | 'nothing due'
  | 'nothing changed';
