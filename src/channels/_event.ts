/** What has happened, for machines: the same event by a webhook and to a program. */
import type { Notification } from '../incident/notification.ts';
import type { IncidentView } from '../incident/view.ts';
import type { Letter } from './channel.ts';

export interface Event {
  readonly version: 1;
  readonly type:
    | 'incident.opened'
    | 'incident.acknowledged'
    | 'incident.escalated'
    | 'incident.updated'
    | 'incident.resolved'
    | 'drill';
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly incident: IncidentView | null;
  /** Of a drill: its code, whose people are asked, and what is told of it. */
  readonly drill?: {
    readonly code: string;
    readonly escalation: string;
    readonly state: 'asked' | 'begun' | 'over';
    readonly asked: number;
    readonly answered: number;
  };
}

const DRILL_STATES = { drill: 'asked', drill_begun: 'begun', drill_over: 'over' } as const;

export function eventOf({ notification, incident }: Letter): Event {
  const at = new Date(notification.at).toISOString();
  const event = { version: 1, type: typeOf(notification), at, incident } as const;
  const { facts } = notification;
  if (!('answered' in facts)) return event;
  const { code, escalation, asked, answered } = facts;
  return {
    ...event,
    drill: { code, escalation, state: DRILL_STATES[facts.event], asked, answered },
  };
}

/** Reopened is opened: whoever closed a ticket at the end needs one again. */
function typeOf({ kind, facts }: Notification): Event['type'] {
  if (kind === 'drill') return 'drill';
  switch (facts.event) {
    case 'opened':
    case 'reopened':
      return 'incident.opened';
    case 'escalated':
    case 'still_down':
      return 'incident.escalated';
    case 'acknowledged':
      return 'incident.acknowledged';
    case 'resolved':
      return 'incident.resolved';
    case 'updated':
    case 'flapping':
    case 'answer':
    case 'notice':
      return 'incident.updated';
    case 'drill':
    case 'drill_begun':
    case 'drill_over':
    case 'test':
      return 'drill';
  }
}
