/**
 * The series of incidents: how many there are, who has each, and how long people took. What is there
 * now is read off the board at the scrape; how long it took counts from the start of the process. A
 * name that somebody typed is no label: who is no responder of the configuration is `other`.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { Change } from '../incident/change.ts';
import type { Incident } from '../incident/incident.ts';
import type { Exemplar } from './exposition.ts';

export const SEVERITIES = ['critical', 'major', 'minor'] as const;
/** Each in a series of its own; in a storm of more the rest is in `tocsin_incidents` alone. */
const INCIDENTS_NAMED = 500;
const TO_PAGE_BUCKETS_SECONDS = [5, 10, 20, 30, 45, 60, 90, 120, 300, 600, 1_800, 3_600];
const TO_ACKNOWLEDGE_BUCKETS_SECONDS = [15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 14_400];
const TO_RESOLVE_BUCKETS_SECONDS = [
  60, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 604_800,
];

export interface IncidentMetrics {
  changed(event: Extract<TocsinEvent, { type: 'changed' }>): void;
  /** Of a metric: the last one of each bucket, by the name of its line and its labels. */
  exemplars(metric: string): ReadonlyMap<string, Exemplar> | undefined;
}

export function createIncidentMetrics(
  registers: Registry[],
  board: () => ReadonlyBoard,
  config: () => Config,
): IncidentMetrics {
  presentMetrics(registers, board, config);
  const opened = new Counter({
    name: 'tocsin_incidents_total',
    help: 'Incidents opened, by the severity they opened with.',
    labelNames: ['severity'],
    registers,
  });
  for (const severity of SEVERITIES) opened.inc({ severity }, 0);
  const exemplars = new Map<string, Map<string, Exemplar>>();
  const took = durationMetrics(registers, exemplars);

  return {
    exemplars: (metric) => exemplars.get(metric),
    changed({ change }) {
      for (const { outcome, incident } of change.reasons) {
        const row = change.incidents.find(({ id }) => id === incident);
        if (row === undefined) continue;
        const { severity } = row;
        if (outcome === 'opened' || outcome === 'opened, nobody to page') {
          opened.inc({ severity });
        } else if (outcome === 'acknowledged' && isFirst(board(), row)) {
          took.acknowledge(row, row.openedAt, change.at);
        } else if (outcome === 'resolved') {
          took.resolve(row, row.openedAt, change.at);
        }
      }
      for (const row of firstReached(change, board())) {
        took.page(row, row.brokeAt, change.at);
      }
    },
  };
}

function presentMetrics(
  registers: Registry[],
  board: () => ReadonlyBoard,
  config: () => Config,
): void {
  new Gauge({
    name: 'tocsin_incidents',
    help: 'Unresolved incidents.',
    labelNames: ['state', 'severity'],
    registers,
    collect() {
      for (const severity of SEVERITIES) {
        this.set({ state: 'open', severity }, 0);
        this.set({ state: 'acknowledged', severity }, 0);
      }
      for (const { state, severity } of board().incidents.values()) {
        if (state !== 'resolved') this.inc({ state, severity });
      }
    },
  });
  new Gauge({
    name: 'tocsin_incident_info',
    help: 'An unresolved incident and who has acknowledged it (a responder, other, or nobody); always 1.',
    labelNames: ['incident', 'severity', 'state', 'by'],
    registers,
    collect() {
      this.reset();
      for (const { code, severity, state, acknowledgedBy } of named(board())) {
        const known = config().responders.has(acknowledgedBy ?? '');
        const by = acknowledgedBy === null ? 'nobody' : known ? acknowledgedBy : 'other';
        this.set({ incident: code, severity, state, by }, 1);
      }
    },
  });
  new Gauge({
    name: 'tocsin_incident_opened_timestamp_seconds',
    help: 'When an unresolved incident opened, Unix time.',
    labelNames: ['incident'],
    registers,
    collect() {
      this.reset();
      for (const { code, openedAt } of named(board()))
        this.set({ incident: code }, openedAt / 1000);
    },
  });
}

function named({ incidents }: ReadonlyBoard): Incident[] {
  const unresolved = incidents.values().filter(({ state }) => state !== 'resolved');
  return [...unresolved.take(INCIDENTS_NAMED)];
}

function durationMetrics(registers: Registry[], exemplars: Map<string, Map<string, Exemplar>>) {
  const bySeverity = (name: string, help: string, buckets: number[]) => {
    const histogram = new Histogram({ name, help, buckets, labelNames: ['severity'], registers });
    for (const severity of SEVERITIES) histogram.zero({ severity });
    const lines = new Map<string, Exemplar>();
    exemplars.set(name, lines);
    return ({ severity, code }: Incident, from: number, at: number): void => {
      const value = Math.max(0, at - from) / 1000;
      histogram.observe({ severity }, value);
      const bucket = buckets.find((most) => value <= most) ?? '+Inf';
      const line = `${name}_bucket le="${bucket}" severity="${severity}"`;
      lines.set(line, { labels: { incident: code }, value, at });
    };
  };
  return {
    page: bySeverity(
      'tocsin_incident_time_to_page_seconds',
      'From the first failure of an incident until a channel accepted its first page.',
      TO_PAGE_BUCKETS_SECONDS,
    ),
    acknowledge: bySeverity(
      'tocsin_incident_time_to_acknowledge_seconds',
      'From the opening of an incident until somebody acknowledged it for the first time.',
      TO_ACKNOWLEDGE_BUCKETS_SECONDS,
    ),
    resolve: bySeverity(
      'tocsin_incident_time_to_resolve_seconds',
      'From the opening of an incident until it ended; one that reopens counts at each end.',
      TO_RESOLVE_BUCKETS_SECONDS,
    ),
  };
}

function isFirst(board: ReadonlyBoard, { id }: Incident): boolean {
  const timeline = board.timelines.get(id) ?? [];
  return timeline.filter(({ type }) => type === 'acknowledged').length <= 1;
}

/** Incidents of which the first page was accepted just now. */
function firstReached(change: Change, board: ReadonlyBoard): ReadonlySet<Incident> {
  const reached = new Set<Incident>();
  for (const { kind, about, acceptedAt } of change.notifications) {
    if (kind !== 'page' || acceptedAt !== change.at) continue;
    for (const id of about) {
      const row = board.incidents.get(id);
      const pages = [...(board.notificationsOf.get(id) ?? [])].flatMap(
        (key) => board.notifications.get(key) ?? [],
      );
      const before = pages.some(
        (page) => page.kind === 'page' && page.acceptedAt !== null && page.acceptedAt < change.at,
      );
      if (row !== undefined && !before) reached.add(row);
    }
  }
  return reached;
}
