/**
 * What a peer says, held against what is awaited as it comes: by inspecting it, so that no pattern
 * holds the loop. What one would get wrong: what must not come never comes surely, so that where
 * nothing is awaited the first words decide.
 */
import type { Inspect, Inspected, Undecided } from './_inspect.ts';
import { undecided } from './_look.ts';
import type { TextMatch } from './_mismatch.ts';
import { printMatch } from './_text-match.ts';
import type { Finding, Reason } from './probe.ts';

export type Held = Inspected | Undecided;

export interface Hearing {
  /** Is there no use in hearing more? Rejects where inspecting does. */
  isEnough(text: string): Promise<boolean>;
  /** What came of the text that was heard last; of another one it is found out now. */
  of(text: string): Promise<Held>;
}

export function hear(match: TextMatch, inspect: Inspect, leftMs: () => number): Hearing {
  const isAwaited = match.contains !== undefined || match.matches !== undefined;
  let last: { readonly text: string; readonly held: Held } | null = null;
  async function of(text: string): Promise<Held> {
    if (last?.text === text) return last.held;
    const found = await inspect(text, { match }, leftMs());
    last = { text, held: 'taken' in found ? found.inspected : found };
    return last.held;
  }
  return {
    of,
    isEnough: async (text) => !isAwaited || isRight(await of(text)),
  };
}

export function isRight(held: Held): boolean {
  return 'wrong' in held && held.wrong === null;
}

/** `what` came, such as `banner`. */
export function heldFinding(
  what: string,
  held: Held,
  match: TextMatch,
  reason: Reason,
): Omit<Finding, 'level'> {
  const about = { expectation: what, expected: printMatch(match), reason };
  if ('undecided' in held) return undecided(about, what, held);
  const { excerpt: seen, wrong } = held;
  return { ...about, met: wrong === null, seen, brief: `${what} ${wrong ?? ''}` };
}
