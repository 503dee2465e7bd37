/**
 * The series that exist once a check. There may be ten thousand checks with twenty series each, so
 * that what is kept of a check is a few numbers in one row and its labels, rendered once: neither a
 * look, a scrape nor a reload must hold the loop. A series is there because its check is configured,
 * and gone with it; only counts are carried over.
 */
import type { Check, Config } from '../config/config.ts';
import type { TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { AnyProbe } from '../probes/probe.ts';
import { familiesOf, STATUSES, type Readings, type Slot } from './check-families.ts';
import { heading, type Format } from './exposition.ts';

type Looked = Extract<TocsinEvent, { type: 'looked' }>;

/** Some hundred microseconds of rendering. More would be strings that outlive the young generation. */
const SLOTS_A_PIECE = 32;

export interface CheckSeries {
  configure(config: Config): void;
  looked(event: Looked): void;
  /** The text, in pieces of some kilobytes; what is configured meanwhile shows the next time. */
  pieces(board: ReadonlyBoard, now: number, format: Format): Generator<string>;
  /** The last look of one check as blackbox_exporter answers: no label says which check it is. */
  blackbox(check: string, board: ReadonlyBoard, now: number, format: Format): string;
}

export function createCheckSeries(probes: ReadonlyMap<string, AnyProbe>): CheckSeries {
  const families = familiesOf(probes);
  const asBlackbox = families.filter(({ name }) => name.startsWith('probe_'));
  const slots = new Map<string, Slot>();
  let checks: Config['checks'] = new Map();
  let location: string | null = null;

  /** Made when it is first asked for: to make ten thousand at once would hold the loop. */
  function slotOf(id: string): Slot | undefined {
    const check = checks.get(id);
    const known = slots.get(id);
    if (check === undefined) return undefined;
    if (known?.check === check && known.location === location) return known;
    const slot = makeSlot(check, location, known);
    slots.set(id, slot);
    return slot;
  }

  return {
    configure(config) {
      ({ checks, location } = config);
      for (const id of slots.keys()) if (!checks.has(id)) slots.delete(id);
    },
    looked({ verdict, facts }) {
      const slot = slotOf(verdict.check);
      if (slot === undefined) return;
      const result = STATUSES.indexOf(verdict.status);
      slot.results[result] = (slot.results[result] ?? 0) + 1;
      if (slot.check.generation !== verdict.generation) return;
      readGauges(slot, probes.get(slot.check.type), facts);
    },
    blackbox(check, board, now, format) {
      const known = slotOf(check);
      if (known === undefined) return '';
      const slot = { ...known, bare: '', instance: '' };
      const state = board.checks.get(check) ?? null;
      let text = '';
      for (const family of asBlackbox) {
        if (family.types?.has(slot.check.type) === false) continue;
        const samples = family.samples(slot, state, now, board);
        if (samples === '') continue;
        text += heading(family.name, family.type, family.help, format) + samples;
      }
      return text;
    },
    *pieces(board, now, format) {
      const byType = new Map<string, Slot[]>();
      let gathered = 0;
      for (const id of checks.keys()) {
        const slot = slotOf(id);
        if (slot !== undefined) byType.getOrInsertComputed(slot.check.type, () => []).push(slot);
        if (++gathered % SLOTS_A_PIECE === 0) yield '';
      }
      for (const family of families) {
        let text = '';
        let above = heading(family.name, family.type, family.help, format);
        let walked = 0;
        for (const [type, those] of byType) {
          if (family.types?.has(type) === false) continue;
          for (const slot of those) {
            text += family.samples(slot, board.checks.get(slot.check.id) ?? null, now, board);
            if (++walked % SLOTS_A_PIECE !== 0) continue;
            // An empty one too: whoever walks may have to rest among checks that show nothing.
            yield text === '' ? '' : above + text;
            if (text !== '') above = '';
            text = '';
          }
        }
        if (text !== '') yield above + text;
      }
    },
  };
}

function makeSlot(check: Check, location: string | null, before: Slot | undefined): Slot {
  const same = before?.check.generation === check.generation ? before : undefined;
  const labelled =
    before?.check.target === check.target && before.location === location ? before : undefined;
  return {
    check,
    location,
    bare: labelled?.bare ?? null,
    instance: labelled?.instance ?? null,
    results: before?.results ?? STATUSES.map(() => 0),
    values: same?.values ?? [],
    readings: same?.readings ?? [],
  };
}

/** In place: a look of each of ten thousand checks leaves no garbage behind. */
function readGauges(slot: Slot, probe: AnyProbe | undefined, facts: unknown): void {
  const gauges = probe?.gauges ?? [];
  let labelled: Readings[number][] | null = null;
  for (const [i, gauge] of gauges.entries()) {
    const reading = facts === null ? undefined : gauge.read(facts);
    slot.values[i] = typeof reading === 'number' ? reading : Number.NaN;
    if (typeof reading === 'object') (labelled ??= [])[i] = reading;
  }
  slot.readings = labelled ?? NO_READINGS;
}
const NO_READINGS: Readings = [];
