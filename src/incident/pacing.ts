/**
 * When what was decided may leave. A phone that rings all the time is not looked at: to one person
 * at most 5 in 15 minutes and 11 an hour, and in a storm, one message about all of it. It is asked
 * last in every decision, when all that it makes is known; what has to wait waits in a bundle.
 */
import { bundle, gather, holdUntrue } from './bundle.ts';
import { sortOf, wasAsked, type Row } from './bundle-parts.ts';
import type { Draft } from './draft.ts';
import { HOUR_MS, isBundle, isHeld, laneOf, type Bundle } from './lane.ts';
import type { Notification } from './notification.ts';
import { mayHaveArrived } from './telling.ts';

const QUARTER_MS = 15 * 60_000;
const IN_A_QUARTER = 5;
/** Beyond these, one in each quarter of an hour: together 11 an hour, and none waits for longer than that. */
const FAST_IN_AN_HOUR = 11 - HOUR_MS / QUARTER_MS;

/** Fewer incidents at once are told one by one, each with all that is known of it. */
const MANY = 3;
/** The third of a kind within so long makes a storm. */
const BURST_MS = 30_000;
/** So long others are waited for in a storm, twice as long after every message. Longer, and the second message comes late; shorter, and it says little. */
const GATHER_MS = 15_000;
const GATHER_MAX_MS = 4 * 60_000;

interface Traffic {
  /** Decided just now. */
  readonly fresh: Row[];
  /** Tried in vain just now. */
  readonly retried: Row[];
}

export function pace(draft: Draft): void {
  holdUntrue(draft);
  const left = new Map<string, number[]>();
  for (const [lane, { fresh, retried }] of trafficOf(draft)) {
    waitTogether(draft, lane, retried);
    const [first] = fresh;
    const times = first ? leftBy(draft, first, left) : [];
    const storm = stormOn(draft, lane);
    const urgent = fresh.filter((row) => mayNotWait(draft, row) && !storm.isOne(row));
    const leaving = incidentsIn(urgent) < MANY ? urgent : bundle(draft, [], urgent);
    for (const row of leaving) times.push(row.at);
    const rest = fresh.filter((row) => !urgent.includes(row));
    for (const row of paceRest(draft, lane, rest, times, storm.isOne)) times.push(row.at);
  }
}

/** What leaves now of what may wait. */
function paceRest(
  draft: Draft,
  lane: string,
  rest: readonly Row[],
  times: readonly number[],
  isStorm: (row: Row) => boolean,
): readonly Notification[] {
  const held = heldOn(draft, lane);
  if (draft.lanesDue.has(lane)) return bundle(draft, held, rest);
  const [first] = rest;
  if (!first) return [];
  const gathering = held.find(({ attempts }) => attempts === 0);
  const until = Math.max(
    isPhone(draft, first) ? freeAt(times, draft.now) : draft.now,
    rest.some(isStorm) ? draft.now + gatherMs(times, draft.now) : draft.now,
  );
  if (gathering || until > draft.now) {
    gather(draft, gathering, rest, until);
    return [];
  }
  const hasRoom =
    !isPhone(draft, first) || since(times, draft.now - QUARTER_MS) + rest.length <= IN_A_QUARTER;
  return incidentsIn(rest) < MANY && hasRoom ? rest : bundle(draft, [], rest);
}

/** When one more may go to this phone: within 15 minutes in any case. */
function freeAt(times: readonly number[], now: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  const quarter = (sorted.at(-IN_A_QUARTER) ?? -Infinity) + QUARTER_MS;
  const hour = (sorted.at(-FAST_IN_AN_HOUR) ?? -Infinity) + HOUR_MS;
  return Math.max(now, Math.min(now + QUARTER_MS, Math.max(quarter, hour)));
}

function gatherMs(times: readonly number[], now: number): number {
  const before = Math.max(1, since(times, now - QUARTER_MS));
  return Math.min(GATHER_MAX_MS, GATHER_MS * 2 ** (before - 1));
}

/** When messages left for this phone, or by this lane where it is no phone, within an hour. */
function leftBy(draft: Draft, row: Row, known: Map<string, number[]>): number[] {
  const { responder, channel } = row;
  const isOne = isPhone(draft, row);
  const id = isOne ? (responder ?? '') : laneOf(row);
  const phones = [...draft.config.channels.values()].filter(({ address }) => address === 'sms');
  const channels = isOne ? phones.map((phone) => phone.id) : [channel];
  const times =
    known.get(id) ??
    channels
      .flatMap((each) => recentOn(draft, laneOf({ responder, channel: each })))
      // A phone that never rang is not spared: what fails goes another way at once.
      .filter(({ state }) => state !== 'failed')
      .map(({ at }) => at)
      .filter((at) => at > draft.now - HOUR_MS);
  known.set(id, times);
  return times;
}

