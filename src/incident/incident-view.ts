/**
 * From an incident's rows to the shape that machines are shown. It says nothing of what a row keeps
 * for deciding (spells, deadlines), and it never shows more than the first hundred checks: the rest
 * has a page of its own.
 */
import type { ReadonlyBoard } from './board.ts';
import type { Incident, Member, TimelineEntry } from './incident.ts';
import type { Notification } from './notification.ts';
import type { IncidentView, MemberView, NotificationView, TimelineView } from './view.ts';

export const CHECKS_SHOWN = 100;

/** An incident with all its rows, each list in its own order. */
export interface IncidentRows {
  readonly incident: Incident;
  readonly members: readonly Member[];
  readonly timeline: readonly TimelineEntry[];
  readonly notifications: readonly Notification[];
}

/** As it stands in memory; null: it is not (or no longer) there. */
export function viewOnBoard(board: ReadonlyBoard, id: string | undefined): IncidentView | null {
  const incident = board.incidents.get(id ?? '');
  if (!incident) return null;
  const keys = [...(board.notificationsOf.get(incident.id) ?? [])];
  return incidentView({
    incident,
    members: [...(board.members.get(incident.id)?.values() ?? [])],
    timeline: board.timelines.get(incident.id) ?? [],
    notifications: keys.flatMap((key) => board.notifications.get(key) ?? []),
  });
}

export function incidentView(rows: IncidentRows): IncidentView {
  const { incident } = rows;
  return {
    id: incident.id,
    code: incident.code,
    state: incident.state,
    severity: incident.severity,
    title: incident.title,
    checks: rows.members.slice(0, CHECKS_SHOWN).map(memberView),
    checksTotal: rows.members.length,
    openedAt: rfc3339(incident.openedAt),
    acknowledgedAt: rfc3339OrNull(incident.acknowledgedAt),
    acknowledgedBy: incident.acknowledgedBy,
    ...(incident.ackExpiresAt === null
      ? {}
      : { acknowledgedUntil: rfc3339(incident.ackExpiresAt) }),
    silencedAt: rfc3339OrNull(incident.silencedAt),
    resolvedAt: rfc3339OrNull(incident.resolvedAt),
    escalation: incident.escalation,
    timeline: rows.timeline.map(timelineView),
    notifications: rows.notifications.map(notificationView),
  };
}

export function memberView(member: Member): MemberView {
  return {
    id: member.check,
    state: member.state,
    since: rfc3339(member.since),
    reason: member.reason,
    ...(member.below === null ? {} : { below: member.below }),
    ...(member.leftAt === null ? {} : { leftAt: rfc3339(member.leftAt) }),
  };
}

function timelineView(entry: TimelineEntry): TimelineView {
  const { incident: _incident, n: _n, at, ...rest } = entry;
  return { at: rfc3339(at), ...rest };
}

export function notificationView(notification: Notification): NotificationView {
  const { key, kind, responder, channel, state, reason, attempts, reference } = notification;
  const {
    at,
    acceptedAt,
    deliveredAt,
    detail,
    heldUntil = null,
    bundledInto = null,
  } = notification;
  return {
    key,
    kind,
    responder,
    channel,
    state,
    ...(reason === null ? {} : { reason }),
    ...(detail === undefined ? {} : { detail }),
    at: rfc3339(at),
    ...(acceptedAt === null ? {} : { acceptedAt: rfc3339(acceptedAt) }),
    ...(deliveredAt === undefined ? {} : { deliveredAt: rfc3339(deliveredAt) }),
    ...(heldUntil === null ? {} : { heldUntil: rfc3339(heldUntil) }),
    ...(bundledInto === null ? {} : { bundledInto }),
    attempts,
    reference,
  };
}

/** Epoch ms as RFC 3339 in UTC, with milliseconds: `2026-01-05T09:00:00.000Z`. */
export function rfc3339(at: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toString({
    smallestUnit: 'millisecond',
  });
}

export function rfc3339OrNull(at: number | null): string | null {
  return at === null ? null : rfc3339(at);
}
