/**
 * What a check is shown to look at, as a label of metrics and in pages, and what its findings may
 * tell of its options. It is made of what was
 * written, with `***` for each reference, and not of what the references stand for: that may be a
 * secret, and a short one or one that a URL encodes could not be found again in the result.
 */
import type { z } from 'zod';
import type { ProbeKind } from './registries.ts';
import { HIDDEN } from './secrets.ts';
import { type Mapping, mapScalars, plain, type Written } from './written.ts';

/** `options` are those that the probe's schema made of `node`; they come back labelled. */
export function shownOf(kind: ProbeKind, options: object, node: Mapping) {
  const shown = new Map<string, unknown>(Object.entries(options));
  for (const [key, { value }] of node.entries) {
    const schema = kind.options.shape[key] as z.ZodType | undefined;
    if (schema === undefined || !holdsReference(value)) continue;
    const parsed = schema.safeParse(plain(veiled(value)));
    if (parsed.success) shown.set(key, parsed.data);
    else if (key === kind.type)
      return { target: HIDDEN, options: kind.labelled?.(options, null) ?? options };
    else shown.delete(key);
  }
  const told = Object.fromEntries(shown);
  return { target: kind.target(told), options: kind.labelled?.(options, told) ?? options };
}

function holdsReference(node: Written): boolean {
  if (node.kind === 'scalar') return node.shown !== undefined;
  if (node.kind === 'list') return node.items.some(holdsReference);
  return [...node.entries.values()].some(({ value }) => holdsReference(value));
}

function veiled(node: Written): Written {
  return mapScalars(node, ({ shown, ...scalar }) => ({ ...scalar, value: shown ?? scalar.value }));
}
