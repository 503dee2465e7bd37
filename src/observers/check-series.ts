/**
 * The series that exist once a check. There may be ten thousand checks, so that these are kept as
 * plain numbers beside labels rendered once, and walked in slices: neither a scrape nor a reload must
 * hold the loop, so that labels are rendered at the first scrape that shows them.
 * A series is there because its check is configured, and gone with it; only counts are carried over.
 */
import type { Check, Config } from '../config/config.ts';
import type { TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Status } from '../judge/verdict.ts';
import type { AnyProbe } from '../probes/probe.ts';
import { heading, labelName, labels, sample } from './exposition.ts';
import { isFresh } from '../judge/freshness.ts';

const STATUSES: readonly Status[] = ['up', 'degraded', 'down', 'unknown'];

type Looked = Extract<TocsinEvent, { type: 'looked' }>;
type Reading = number | ReadonlyMap<string, number>;

/** The labels of one check, as text. */
interface Labels {
  readonly bare: string;
  readonly instance: string;
  readonly info: string;
  readonly byState: readonly string[];
  readonly byResult: readonly string[];
}

/** All that is kept of one check. */
interface Slot {
  readonly check: Check;
  readonly location: string | null;
  /** null: not shown yet. */
  labels: Labels | null;
  /** Looks since the start by how they came out, in the order of STATUSES. */
  readonly results: number[];
  /** By gauge's name: what the last look's facts say. */
  readings: ReadonlyMap<string, Reading>;
  nextAt: number | null;
}

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** The samples of one check; '' leaves it out. `state`: null before its first look. */
  samples(slot: Slot, state: CheckState | null, now: number): string;
}

export interface CheckSeries {
  configure(config: Config): void;
  looked(event: Looked): void;
  /** The text, in pieces of at most a few lines; what is configured meanwhile shows the next time. */
  pieces(board: ReadonlyBoard, now: number): Generator<string>;
}

export function createCheckSeries(probes: ReadonlyMap<string, AnyProbe>): CheckSeries {
  const families = [...OWN_FAMILIES, ...gaugeFamilies(probes)];
  let slots = new Map<string, Slot>();
  return {
    configure(config) {
      const before = slots;
      slots = new Map();
      for (const check of config.checks.values()) {
        slots.set(check.id, makeSlot(check, config.location, before.get(check.id)));
      }
    },
    looked({ verdict, facts, nextAt }) {
      const slot = slots.get(verdict.check);
      if (slot === undefined) return;
      const result = STATUSES.indexOf(verdict.status);
      slot.results[result] = (slot.results[result] ?? 0) + 1;
      if (slot.check.generation !== verdict.generation) return;
      slot.readings = readGauges(probes.get(slot.check.type), facts);
      slot.nextAt = nextAt;
    },
    *pieces(board, now) {
      const snapshot = [...slots.values()];
      for (const family of families) {
        let introduced = false;
        for (const slot of snapshot) {
          const text = family.samples(slot, board.checks.get(slot.check.id) ?? null, now);
          if (text === '') continue;
          if (!introduced) yield heading(family.name, family.type, family.help);
          introduced = true;
          yield text;
        }
      }
    },
  };
}

function makeSlot(check: Check, location: string | null, before: Slot | undefined): Slot {
  const same = before?.check.generation === check.generation ? before : undefined;
  return {
    check,
    location,
    labels: null,
    results: before?.results ?? STATUSES.map(() => 0),
    readings: same?.readings ?? NO_READINGS,
    nextAt: same?.nextAt ?? null,
  };
}

const NO_READINGS: ReadonlyMap<string, Reading> = new Map();

function labelsOf(slot: Slot): Labels {
  return (slot.labels ??= renderLabels(slot.check, slot.location));
}

