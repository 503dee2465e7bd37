/**
 * rotations: whose turn it is. A rotation is one layer, or a list of them; a time at which nobody is
 * on is found here, since at that time a page would reach nobody.
 */
import { hoursOf } from '../calendar/hours.ts';
import { gapIn, midnightOf, type Layer, type Rotation } from '../calendar/rotation.ts';
import { clockTime } from '../calendar/zone.ts';
import { read, type Owner } from './explain.ts';
import { checkCron } from './read-cron.ts';
import { itemsOf, refer, type Reading } from './reading.ts';
import { layer, rotation } from './schema.ts';
import { idsAt, type Mapping, pick, valueAt } from './written.ts';

const LAYER_KEYS = Object.keys(layer.shape);
/** Two weeks, one of them in winter, one in summer: hours come again every week. */
const WINTER = Date.UTC(2026, 0, 11);
const SUMMER = Date.UTC(2026, 6, 12);
const EIGHT_DAYS_MS = 8 * 86_400_000;

export function readRotations(reading: Reading): ReadonlyMap<string, Rotation> {
  const rotations = new Map<string, Rotation>();
  for (const { id, node, owner } of itemsOf(reading, 'rotations')) {
    const { complaints } = reading;
    const before = complaints.count;
    const nodes = layersOf(node, owner, reading);
    const layers = nodes.flatMap(({ node: one, owner: whose }) => {
      const read = readLayer(one, whose, reading);
      return read === null ? [] : [read];
    });
    if (complaints.count > before) continue;
    const found: Rotation = { id, layers };
    const gap = gapIn(found, WINTER, EIGHT_DAYS_MS) ?? gapIn(found, SUMMER, EIGHT_DAYS_MS);
    if (gap === null) rotations.set(id, found);
    else complaints.add(owner.at, `${owner.name} has a gap: ${inWords(gap, layers)}`);
  }
  return rotations;
}

function layersOf(
  node: Mapping,
  owner: Owner,
  { complaints }: Reading,
): readonly { readonly node: Mapping; readonly owner: Owner }[] {
  if (!node.entries.has('layers')) return [{ node, owner }];
  read(rotation, node, owner, complaints);
  const beside = LAYER_KEYS.filter((key) => node.entries.has(key));
  for (const key of beside) {
    const at = node.entries.get(key)?.at ?? owner.at;
    complaints.add(at, `${key} of ${owner.name} belongs into each of its layers`);
  }
  const list = valueAt(node, ['layers']);
  return (list?.kind === 'list' ? list.items : []).flatMap((item, i) => {
    const name = `layers[${i}] of ${owner.name}`;
    return item.kind === 'mapping' ? [{ node: item, owner: { name, at: item.at } }] : [];
  });
}

function readLayer(node: Mapping, owner: Owner, reading: Reading): Layer | null {
  const { complaints, names } = reading;
  const values = read(layer, node, owner, complaints);
  for (const member of idsAt(node, ['members'])) {
    refer(member, 'responder', names.responders, `members of ${owner.name}`, complaints);
  }
  checkCron(pick(node, new Set(['handoff', 'timezone'])), 'handoff', owner, complaints);
  if (values === null) return null;
  const { members, start, handoff, timezone = 'UTC', hours } = values;
  return {
    members,
    startsAt: midnightOf(start, timezone),
    handoff: handoff.trim(),
    timezone,
    hours: hours === undefined ? null : hoursOf(hours.days, hours.from, hours.to),
  };
}

function inWords(
  { from, until }: { readonly from: number; readonly until: number },
  [first]: readonly Layer[],
): string {
  const zone = first?.timezone ?? 'UTC';
  const [a, b] = [clockTime(from, zone, true), clockTime(until, zone, true)];
  return `nobody is on duty from ${a} to ${b} (${zone})`;
}
