/**
 * Several incidents in one message: which of what was gathered is still true when it leaves, and
 * what it comes to. Everything gathered is withheld with the bundle's key, and counts as told when
 * the bundle does, for the bundle is about the same incidents.
 */
import type { Draft } from './draft.ts';
import { whatTheyShare } from './follow-up.ts';
import type { Incident } from './incident.ts';
import { isBundle, laneOf, type Bundle } from './lane.ts';
import type { BundleFacts, Notification, TroubleFacts } from './notification.ts';
import { isOngoing } from './quiet.ts';
import { leadMember, troubleFacts } from './telling.ts';
import { RANK } from './trouble.ts';

type Sort = 'down' | 'over' | 'news';
type Row = Notification & { readonly facts: TroubleFacts };

/** What one bundle says: those to whom the same is said at the same time read the same code. */
export interface Saying {
  readonly about: readonly string[];
  readonly facts: TroubleFacts & { readonly bundle: BundleFacts };
}

const LINES = 10;
const EMPTY: BundleFacts = { down: 0, checks: 0, over: 0, news: 0, shared: '', lines: [] };

export function sortOf({ kind, facts: { event } }: Row): Sort {
  if (event === 'resolved') return 'over';
  return kind === 'page' ||
    (event !== 'acknowledged' && event !== 'updated' && event !== 'flapping')
    ? 'down'
    : 'news';
}

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
  said: Saying[],
): readonly Notification[] {
  const items = [...held.flatMap((row) => [...gatheredIn(draft, row)]), ...fresh];
  const parts = partsOf(draft, items);
  const [only, ...others] = parts.values();
  if (!only) {
    for (const row of held) putAside(draft, row, 'stale');
    if (held.length > 0) draft.decided('nothing left to tell', { key: held[0]?.key ?? '' });
    return fresh;
  }
  if (others.length === 0) return [tellAlone(draft, only, held, fresh)];
  const [again] = held;
  if (again && held.length === 1 && fresh.length === 0 && again.about.length === parts.size) {
    const resent = { ...again, dueAt: draft.now, heldUntil: null };
    draft.putNotification(resent);
    return [resent];
  }
  const base = held.find(({ about }) => about.length === 0);
  const { about, facts } = sayingOf(draft, parts, said, base ?? only);
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
  for (const one of [...held, ...fresh]) if (one.key !== row.key) withhold(draft, one, row.key);
  draft.putNotification(row);
  draft.decided('bundled', { key: row.key });
  return [row];
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

/** By incident: what is to be told of it, the latest that is still true; only news yields to a page. */
function partsOf(draft: Draft, rows: readonly Row[]): ReadonlyMap<string, Row> {
  const parts = new Map<string, Row>();
  for (const row of rows) {
    for (const id of row.about) {
      if (!isTrue(draft.incident(id), row)) continue;
      const known = parts.get(id);
      if (known?.kind !== 'page' || sortOf(row) !== 'news') parts.set(id, row);
    }
  }
  return parts;
}

function isTrue(incident: Incident | undefined, row: Row): boolean {
  if (!incident) return false;
  const { state, silencedAt, awayMs } = incident;
  if (sortOf(row) === 'over') return state === 'resolved';
  if (state === 'resolved') return false;
  if (row.kind !== 'page' || wasAsked(row)) return true;
  return state === 'open' && silencedAt === null && awayMs === null && isOngoing(incident);
}

/** A person wanted this responder to be paged, whoever has it. */
export function wasAsked({ key }: Row): boolean {
  return key.includes('.page.asked.');
}

function* gatheredIn(draft: Draft, { key }: Notification): Iterable<Row> {
  for (const each of draft.board.gathered.get(key) ?? []) {
    const row = draft.notification(each);
    if (!row) continue;
    if (isBundle(row)) yield* gatheredIn(draft, row);
    else if ('code' in row.facts) yield row as Row;
  }
}

function sayingOf(
  draft: Draft,
  parts: ReadonlyMap<string, Row>,
  said: Saying[],
  base: Row,
): Saying {
  const about = [...parts.keys()];
  const isSame = (other: Saying) =>
    other.about.length === about.length && other.about.every((id, n) => id === about[n]);
  const known = said.find(isSame);
  if (known) return known;
  const saying = { about, facts: factsOf(draft, parts, codeOf(draft, parts, base)) };
  said.push(saying);
  return saying;
}

/** What began under one code ends under it. */
function codeOf(draft: Draft, parts: ReadonlyMap<string, Row>, base: Row): string {
  const rows = [...parts.values()];
  if (rows.every((row) => sortOf(row) !== 'down')) {
    const lane = laneOf(base);
    for (const id of [...parts.keys()].slice(0, LINES)) {
      for (const told of draft.notificationsOf(id)) {
        if (isBundle(told) && told.facts.bundle.down > 0 && laneOf(told) === lane)
          return told.facts.code;
      }
    }
  }
  return isBundle(base) ? base.facts.code : draft.newCode();
}

function factsOf(
  draft: Draft,
  parts: ReadonlyMap<string, Row>,
  code: string,
): TroubleFacts & { readonly bundle: BundleFacts } {
  const of = (sort: Sort) => [...parts].filter(([, row]) => sortOf(row) === sort);
  const [down, over, news] = [of('down'), of('over'), of('news')];
  const told = down.length > 0 ? down : over.length > 0 ? over : news;
  const incidents = told.flatMap(([id]) => draft.incident(id) ?? []);
  const worst = incidents.reduce((a, b) => (RANK[b.severity] > RANK[a.severity] ? b : a));
  const event = eventOf(told.map(([, row]) => row));
  const { by } = told[0]?.[1].facts ?? { by: null };
  const checks = incidents.reduce(
    (sum, { size, down: failing }) => sum + (event === 'resolved' ? size : Math.max(1, failing)),
    0,
  );
  const lines = [...parts].slice(0, LINES).map(([id, row]) => lineOf(draft, id, row));
  return {
    ...troubleFacts(draft, worst, event, { by: event === 'acknowledged' ? by : null }),
    code,
    more: Math.max(0, checks - 1),
    bundle: {
      ...{ down: down.length, checks, over: over.length, news: news.length },
      shared:
        down.length > 0
          ? whatTheyShare(
              draft,
              down.map(([id]) => id),
            )
          : '',
      lines,
    },
  };
}

function eventOf(rows: readonly Row[]): TroubleFacts['event'] {
  const events = new Set(rows.map(({ facts }) => facts.event));
  const [first = 'updated'] = events;
  if (events.has('opened') || events.has('reopened')) return 'opened';
  if (first !== 'acknowledged') return first;
  const people = new Set(rows.map(({ facts }) => facts.by));
  return events.size === 1 && people.size === 1 ? 'acknowledged' : 'updated';
}

function lineOf(draft: Draft, id: string, row: Row): string {
  const { code, title } = draft.incident(id) ?? { code: row.facts.code, title: row.facts.name };
  const lead = leadMember(draft, id);
  const name = lead?.name ?? title;
  const { by, text } = row.facts;
  switch (sortOf(row)) {
    case 'down':
      return `${code} DOWN ${name}${lead ? `: ${lead.brief}` : ''}`;
    case 'over':
      return `${code} OK ${name}`;
    case 'news':
      return `${code} ${name}: ${row.facts.event === 'acknowledged' ? `${by ?? ''} has it` : (text ?? row.facts.event)}`;
  }
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
