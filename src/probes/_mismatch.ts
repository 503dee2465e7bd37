/**
 * A text held against what it must hold, must not hold, or must match. Patterns are RE2: their time
 * is bounded by the length of the text times the size of the pattern, which can still be a minute
 * (1 MiB, `[ab]{0,500}c`). Whoever has more than a few KiB asks `cost` first. No zod here: a thread
 * of its own loads this file.
 */
import { RE2JS } from 're2js';

export interface TextMatch {
  readonly contains?: string | undefined;
  readonly not_contains?: string | undefined;
  readonly matches?: string | undefined;
}

/** What is wrong with the text, as words that follow its name (`lacks "x"`); null: nothing. */
export function mismatch(text: string, match: TextMatch): string | null {
  const { contains, not_contains: unwanted, matches } = match;
  if (contains !== undefined && !text.includes(contains)) return `lacks ${quote(contains)}`;
  if (unwanted !== undefined && text.includes(unwanted)) return `has ${quote(unwanted)}`;
  if (matches !== undefined && !compiled(matches).test(text)) return `does not match ${matches}`;
  return null;
}

/** The first group of the first match, or all of it where the pattern has no group; null: none. */
export function captured(text: string, pattern: string): string | null {
  const matcher = compiled(pattern).matcher(text);
  if (!matcher.find()) return null;
  return matcher.group(Math.min(1, matcher.groupCount()));
}

/** The worst that `mismatch` may cost, in steps of a pattern: ten million may be a second. */
export function cost(text: string, { contains = '', not_contains = '', matches }: TextMatch) {
  const size = matches === undefined ? 0 : compiled(matches).programSize();
  return text.length * (size + (contains.length + not_contains.length) / NEEDLE_SPEED);
}

/** So many characters of a needle are compared in the time of one step of a pattern. */
const NEEDLE_SPEED = 256;

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
