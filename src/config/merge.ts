/**
 * The root file and the files it includes, as one. Sections are merged by id; an id, and a value
 * that there can be only one of, given twice is an error that names both places.
 */
import { type Complaints, printSpot } from './problem.ts';
import { type Entry, isBlank, type Mapping, type Written } from './written.ts';

const SINGULAR: Readonly<Record<string, string>> = {
  checks: 'check',
  channels: 'channel',
  responders: 'responder',
  rotations: 'rotation',
  escalations: 'escalation',
  hooks: 'hook',
};

export function merge(
  root: Mapping,
  included: readonly Mapping[],
  complaints: Complaints,
): Mapping {
  const merged = new Map(root.entries);
  for (const file of included) {
    for (const [key, entry] of file.entries) {
      const known = merged.get(key);
      if (key === 'include') {
        complaints.add(entry.at, 'an included file cannot include others');
      } else if (known === undefined || isBlank(known.value)) {
        if (key !== 'version') merged.set(key, entry);
      } else if (key !== 'version' && !isBlank(entry.value)) {
        merged.set(key, { at: known.at, value: join(key, known, entry, complaints) });
      }
    }
  }
  return { ...root, entries: merged };
}

function join(key: string, first: Entry, second: Entry, complaints: Complaints): Written {
  const [a, b] = [first.value, second.value];
  if (a.kind === 'list' && b.kind === 'list') return { ...a, items: [...a.items, ...b.items] };
  const noun = SINGULAR[key];
  if (noun === undefined || a.kind !== 'mapping' || b.kind !== 'mapping') {
    complaints.add(second.at, `"${key}" is already at ${printSpot(first.at)}`);
    return a;
  }
  const entries = new Map(a.entries);
  for (const [id, entry] of b.entries) {
    const earlier = entries.get(id);
    if (earlier === undefined) entries.set(id, entry);
    else complaints.add(entry.at, `${noun} "${id}" is already at ${printSpot(earlier.at)}`);
  }
  return { ...a, entries };
}
