/**
 * Where a page of a list ended: the sort key of its last row. What is inserted or removed meanwhile
 * shifts nothing. Opaque to whoever passes it on.
 */
export type Place = readonly [at: number, id: string];

/** Above every row. */
export const TOP: Place = [Number.MAX_VALUE, ''];

export function toCursor([at, id]: Place): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

/** null: not a cursor of ours, so nothing follows it. */
export function fromCursor(cursor: string): Place | null {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(place)) return null;
    const [at, id] = place as unknown[];
    return typeof at === 'number' && typeof id === 'string' ? [at, id] : null;
  } catch {
    return null;
  }
}

/** `rows` are one more than `limit`, if there is more. */
export function page<R, T>(
  rows: readonly R[],
  limit: number,
  placeOf: (row: R) => Place,
  itemOf: (row: R) => T,
): { readonly items: readonly T[]; readonly next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = last !== undefined && rows.length > limit ? toCursor(placeOf(last)) : null;
  return { items: shown.map(itemOf), next };
}
