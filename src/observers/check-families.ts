/**
 * What is shown of each check, family by family: its last look as blackbox_exporter would tell it,
 * and its state as Tocsin counts it. A family is a pure function of one slot, its state and the board;
 * which slots there are is not its business.
 */
import type { Check } from '../config/config.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { CheckState } from '../judge/check-state.ts';
import { isFresh, statusNow } from '../judge/freshness.ts';
import type { Status } from '../judge/verdict.ts';
import type { AnyProbe, Words } from '../probes/probe.ts';
import { labelName, labels, sample } from './exposition.ts';

export const STATUSES: readonly Status[] = ['up', 'degraded', 'down', 'unknown'];

export type Readings = readonly (ReadonlyMap<string, number> | Words | undefined)[];

/** All that is kept of one check. */
export interface Slot {
  readonly check: Check;
  readonly location: string | null;
  /** `check="shop"`, and `instance="…",check="shop"`; null: not shown yet. */
  bare: string | null;
  instance: string | null;
  /** Looks since the start by how they came out, in the order of STATUSES. */
  readonly results: number[];
  /** In the order of the probe's gauges: what the last look's facts say; NaN: nothing. */
  values: number[];
  /** The same, of gauges that have labels of their own. */
  readings: Readings;
}

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Of checks of these types; null: of every check. */
  readonly types: ReadonlySet<string> | null;
  /** The samples of one check; '' leaves it out. `state`: null before its first look. */
  samples(slot: Slot, state: CheckState | null, now: number, board: ReadonlyBoard): string;
}

export function familiesOf(probes: ReadonlyMap<string, AnyProbe>): readonly Family[] {
  return [...OWN_FAMILIES, ...gaugeFamilies(probes)];
}

function bareOf(slot: Slot): string {
  return (slot.bare ??= rendered(slot, { check: slot.check.id }));
}

function instanceOf(slot: Slot): string {
  const { target, id } = slot.check;
  return (slot.instance ??= rendered(slot, { instance: target, check: id }));
}

function joined(some: string, more: string): string {
  return some === '' ? more : `${some},${more}`;
}

function rendered({ location }: Slot, pairs: Readonly<Record<string, string>>): string {
  return labels(location === null ? pairs : { ...pairs, location });
}

/** Two probes may share a gauge (`probe_ip_protocol`): one family, the first one's help. */
function gaugeFamilies(probes: ReadonlyMap<string, AnyProbe>): Family[] {
  const places = new Map<string, ReadonlyMap<string, number>>();
  for (const [type, { gauges }] of probes) {
    places.set(type, new Map(gauges.map(({ name }, i) => [name, i])));
  }
  const byName = new Map<string, Family>();
  for (const { name, help, label = 'value' } of [...probes.values()].flatMap((p) => p.gauges)) {
    if (byName.has(name)) continue;
    const placeIn = new Map<string, number>();
    for (const [type, place] of places) {
      const at = place.get(name);
      if (at !== undefined) placeIn.set(type, at);
    }
    byName.set(name, {
      name,
      type: 'gauge',
      help,
      types: new Set(placeIn.keys()),
      samples(slot, state, now) {
        const place = placeIn.get(slot.check.type);
        if (place === undefined || state === null) return '';
        const value = slot.values[place];
        const reading = slot.readings[place];
        if (value === undefined || (Number.isNaN(value) && reading === undefined)) return '';
        if (!isFresh(slot.check, state, now)) return '';
        const instance = instanceOf(slot);
        if (reading === undefined) return sample(name, instance, value);
        if ('words' in reading) return sample(name, joined(instance, labels(reading.words)), 1);
        let text = '';
        for (const [of, n] of reading) {
          text += sample(name, joined(instance, labels({ [label]: of })), n);
        }
        return text;
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
    types: null,
    samples(slot, state, now) {
      if (state === null || state.lastStatus === 'unknown') return '';
      if (!isFresh(slot.check, state, now)) return '';
      return sample(this.name, instanceOf(slot), state.lastStatus === 'down' ? 0 : 1);
    },
  },
  {
    name: 'probe_duration_seconds',
    type: 'gauge',
    help: 'How long the last look took, in seconds.',
    types: null,
    samples(slot, state, now) {
      const tookMs = state?.tookMs ?? null;
      if (state === null || tookMs === null) return '';
      if (!isFresh(slot.check, state, now)) return '';
      return sample(this.name, instanceOf(slot), tookMs / 1000);
    },
  },
  {
    name: 'tocsin_check_info',
    type: 'gauge',
    help: 'What a check is, as labels; always 1.',
    types: null,
    samples(slot) {
      const { id: check, name, type, severity, escalation, tags } = slot.check;
      const info: Record<string, string> = { check, name, type, severity };
      info['escalation'] = escalation ?? 'none';
      for (const [key, value] of Object.entries(tags)) info[`tag_${labelName(key)}`] = value;
      return sample(this.name, rendered(slot, info), 1);
    },
  },
  {
    name: 'tocsin_check_state',
    type: 'gauge',
    help: 'The confirmed state of a check: 1 for the one it is in; unknown too where nobody looked lately.',
    types: null,
    samples(slot, state, now) {
      const status = statusNow(slot.check, state ?? undefined, now);
      let text = '';
      for (const each of STATUSES) {
        text += sample(this.name, `${bareOf(slot)},state="${each}"`, each === status ? 1 : 0);
      }
      return text;
    },
  },
  {
    name: 'tocsin_check_since_timestamp_seconds',
    help: 'When the confirmed state of a check began, Unix time; absent before the first look.',
    types: null,
    type: 'gauge',
    samples(slot, state) {
      return state === null ? '' : sample(this.name, bareOf(slot), state.since / 1000);
    },
  },
  {
    name: 'tocsin_check_incident_info',
    help: 'The unresolved incident that a check is in, by its code; always 1.',
    types: null,
    type: 'gauge',
    samples(slot, _state, _now, { incidentOf, incidents }) {
      const incident = incidents.get(incidentOf.get(slot.check.id) ?? '');
      if (incident === undefined) return '';
      return sample(this.name, `${bareOf(slot)},incident="${incident.code}"`, 1);
    },
  },
  {
    name: 'tocsin_probe_results_total',
    type: 'counter',
    help: 'Looks by how each came out, before any confirming.',
    types: null,
    samples(slot) {
      let text = '';
      for (const [i, each] of STATUSES.entries()) {
        text += sample(this.name, `${bareOf(slot)},result="${each}"`, slot.results[i] ?? 0);
      }
      return text;
    },
  },
  {
    name: 'tocsin_probe_last_run_timestamp_seconds',
    type: 'gauge',
    help: 'When the last look began, Unix time; 0 before the first.',
    types: null,
    samples(slot, state) {
      return sample(this.name, bareOf(slot), (state?.lookedAt ?? 0) / 1000);
    },
  },
];
