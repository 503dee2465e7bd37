/**
 * What a bundle is to each of its incidents: the message that was gathered into it and is still
 * true. Of one incident that is one message, however many waited.
 */
import type { Draft } from './draft.ts';
import type { Incident } from './incident.ts';
import { isBundle, type Bundle } from './lane.ts';
import type { Notification, TroubleFacts } from './notification.ts';
import { isOngoing } from './quiet.ts';

/** What a message is for: something is wrong, it is over, or there is something else to know. */
export type Sort = 'down' | 'over' | 'news';
export type Row = Notification & { readonly facts: TroubleFacts };

export function sortOf({ kind, facts: { event } }: Row): Sort {
  if (event === 'resolved') return 'over';
  if (kind !== 'post') return kind === 'page' ? 'down' : 'news';
  return event === 'acknowledged' || event === 'updated' || event === 'flapping' ? 'news' : 'down';
}

/** Of what was gathered, by incident: the latest that is still true; only news yields to a page. */
export function partsOf(draft: Draft, rows: Iterable<Row>): ReadonlyMap<string, Row> {
  const parts = new Map<string, Row>();
  // A restart gathers them in another order.
  for (const row of [...rows].toSorted((a, b) => a.at - b.at)) {
    const [id = ''] = row.about;
    if (!isTrue(draft.incident(id), row)) continue;
    const known = parts.get(id);
    if (known?.kind !== 'page' || sortOf(row) !== 'news') parts.set(id, row);
  }
  return parts;
}

/** Every message that was gathered into it, also by way of another. */
export function* gatheredIn(draft: Draft, { key }: Notification): Iterable<Row> {
  for (const row of draft.notificationsIn(key)) {
    if (isBundle(row)) yield* gatheredIn(draft, row);
    else if ('code' in row.facts) yield row as Row;
  }
}

/** The page about one incident that was gathered into it, also by way of another: the latest that is still true. */
export function pageIn(draft: Draft, { key }: Bundle, id: string): Notification | undefined {
  const isIn = ({ bundledInto }: Notification): boolean => {
    if (typeof bundledInto !== 'string') return false;
    const bundle = draft.notification(bundledInto);
    return bundledInto === key || (bundle !== undefined && isIn(bundle));
  };
  let page: Notification | undefined;
  for (const row of draft.notificationsOf(id)) {
    const isPage = row.kind === 'page' && !isBundle(row) && 'code' in row.facts;
    if (isPage && isIn(row) && isTrue(draft.incident(id), row as Row)) page = row;
  }
  return page;
}

/** The ends that a message tells a responder of, likewise. */
export function endsIn(draft: Draft, row: Notification): readonly Notification[] {
  if (!isBundle(row)) return row.kind === 'resolved' ? [row] : [];
  const parts = [...partsOf(draft, gatheredIn(draft, row)).values()];
  return parts.filter(({ kind }) => kind === 'resolved');
}

/** What it says first of all is not true of any incident any more. */
export function isUntrue(draft: Draft, row: Bundle): boolean {
  const { down, over } = row.facts.bundle;
  const main = down > 0 ? 'down' : over > 0 ? 'over' : 'news';
  return ![...partsOf(draft, gatheredIn(draft, row)).values()].some(
    (part) => sortOf(part) === main,
  );
}

/** A person wanted this responder to be paged, whoever has it. */
export function wasAsked({ key }: Notification): boolean {
  return key.includes('.page.asked.');
}

function isTrue(incident: Incident | undefined, row: Row): boolean {
  if (!incident) return false;
  const { id, state, spell, silencedAt, awayMs, escalation } = incident;
  if (sortOf(row) === 'over') return state === 'resolved';
  if (state === 'resolved') return false;
  if (row.kind !== 'page' || wasAsked(row)) return true;
  // What was nobody's once more has been paged anew since, to those whose turn it is.
  if (!row.key.startsWith(`${id}.page.${String(spell)}.`)) return false;
  const mayPage = escalation !== null && silencedAt === null && awayMs === null;
  return state === 'open' && mayPage && isOngoing(incident);
}
