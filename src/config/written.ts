/**
 * YAML as it was written: values that still know their line and column. Keys are text, whatever
 * YAML makes of them (`404:`, `on:`), and a key is there once; `plain()` is what zod gets to see.
 */
import type { Spot } from './problem.ts';

export type Written = Scalar | List | Mapping;

export interface Scalar {
  readonly kind: 'scalar';
  readonly at: Spot;
  readonly value: unknown;
  /** The text with `***` for each reference in it; absent where there is none. */
  readonly shown?: string;
}

export interface List {
  readonly kind: 'list';
  readonly at: Spot;
  readonly items: readonly Written[];
}

export interface Mapping {
  readonly kind: 'mapping';
  readonly at: Spot;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  /** Where the key is. */
  readonly at: Spot;
  readonly value: Written;
}

export type Path = readonly PropertyKey[];

export function plain(node: Written): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  const values: Record<string, unknown> = {};
  for (const [key, { value }] of node.entries) values[key] = plain(value);
  return values;
}

/** The value at a path, or undefined where nothing is written. */
export function valueAt(node: Written, path: Path): Written | undefined {
  let found: Written | undefined = node;
  for (const step of path) {
    if (found?.kind === 'mapping') found = found.entries.get(String(step))?.value;
    else found = found?.kind === 'list' ? found.items[Number(step)] : undefined;
  }
  return found;
}

/** Where the key that a path ends with is written. */
export function keyAt(node: Written, path: Path): Spot | undefined {
  const parent = valueAt(node, path.slice(0, -1));
  return parent?.kind === 'mapping' ? parent.entries.get(String(path.at(-1)))?.at : undefined;
}

/** The same tree with every scalar replaced by what `change` makes of it; what stays is not copied. */
export function mapScalars(node: Written, change: (scalar: Scalar) => Scalar): Written {
  if (node.kind === 'scalar') return change(node);
  if (node.kind === 'list') {
    const items = node.items.map((item) => mapScalars(item, change));
    return items.every((item, i) => item === node.items[i]) ? node : { ...node, items };
  }
  return mapValues(node, (value) => mapScalars(value, change));
}

export function mapValues(
  node: Mapping,
  change: (value: Written, key: string) => Written,
): Mapping {
  let entries: Map<string, Entry> | undefined;
  for (const [key, { at, value }] of node.entries) {
    const changed = change(value, key);
    if (changed !== value)
      entries = (entries ?? new Map(node.entries)).set(key, { at, value: changed });
  }
  return entries === undefined ? node : { ...node, entries };
}

/** The entries of a section; none where it is absent or left empty (`checks:` and nothing). */
export function entriesOf(node: Written | undefined): [string, Entry][] {
  return node?.kind === 'mapping' ? [...node.entries] : [];
}

export function isBlank(node: Written | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null);
}

/** The mapping with only these keys. */
export function pick(node: Mapping, keys: ReadonlySet<string>): Mapping {
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) if (keys.has(key)) entries.set(key, entry);
  return { ...node, entries };
}

/** The mapping without what was left empty: a section whose every line is commented out. */
export function filled(node: Mapping): Mapping {
  const entries = [...node.entries].filter(([, { value }]) => !isBlank(value));
  return { ...node, entries: new Map(entries) };
}

/** An id where it is used, and what may be told of it. */
export interface NamedId {
  readonly id: string;
  readonly shown: string;
  readonly at: Spot;
}

/** The ids in a list, with the place of each; what is not an id is the schema's to complain of. */
export function idsAt(node: Written, path: Path): NamedId[] {
  const list = valueAt(node, path);
  return list?.kind === 'list' ? list.items.flatMap((item) => idOf(item) ?? []) : [];
}

export function idOf(node: Written | undefined): NamedId | null {
  if (node?.kind !== 'scalar') return null;
  const { value, shown, at } = node;
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  return { id: String(value), shown: shown ?? String(value), at };
}