function renderLabels(check: Check, location: string | null): Labels {
  const render = (pairs: Readonly<Record<string, string>>): string =>
    labels({ ...pairs, ...(location === null ? {} : { location }) });
  const { id, name, type, severity, escalation, tags } = check;
  return {
    bare: render({ check: id }),
    instance: render({ instance: check.target, check: id }),
    info: render({
      check: id,
      name,
      type,
      severity,
      escalation: escalation ?? 'none',
      ...Object.fromEntries(Object.entries(tags).map(([k, v]) => [`tag_${labelName(k)}`, v])),
    }),
    byState: STATUSES.map((state) => render({ check: id, state })),
    byResult: STATUSES.map((result) => render({ check: id, result })),
  };
}

function readGauges(probe: AnyProbe | undefined, facts: unknown): ReadonlyMap<string, Reading> {
  const readings = new Map<string, Reading>();
  if (probe === undefined || facts === null) return readings;
  for (const gauge of probe.gauges) {
    const reading = gauge.read(facts);
    if (reading !== undefined) readings.set(gauge.name, reading);
  }
  return readings;
}

/** Two probes may share a gauge (`probe_ip_protocol`): one family, the first one's help. */
function gaugeFamilies(probes: ReadonlyMap<string, AnyProbe>): Family[] {
  const byName = new Map<string, Family>();
  for (const { name, help, label } of [...probes.values()].flatMap((probe) => probe.gauges)) {
    if (byName.has(name)) continue;
    byName.set(name, {
      name,
      type: 'gauge',
      help,
      samples(slot, state, now) {
        const reading = slot.readings.get(name);
        if (reading === undefined || state === null) return '';
        if (!isFresh(slot.check, state, now, slot.nextAt)) return '';
        if (typeof reading === 'number') return sample(name, labelsOf(slot).instance, reading);
        return [...reading]
          .map(([value, n]) =>
            sample(name, `${labelsOf(slot).instance},${labels({ [label ?? 'value']: value })}`, n),
          )
          .join('');
      },
    });
  }
  return [...byName.values()];
}

const OWN_FAMILIES: readonly Family[] = [
  {
    name: 'probe_success',
    type: 'gauge',
    help: 'Was the last look a success? Absent when it could not tell or is too old to say.',
    samples(slot, state, now) {
      if (state === null || state.lastStatus === 'unknown') return '';
      if (!isFresh(slot.check, state, now, slot.nextAt)) return '';
      return sample(this.name, labelsOf(slot).instance, state.lastStatus === 'down' ? 0 : 1);
    },
  },
  {
    name: 'probe_duration_seconds',
    type: 'gauge',
    help: 'How long the last look took, in seconds.',
    samples(slot, state, now) {
      const tookMs = state?.tookMs ?? null;
      if (state === null || tookMs === null) return '';
      if (!isFresh(slot.check, state, now, slot.nextAt)) return '';
      return sample(this.name, labelsOf(slot).instance, tookMs / 1000);
    },
  },
  {
    name: 'tocsin_check_info',
    type: 'gauge',
    help: 'What a check is, as labels; always 1.',
    samples(slot) {
      return sample(this.name, labelsOf(slot).info, 1);
    },
  },
  {
    name: 'tocsin_check_state',
    type: 'gauge',
    help: 'The confirmed state of a check: 1 for the one it is in.',
    samples(slot, state) {
      const status = state?.status ?? 'unknown';
      return labelsOf(slot)
        .byState.map((rendered, i) => sample(this.name, rendered, STATUSES[i] === status ? 1 : 0))
        .join('');
    },
  },
  {
    name: 'tocsin_probe_results_total',
    type: 'counter',
    help: 'Looks by how each came out, before any confirming.',
    samples(slot) {
      return labelsOf(slot)
        .byResult.map((rendered, i) => sample(this.name, rendered, slot.results[i] ?? 0))
        .join('');
    },
  },
  {
    name: 'tocsin_probe_last_run_timestamp_seconds',
    type: 'gauge',
    help: 'When the last look began, Unix time; 0 before the first.',
    samples(slot, state) {
      return sample(this.name, labelsOf(slot).bare, (state?.lookedAt ?? 0) / 1000);
    },
  },
];