/** Is a message one of very many? For what is critical, only the critical ones make a storm. */
function stormOn(draft: Draft, lane: string): { readonly isOne: (row: Row) => boolean } {
  const recent = recentOn(draft, lane);
  const bundles = recent.filter((row) => isBundle(row) && row.about.length >= MANY);
  const outages = bundles.filter((row) => sortOf(row) === 'down');
  const isLate = ({ at }: Row) => at > draft.now - QUARTER_MS;
  const isAsBad = (row: Row, than: Row) =>
    than.facts.severity !== 'critical' || row.facts.severity === 'critical';
  const isBurst = (row: Row): boolean => {
    const sort = sortOf(row);
    const others = recent.filter(
      (other) =>
        other.at > draft.now - BURST_MS &&
        sortOf(other) === sort &&
        other.about[0] !== row.about[0] &&
        isAsBad(other, row),
    );
    return others.length >= MANY - 1;
  };
  return {
    isOne(row) {
      switch (sortOf(row)) {
        case 'down':
          return outages.some((one) => isLate(one) && isAsBad(one, row)) || isBurst(row);
        case 'over':
          return bundles.length > 0 || isBurst(row) || wasToldInBundle(draft, row);
        case 'news':
          return bundles.some(isLate);
      }
    },
  };
}

function wasToldInBundle(draft: Draft, { about, responder, channel }: Row): boolean {
  for (const told of draft.notificationsOf(about[0] ?? '')) {
    const isSame = told.responder === responder && told.channel === channel;
    if (isSame && isBundle(told) && told.about.length >= MANY && mayHaveArrived(told)) return true;
  }
  return false;
}

/** What is critical and not known to be yet, what somebody asked for, and what another way has failed to tell. */
function mayNotWait(draft: Draft, row: Row): boolean {
  const { facts, key, standsInFor, about, responder } = row;
  if (standsInFor !== null || wasAsked(row)) return true;
  if (row.kind === 'page' && facts.by !== null) return true;
  if (sortOf(row) !== 'down' || facts.severity !== 'critical') return false;
  if (facts.event === 'opened' || facts.event === 'reopened') return true;
  if (facts.event !== 'escalated') return false;
  for (const told of draft.notificationsOf(about[0] ?? '')) {
    const isCritical = 'severity' in told.facts && told.facts.severity === 'critical';
    const isOther = told.key !== key && told.responder === responder;
    if (isOther && isCritical && mayHaveArrived(told)) return false;
  }
  return true;
}

/** A channel that fails has one message waiting for its next try, not one for every incident. */
function waitTogether(draft: Draft, lane: string, retried: readonly Row[]): void {
  for (const row of retried) {
    if (isBundle(row)) draft.putNotification({ ...row, heldUntil: row.dueAt });
  }
  const alone = retried.filter((row) => !isBundle(row));
  if (alone.length === 0) return;
  const others = [...(draft.board.lanes.get(lane)?.trying ?? [])]
    .flatMap((key) => draft.notification(key) ?? [])
    .filter(isTold)
    .filter((row) => !alone.includes(row) && isWaiting(draft, row));
  const waiting = heldOn(draft, lane).find(({ attempts }) => attempts > 0);
  const all = [...others, ...alone];
  if (incidentsIn(all) < 2 && !waiting) return;
  gather(draft, waiting, all, Math.max(...all.map(({ dueAt }) => dueAt ?? draft.now)));
}

/** For its next try: it is not under way, so nobody has it. */
function isWaiting(draft: Draft, row: Row): boolean {
  return row.attempts > 0 && (row.dueAt ?? 0) > draft.now && !isHeld(row) && !isBundle(row);
}

function trafficOf(draft: Draft): ReadonlyMap<string, Traffic> {
  const lanes = new Map<string, Traffic>();
  const on = (lane: string): Traffic => {
    const traffic = lanes.get(lane) ?? { fresh: [], retried: [] };
    lanes.set(lane, traffic);
    return traffic;
  };
  for (const row of draft.notified()) {
    if (!isTold(row) || row.dueAt === null || isHeld(row) || !isPaced(draft, row)) continue;
    const before = draft.board.notifications.get(row.key);
    // A bundle among the fresh ones stands in for another.
    if (!before && !isBundle(row)) on(laneOf(row)).fresh.push(row);
    else if (!before) continue;
    else if (row.attempts > before.attempts) on(laneOf(row)).retried.push(row);
  }
  for (const lane of draft.lanesDue) on(lane);
  return lanes;
}

/** Machines want every incident by itself, and drills are about none. */
function isPaced(draft: Draft, { channel, kind }: Row): boolean {
  const known = draft.config.channels.get(channel);
  return known !== undefined && known.forMachines !== true && kind !== 'drill';
}

function isPhone(draft: Draft, { channel }: Row): boolean {
  return draft.config.channels.get(channel)?.address === 'sms';
}

function isTold(row: Notification): row is Row {
  return 'severity' in row.facts;
}

function recentOn(draft: Draft, lane: string): readonly Row[] {
  const keys = draft.board.lanes.get(lane)?.recent ?? [];
  return [...keys].flatMap((key) => draft.notification(key) ?? []).filter(isTold);
}

function heldOn(draft: Draft, lane: string): readonly Bundle[] {
  const keys = draft.board.lanes.get(lane)?.held ?? [];
  const rows = [...keys].flatMap((key) => draft.notification(key) ?? []);
  return rows.filter(isBundle).filter(isHeld);
}

function incidentsIn(rows: readonly Row[]): number {
  return new Set(rows.flatMap(({ about }) => about)).size;
}

function since(times: readonly number[], from: number): number {
  return times.filter((at) => at > from).length;
}
