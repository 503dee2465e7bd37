/**
 * What is asked of a text that a target sent (a body, a header), and what came of it: small, so that
 * the text itself need not be kept. Pure, and the same on the loop as in the inspector's thread,
 * which loads this file: no zod here. What has been taken out of a text, or is to be hidden in it,
 * is shown nowhere else.
 */
import { isDeepStrictEqual } from 'node:util';
import { query } from 'jsonpath-rfc9535';
import { captured, cost, mismatch, quote } from './_mismatch.ts';
import type { TextMatch } from './_mismatch.ts';

export interface Inquiry {
  /** The whole text. */
  readonly is?: string | undefined;
  readonly match?: TextMatch | undefined;
  /** RFC 9535 paths to the values that must be there. */
  readonly json?: Readonly<Record<string, unknown>> | undefined;
  /** What to bring back, by any name. */
  readonly take?: Readonly<Record<string, Part>> | undefined;
  /** Texts that must not be seen in what is shown. */
  readonly hide?: readonly string[] | undefined;
}

/** A part of a text: what a path leads to, or a pattern catches. */
export type Part = { readonly json: string } | { readonly matches: string };

export interface Inspected {
  /** The beginning of the text, for people: longer than can be shown, and not made harmless. */
  readonly excerpt: string;
  /** What is wrong with the text, as words that follow its name; null: nothing. */
  readonly wrong: string | null;
  /** By path; null: the text is not JSON. */
  readonly json: Readonly<Record<string, Met>> | null;
}

/** `seen` is null where the path leads nowhere. */
export interface Met {
  readonly met: boolean;
  readonly seen: string | null;
}

/** By name; null: it is not there, or is not a text, number or truth value. */
export type Taken = Readonly<Record<string, string | null>>;

/** Rejects, which is a fault of ours, where the thread is gone. */
export type Inspect = (text: string, inquiry: Inquiry, timeoutMs: number) => Promise<Found>;

export type Found = { readonly inspected: Inspected; readonly taken: Taken } | Undecided;

/** It took more than it may: the words say of what, such as `1s`. */
export interface Undecided {
  readonly undecided: string;
  /** Others had the thread for all of the time: it says nothing about this text. */
  readonly isOurs?: true;
}

/** One more than is ever shown, so that a cut is seen as one. */
const EXCERPT_CHARS = 201;
const HIDDEN = '***';
/** In steps of a pattern (see `cost`): some 20 ms at worst. */
const QUICK_COST = 65_536;
/** A text of so many characters is parsed, or searched for all that is to be hidden, in no time. */
const QUICK_CHARS = 8 * 1024;
/** What visits a value more than once: descendants, filters, unions. */
const SEARCHING = /\.\.|[?,]/;

export function inspect(text: string, { is, match, json, take = {}, hide = [] }: Inquiry) {
  const paths = Object.keys(json ?? {});
  const parts = Object.entries(take);
  const isJsonNeeded = json !== undefined || parts.some(([, part]) => 'json' in part);
  const document = isJsonNeeded ? parse(text) : null;
  const taken = Object.fromEntries(
    parts.map(([name, part]) => {
      if ('matches' in part) return [name, captured(text, part.matches)];
      return [name, document === null ? null : plain(select(document.value, part.json))];
    }),
  );
  const cut = hider([...hide, ...Object.values(taken).filter((value) => value !== null)]);
  const held = (path: string): Met => {
    const found = document === null ? [] : select(document.value, path);
    if (found.length === 0) return { met: false, seen: null };
    const met = found.every((each) => isDeepStrictEqual(each, json?.[path]));
    return { met, seen: cut(found.map((each) => JSON.stringify(each)).join(', ')) };
  };
  const inspected: Inspected = {
    excerpt: cut(text),
    wrong: is !== undefined && is !== text ? `is not ${quote(is)}` : mismatch(text, match ?? {}),
    json: document === null ? null : Object.fromEntries(paths.map((path) => [path, held(path)])),
  };
  return { inspected, taken };
}

/** Is it over before anybody could notice, whatever the text is? */
export function isQuick(text: string, { match, json, take = {}, hide = [] }: Inquiry): boolean {
  const parts = Object.values(take);
  const paths = Object.keys(json ?? {}).concat(
    parts.flatMap((part) => ('json' in part ? part.json : [])),
  );
  const isMuch = paths.length > 0 || parts.length > 0 || hide.length > 0;
  if (isMuch && text.length > QUICK_CHARS) return false;
  if (paths.some((path) => SEARCHING.test(path))) return false;
  const matches = parts.filter((part) => 'matches' in part);
  return [match ?? {}, ...matches].every((each) => cost(text, each) <= QUICK_COST);
}

type Json = Parameters<typeof query>[0];

function parse(text: string): { readonly value: Json } | null {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return null;
  }
}

/** Nothing, also where the document is nested too deep to be searched. */
function select(document: Json, path: string): Json[] {
  try {
    return query(document, path);
  } catch {
    return [];
  }
}

function plain([value]: readonly Json[]): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Hides before it cuts, so that no half of a secret is left at the end. */
function hider(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(
    secrets.flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret.toWellFormed()),
    ]),
  );
  forms.delete('');
  const longestFirst = [...forms].toSorted((a, b) => b.length - a.length);
  const hide = (text: string, secret: string): string => text.replaceAll(secret, HIDDEN);
  return (text) => longestFirst.reduce(hide, text).slice(0, EXCERPT_CHARS);
}
