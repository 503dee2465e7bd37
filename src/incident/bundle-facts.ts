/**
 * What a bundle says: how many incidents, what their checks share, and the worst of them by name.
 * Who is told the same at the same time reads the same code.
 */
import { sortOf, type Row, type Sort } from './bundle-parts.ts';
import type { Draft } from './draft.ts';
import { whatTheyShare } from './follow-up.ts';
import { isBundle, isHeld, laneOf, type Bundle } from './lane.ts';
import type { BundleLine, TroubleFacts } from './notification.ts';
import { leadMember, troubleFacts } from './trouble-facts.ts';
import { RANK } from './rank.ts';

export interface Saying {
  readonly about: readonly string[];
  readonly facts: Bundle['facts'];
}

/** By what they are: ids, and the messages that each is told from. */
type Sorted = Readonly<Record<Sort, readonly (readonly [string, Row])[]>>;

const LINES = 10;

/** Ways that differ by so much are told at the same time. */
const SAME_TIME_MS = 10_000;

export function sayingOf(draft: Draft, parts: ReadonlyMap<string, Row>, base: Row): Saying {
  const sorted: Record<Sort, [string, Row][]> = { down: [], over: [], news: [] };
  for (const part of parts) sorted[sortOf(part[1])].push(part);
  const { down, over, news } = sorted;
  // Those that are down come first: a reply is meant for them alone.
  const inOrder = [...down, ...over, ...news];
  const about = inOrder.map(([id]) => id);
  const said = saidJustNow(draft, about, sorted);
  const { facts } = said ?? { facts: factsOf(draft, sorted, inOrder, base) };
  // Of how it is told here: whoever reads the same elsewhere may not need to know.
  const { caveat } = inOrder.find(([, row]) => row.facts.caveat !== undefined)?.[1].facts ?? {};
  return { about: said?.about ?? about, facts: { ...facts, caveat } };
}

/** To somebody else, or by another way. */
function saidJustNow(draft: Draft, about: readonly string[], sorted: Sorted): Saying | undefined {
  for (const told of draft.notificationsOf(about[0] ?? '')) {
    if (!isBundle(told) || told.at < draft.now - SAME_TIME_MS || isHeld(told)) continue;
    const { event, bundle } = told.facts;
    const isAlike = (['down', 'over', 'news'] as const).every(
      (sort) => bundle[sort] === sorted[sort].length,
    );
    if (!isAlike || event !== eventOf(mainly(sorted))) continue;
    if (told.about.every((id, n) => id === about[n])) return told;
  }
  return undefined;
}

/** What began under one code ends under it. */
function codeOf(draft: Draft, { down, over, news }: Sorted, base: Row): string {
  if (down.length === 0) {
    const lane = laneOf(base);
    for (const [id] of [...over, ...news].slice(0, LINES)) {
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
  sorted: Sorted,
  inOrder: readonly (readonly [string, Row])[],
  base: Row,
): Saying['facts'] {
  const told = mainly(sorted);
  const incidents = told.flatMap(([id]) => draft.incident(id) ?? []);
  const worst = incidents.reduce((a, b) => (RANK[b.severity] > RANK[a.severity] ? b : a));
  const event = eventOf(told);
  const { by } = told[0]?.[1].facts ?? { by: null };
  const checks = incidents.reduce(
    (sum, { size, down: failing }) => sum + (event === 'resolved' ? size : Math.max(1, failing)),
    0,
  );
  const down = sorted.down.map(([id]) => id);
  return {
    ...troubleFacts(draft, worst, event, { by: event === 'acknowledged' ? by : null }),
    code: codeOf(draft, sorted, base),
    more: Math.max(0, checks - 1),
    bundle: {
      ...{ down: down.length, checks, over: sorted.over.length, news: sorted.news.length },
      shared: down.length > 0 ? whatTheyShare(draft, down) : '',
      lines: inOrder.slice(0, LINES).map(([id, row]) => lineOf(draft, id, row)),
    },
  };
}

/** What it is told for: the rest is beside it. */
function mainly({ down, over, news }: Sorted): Sorted[Sort] {
  return down.length > 0 ? down : over.length > 0 ? over : news;
}

function eventOf(told: Sorted[Sort]): TroubleFacts['event'] {
  const events = new Set(told.map(([, { facts }]) => facts.event));
  const [first = 'updated'] = events;
  if (events.has('opened') || events.has('reopened')) return 'opened';
  if (first !== 'acknowledged') return first;
  const people = new Set(told.map(([, { facts }]) => facts.by));
  return events.size === 1 && people.size === 1 ? 'acknowledged' : 'updated';
}

function lineOf(draft: Draft, id: string, row: Row): BundleLine {
  const { event, by, text } = row.facts;
  const { code, title } = draft.incident(id) ?? { code: row.facts.code, title: row.facts.name };
  const lead = leadMember(draft, id);
  const told = { name: lead?.name ?? title, brief: lead?.brief ?? '' };
  return { sort: sortOf(row), event, code, ...told, by, text };
}
