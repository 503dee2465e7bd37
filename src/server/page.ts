/**
 * A list in pieces. A cursor names the last item that was given, so that what comes or goes
 * meanwhile neither repeats nor hides another; to a client it means nothing.
 */
import type { Page } from '../store/store.ts';
import { invalid } from './problem.ts';

export function writeCursor(text: string): string {
  return Buffer.from(text).toString('base64url');
}

export function readCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString();
}

/** What follows the item that `cursor` names; undefined: it names none of these. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<T> | undefined {
  let start = 0;
  if (cursor !== undefined) {
    const last = readCursor(cursor);
    start = items.findIndex((item) => keyOf(item) === last) + 1;
    if (start === 0) return undefined;
  }
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  const more = last !== undefined && start + page.length < items.length;
  return { items: page, next: more ? writeCursor(keyOf(last)) : null };
}

export function badCursor(): Response {
  return invalid(['cursor: expected one that this list has given, start again without it']);
}
