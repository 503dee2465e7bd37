/**
 * Several incidents in one message: which of what was gathered is still true when it leaves, and
 * what it comes to. Everything gathered is withheld with the bundle's key, and counts as told when
 * the bundle does, for the bundle is about the same incidents.
 */
import type { Draft } from './draft.ts';
import { sayingOf, type Saying } from './bundle-facts.ts';
import { gatheredIn, isUntrue, partsOf, sortOf, type Row } from './bundle-parts.ts';
import { isBundle, isHeld, laneOf, type Bundle } from './lane.ts';
import type { BundleFacts, Notification } from './notification.ts';
import { mayHaveArrived } from './telling.ts';

const EMPTY: BundleFacts = { down: 0, checks: 0, over: 0, news: 0, shared: '', lines: [] };

/** They wait in one bundle: in this one, or else in a new one that leaves at `until`. */
export function gather(
  draft: Draft,
  gathering: Bundle | undefined,
  rows: readonly Row[],
  until: number,
): void {
  const [first] = rows;
  if (!first) return;
  let key = gathering?.key;
  if (key === undefined) {
    const facts = { ...first.facts, code: draft.newCode(), bundle: EMPTY };
    const attempts = Math.min(...rows.map((row) => row.attempts));
    const begun = { ...blank(draft, first), facts, attempts, dueAt: until, heldUntil: until };
    draft.putNotification(begun);
    draft.decided('bundle begun', { key: begun.key });
    key = begun.key;
  }
  for (const row of rows) withhold(draft, row, key);
}

/** What was held and what is fresh leave now as one; the rows that do leave. */
export function bundle(
  draft: Draft,
  held: readonly Bundle[],
  fresh: readonly Row[],
): readonly Notification[] {
  const items = [...held.flatMap((row) => [...gatheredIn(draft, row)]), ...fresh];
  const paged = pagedLately(draft, held[0] ?? fresh[0]);
  const parts = partsOf(
    draft,
    items.filter((row) => !wasPagedSince(paged, row)),
  );
  const [only, ...others] = parts.values();
  if (!only) {
    for (const row of held) putAside(draft, row, 'stale');
    if (held.length > 0) draft.decided('nothing left to tell', { key: held[0]?.key ?? '' });
    return fresh;
  }
  if (others.length === 0) return [tellAlone(draft, only, held, fresh)];
  const [again] = held;
  if (again && held.length === 1 && fresh.length === 0 && isUnchanged(again, parts)) {
    const resent = { ...again, dueAt: draft.now, heldUntil: null };
    draft.putNotification(resent);
    return [resent];
  }
  const base = held.find(({ about }) => about.length === 0);
  const { about, facts } = sayingOf(draft, parts, base ?? only);
  const row: Notification = {
    ...(base ?? blank(draft, only)),
    kind: kindOf(only, facts),
    about,
    facts,
    at: draft.now,
    dueAt: draft.now,
    heldUntil: null,
    attempts: Math.min(...[...held, ...fresh].map(({ attempts }) => attempts)),
  };
  for (const one of held) if (one.key !== row.key) fold(draft, one, row.key);
  for (const one of fresh) withhold(draft, one, row.key);
  draft.putNotification(row);
  draft.decided('bundled', { key: row.key });
  return [row];
}

/** What is about to leave, or is under way, and must not leave (again) as it is. */
export function holdUntrue(draft: Draft): void {
  const about = draft.changed.incidents.flatMap((id) => [...draft.notificationsOf(id)]);
  for (const row of new Set(about.filter(isBundle))) {
    if (row.responder === null || row.dueAt === null || isHeld(row)) continue;
    if (isUntrue(draft, row)) draft.putNotification({ ...row, heldUntil: row.dueAt });
  }
}

/** Would it say the same again? */
function isUnchanged({ about, at, facts }: Bundle, parts: ReadonlyMap<string, Row>): boolean {
  const rows = [...parts.values()];
  const down = rows.filter((row) => sortOf(row) === 'down').length;
  const isSame = about.length === parts.size && down === facts.bundle.down;
  return isSame && rows.every((row) => row.at <= at);
}

/** All else has become untrue, or is about the same incident: it needs no bundle. */
function tellAlone(
  draft: Draft,
  row: Row,
  held: readonly Bundle[],
  fresh: readonly Row[],
): Notification {
  for (const other of held) putAside(draft, other, 'superseded');
  for (const other of fresh) if (other.key !== row.key) putAside(draft, other, 'superseded');
  const isDoubtful = row.state === 'unconfirmed';
  const alone: Notification = {
    ...row,
    state: isDoubtful ? 'unconfirmed' : 'queued',
    reason: null,
    // A vendor is asked for what it may have taken since then.
    at: isDoubtful ? row.at : draft.now,
    dueAt: draft.now,
    bundledInto: null,
  };
  draft.putNotification(alone);
  return alone;
}

/** Of the pages by the same way within the last hour: of which incidents they are, and when each was decided last. */
function pagedLately(draft: Draft, way: Notification | undefined): ReadonlyMap<string, number> {
  const paged = new Map<string, number>();
  const keys = way ? draft.board.lanes.get(laneOf(way))?.recent : undefined;
  for (const key of keys ?? []) {
    const row = draft.notification(key);
    if (row?.kind !== 'page' || row.acceptedAt === null || !mayHaveArrived(row)) continue;
    for (const id of row.about) paged.set(id, Math.max(row.at, paged.get(id) ?? -Infinity));
  }
  return paged;
}

/** In another message: this one would say it again. */
function wasPagedSince(paged: ReadonlyMap<string, number>, { kind, about, at }: Row): boolean {
  return kind === 'page' && (paged.get(about[0] ?? '') ?? -Infinity) > at;
}

function kindOf({ responder }: Row, { event, bundle: { down } }: Saying['facts']) {
  if (responder === null) return 'post';
  if (down > 0) return 'page';
  return event === 'resolved' || event === 'acknowledged' ? event : 'update';
}

function blank(draft: Draft, { responder, channel, kind, facts }: Row): Row {
  return {
    key: `bundle.${draft.newId()}.${responder ?? ''}.${channel}`,
    kind,
    about: [],
    responder,
    channel,
    facts,
    state: 'queued',
    reason: null,
    at: draft.now,
    dueAt: draft.now,
    attempts: 0,
    acceptedAt: null,
    proofDueAt: null,
    reference: null,
    standsInFor: null,
  };
}

/** One that has never left is forgotten, so that what waited in it goes over to the other. */
function fold(draft: Draft, one: Bundle, bundledInto: string): void {
  const inside = one.about.length === 0 ? [...draft.notificationsIn(one.key)] : [];
  for (const row of [...inside, one]) withhold(draft, row, bundledInto);
}

function withhold(draft: Draft, row: Notification, bundledInto: string): void {
  putAside(draft, { ...row, bundledInto }, 'bundled');
}

/** One that may have been taken stays so. */
function putAside(
  draft: Draft,
  row: Notification,
  reason: 'bundled' | 'stale' | 'superseded',
): void {
  const state = row.state === 'unconfirmed' ? 'unconfirmed' : 'withheld';
  draft.putNotification({ ...row, state, reason, dueAt: null, heldUntil: null });
}
