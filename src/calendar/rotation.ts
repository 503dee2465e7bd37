/**
 * Who is on duty when. Members take turns at each hand-over, counted from `start`: the first member
 * has it from the first hand-over on or after that day. Before it they have it as well, so that a
 * rotation that has not begun is no gap. A later layer covers an earlier one in its hours.
 */
import { nextAt } from './cron.ts';
import { closesAt, opensAt, type Hours } from './hours.ts';

export interface Rotation {
  readonly id: string;
  /** At least one; the last that is on at an instant has it. */
  readonly layers: readonly Layer[];
}

export interface Layer {
  /** Responders' ids. */
  readonly members: readonly string[];
  /** The midnight, in the layer's zone, at which its first day begins: epoch ms. */
  readonly startsAt: number;
  /** A crontab line. */
  readonly handoff: string;
  readonly timezone: string;
  /** null: always. */
  readonly hours: Hours | null;
}

export interface Duty {
  readonly responder: string;
  /** When this turn of theirs ends at the latest: the next hand-over, or the end of hours. */
  readonly until: number;
  /** Which of the rotation's layers, 0-based; null: somebody has taken this turn over. */
  readonly layer: number | null;
}

/** Somebody has it for a while, whoever's turn it is. Epoch ms; `until` is not part of it. */
export interface Spell {
  readonly responder: string;
  readonly from: number;
  readonly until: number;
}

/** The same with turns taken over: of several spells at a time the last one counts. */
export function dutyWith(rotation: Rotation, spells: readonly Spell[], at: number): Duty | null {
  const over = spells.findLast(({ from, until }) => from <= at && at < until);
  const begins = spells.filter(({ from }) => from > at).map(({ from }) => from);
  if (over) {
    return { responder: over.responder, until: Math.min(over.until, ...begins), layer: null };
  }
  const duty = onDuty(rotation, at);
  return duty && { ...duty, until: Math.min(duty.until, ...begins) };
}

/** null: a gap. */
export function onDuty({ layers }: Rotation, at: number): Duty | null {
  let until = Infinity;
  for (let i = layers.length - 1; i >= 0; i -= 1) {
    const layer = layers[i];
    if (!layer) continue;
    const { hours, timezone, members } = layer;
    const begins = hours === null ? at : opensAt(hours, timezone, at);
    if (begins > at) {
      // A layer above begins then, and has it from there on.
      until = Math.min(until, begins);
      continue;
    }
    const { turn, endsAt } = turnAt(layer, at);
    const ends = hours === null ? Infinity : closesAt(hours, timezone, at);
    const responder = members[turn % members.length];
    if (responder === undefined) continue;
    return { responder, until: Math.min(until, ends, endsAt), layer: i };
  }
  return null;
}

/**
 * Counts the hand-overs up to `at` beforehand, `most` at a time: of years of them the first question
 * would hold the loop for a tenth of a second. False: there are more to count.
 */
export function countTurns({ layers }: Rotation, at: number, most: number): boolean {
  return layers.every((layer) => (count(layer, at, most).at(-1) ?? Infinity) > at);
}

/** The first time from `from` on, for `forMs`, at which nobody is on duty; null: there is none. */
export function gapIn(
  rotation: Rotation,
  from: number,
  forMs: number,
): { readonly from: number; readonly until: number } | null {
  for (let at = from; at < from + forMs;) {
    const duty = onDuty(rotation, at);
    if (duty === null) {
      const openings = rotation.layers.map(({ hours, timezone }) =>
        hours === null ? at : opensAt(hours, timezone, at),
      );
      return { from: at, until: Math.min(...openings) };
    }
    at = duty.until;
  }
  return null;
}

/** The local midnight that begins a day such as 2026-01-05: epoch ms. */
export function midnightOf(date: string, timezone: string): number {
  const [year = 1970, month = 1, day = 1] = date.split('-').map(Number);
  // No zone is farther from UTC than 14 hours.
  const before = Date.UTC(year, month - 1, day) - 15 * HOUR_MS;
  return nextAt(`0 0 ${day} ${month} *`, timezone, before) ?? before;
}
const HOUR_MS = 3_600_000;

/** The hand-overs until the first after `at`, or `most` more than are known. */
function count(layer: Layer, at: number, most = Infinity): readonly number[] {
  const handoffs = handoffsOf(layer);
  let last = handoffs.at(-1) ?? layer.startsAt;
  for (let more = 0; last <= at && more < most; more += 1) {
    last = nextAt(layer.handoff, layer.timezone, last) ?? Infinity;
    handoffs.push(last);
  }
  return handoffs;
}

/** How many hand-overs there were since the first; each is computed once, as it takes a while. */
function turnAt(layer: Layer, at: number): { readonly turn: number; readonly endsAt: number } {
  const handoffs = count(layer, at);
  let [low, high] = [0, handoffs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((handoffs[middle] ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return { turn: Math.max(0, low - 1), endsAt: handoffs[Math.max(1, low)] ?? Infinity };
}

const known = new Map<string, number[]>();
const KNOWN_MAX = 1_000;

function handoffsOf({ handoff, timezone, startsAt }: Layer): number[] {
  const key = `${timezone} ${String(startsAt)} ${handoff}`;
  const list = known.get(key);
  if (list !== undefined) return list;
  if (known.size >= KNOWN_MAX) known.clear();
  const first = nextAt(handoff, timezone, startsAt - 1) ?? Infinity;
  const begun = [first, nextAt(handoff, timezone, first) ?? Infinity];
  known.set(key, begun);
  return begun;
}
