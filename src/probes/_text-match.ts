/**
 * What a text must hold, must not hold, or must match. All that are given must be so. Patterns are
 * RE2, whose time is linear in the text, and no text that reaches them is longer than 64 KiB.
 */
import { RE2JS } from 're2js';
import { z } from 'zod';
import { isLegible, regex } from '../system/values.ts';

const needle = () => z.string({ error: () => 'expected text: put it in quotes' }).min(1);

export const textMatch = z
  .strictObject({
    contains: needle().optional(),
    not_contains: needle().optional(),
    matches: regex().optional(),
  })
  .refine((match) => Object.keys(match).length > 0, {
    error: 'expected contains, not_contains or matches',
    when: isLegible,
  });

export type TextMatch = z.infer<typeof textMatch>;

/** What is wrong with the text, as words that follow its name (`lacks "x"`); null: nothing. */
export function mismatch(text: string, match: TextMatch): string | null {
  const { contains, not_contains: unwanted, matches } = match;
  if (contains !== undefined && !text.includes(contains)) return `lacks ${quote(contains)}`;
  if (unwanted !== undefined && text.includes(unwanted)) return `has ${quote(unwanted)}`;
  if (matches !== undefined && !compiled(matches).test(text)) return `does not match ${matches}`;
  return null;
}

/** Is there no use in hearing more? What must not come never comes surely: the first words decide. */
export function isEnough(text: string, match: TextMatch): boolean {
  const isAwaited = match.contains !== undefined || match.matches !== undefined;
  return !isAwaited || mismatch(text, match) === null;
}

/** `contains "x", does not contain "y"` */
export function printMatch({ contains, not_contains: unwanted, matches }: TextMatch): string {
  const parts = [];
  if (contains !== undefined) parts.push(`contains ${quote(contains)}`);
  if (unwanted !== undefined) parts.push(`does not contain ${quote(unwanted)}`);
  if (matches !== undefined) parts.push(`matches ${matches}`);
  return parts.join(', ');
}

export function quote(text: string): string {
  return `"${text}"`;
}

/** Compiling costs more than matching; a reload may bring other patterns for ever. */
const MAX_COMPILED = 10_000;
const patterns = new Map<string, RE2JS>();

function compiled(pattern: string): RE2JS {
  let found = patterns.get(pattern);
  if (found === undefined) {
    found = RE2JS.compile(pattern);
    if (patterns.size >= MAX_COMPILED) patterns.clear();
    patterns.set(pattern, found);
  }
  return found;
}
