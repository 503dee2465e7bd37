/**
 * "I cannot see" is not "it is down". A look that failed by resolver or network is held against the
 * witnesses: things that are up unless we ourselves are cut off. What one would get wrong: one
 * witness that answers makes it an outage, also of our own DNS zone, and pages.
 */
import type { Verdict } from './verdict.ts';

/** What a look needs to get anywhere, and by what it failed if it was that. */
export type Way = 'resolver' | 'network';

/** The last look at a witness. */
export interface Witness {
  /** What looking at it needs: an address needs no resolver. */
  readonly needs: ReadonlySet<Way>;
  /** When the look ended, epoch ms; null: not looked at yet. */
  readonly at: number | null;
  /** By what it failed; null: it answered, be it badly. */
  readonly failed: Way | null;
}

/** By what a look failed that may be our own trouble; null: the target's own doing, or no failure. */
export function wayFailed({ status, reason }: Pick<Verdict, 'status' | 'reason'>): Way | null {
  if (status !== 'down') return null;
  if (reason === 'dns') return 'resolver';
  return reason === 'unreachable' || reason === 'connect_timeout' || reason === 'timeout'
    ? 'network'
    : null;
}

/** Do all witnesses that go this way fail, by looks that ended at `since` or later? Without any: no. */
export function isBlind(way: Way, since: number, witnesses: Iterable<Witness>): boolean {
  let concerned = 0;
  for (const { needs, at, failed } of witnesses) {
    if (!needs.has(way)) continue;
    if (at === null || at < since || failed === null) return false;
    concerned += 1;
  }
  return concerned > 0;
}
