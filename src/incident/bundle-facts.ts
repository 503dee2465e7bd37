/**
 * What a bundle says: how many incidents, what their checks share, and the worst of them by name.
 * Who is told the same at the same time reads the same code.
 */
import { sortOf, type Row, type Sort } from './bundle-parts.ts';
import type { Draft } from './draft.ts';
import { whatTheyShare } from './follow-up.ts';
import { isBundle, laneOf } from './lane.ts';
import type { BundleFacts, TroubleFacts } from './notification.ts';
import { leadMember, troubleFacts } from './trouble-facts.ts';
import { RANK } from './trouble.ts';

export interface Saying {
  readonly about: readonly string[];
  readonly facts: TroubleFacts & { readonly bundle: BundleFacts };
}

const LINES = 10;

export function sayingOf(
  draft: Draft,
  parts: ReadonlyMap<string, Row>,
  said: Saying[],
  base: Row,
): Saying {
  const about = [...parts].toSorted(byWeight).map(([id]) => id);
  const isSame = (other: Saying) =>
    other.about.length === about.length && other.about.every((id, n) => id === about[n]);
  const known = said.find(isSame);
  if (known) return known;
  const saying = { about, facts: factsOf(draft, parts, codeOf(draft, parts, base)) };
  said.push(saying);
  return saying;
}

/** What is down comes first. */
function byWeight([, a]: readonly [string, Row], [, b]: readonly [string, Row]): number {
  return Number(sortOf(b) === 'down') - Number(sortOf(a) === 'down');
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
