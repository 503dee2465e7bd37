/**
 * When a check is next looked at. Due times lie on a grid of their own (start + phase + k × every),
 * so a late look never delays the ones after it; the phase comes from a hash of the id, so that
 * checks with one rhythm spread over it and a check keeps its place whatever else is configured.
 * What one would get wrong: they share their instants. Ten looks that begin together cost half of
 * ten that begin apart, each of which wakes a process whose code has left the core's caches.
 */
import { nextAt } from '../calendar/cron.ts';
import type { Check } from '../config/config.ts';

/** How far apart the first looks are, so that ten thousand checks do not begin as one. */
const FIRST_LOOKS_APART_MS = 20;
const FIRST_LOOKS_WITHIN_MS = 4_000;
/** Nearer to each other they would wait for each other, on one core, and seem slow. */
const FIRST_LOOKS_LEAST_APART_MS = 0.25;

/** More would hold the loop for longer than a page should wait. */
const TOGETHER = 10;
/** Nobody sees whether looks are spread over their rhythm more finely than that. */
const LONGEST_SLOT_MS = 100;
/** That a rhythm has, however fast it is. */
const LEAST_SLOTS = 10;

type Placed = Pick<Check, 'id' | 'rhythm'>;

/** Where due times lie. */
export interface Grid {
  /** Epoch ms. */
  readonly startedAt: number;
  /** How far apart the instants are at which looks begin. */
  readonly slotMs: number;
}

/** So that of looks in their rhythm some ten begin together, or as many as there are in 0.1 s. */
export function slotFor(checks: Iterable<Placed>): number {
  let looksAMs = 0;
  for (const { rhythm } of checks) if ('everyMs' in rhythm) looksAMs += 1 / rhythm.everyMs;
  return Math.max(1, Math.min(LONGEST_SLOT_MS, Math.round(TOGETHER / looksAMs)));
}

/**
 * The first due time after `now`; Infinity for a cron that never comes. All epoch ms. In a rhythm what
 * is nearly there is left out: where slots are others after a reload, places have moved by so much.
 */
export function nextDue({ id, rhythm }: Placed, { startedAt, slotMs }: Grid, now: number): number {
  if ('cron' in rhythm) return nextAt(rhythm.cron, rhythm.timezone, now) ?? Infinity;
  const { everyMs } = rhythm;
  const slot = Math.min(slotMs, everyMs / LEAST_SLOTS);
  const origin = startedAt + Math.floor(Math.floor((share(id) * everyMs) / slot) * slot);
  const after = now + Math.min(LONGEST_SLOT_MS, everyMs / 2);
  return origin + Math.max(0, Math.floor((after - origin) / everyMs) + 1) * everyMs;
}

/** The first looks of a start all begin within four seconds of it, of which `uptimeMs` are over. */
export function firstWithinMs(count: number, uptimeMs: number): number {
  const leastMs = Math.min(FIRST_LOOKS_WITHIN_MS, FIRST_LOOKS_LEAST_APART_MS * count);
  return Math.max(leastMs, FIRST_LOOKS_WITHIN_MS - uptimeMs);
}

/**
 * When a check that is new or changed is first looked at, being one of `count` such. A cron's time
 * that passed since `lookedAt` was missed while nobody was there, and is made up for at once.
 */
export function firstDue(
  check: Placed,
  count: number,
  now: number,
  lookedAt: number | null = null,
  withinMs = FIRST_LOOKS_WITHIN_MS,
): number {
  const { id, rhythm } = check;
  if ('cron' in rhythm) {
    const { cron, timezone } = rhythm;
    const missed = lookedAt === null ? Infinity : (nextAt(cron, timezone, lookedAt) ?? Infinity);
    return missed <= now ? now : (nextAt(cron, timezone, now) ?? Infinity);
  }
  const spread = Math.min(rhythm.everyMs, FIRST_LOOKS_APART_MS * count, withinMs);
  return now + Math.floor(share(id) * spread);
}

/** A number in [0, 1) that is always the same for an id: FNV-1a, then mixed as murmur3 ends. */
function share(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
