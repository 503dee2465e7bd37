/**
 * What an operator should know before the night. A finding says what is so, where it is written, why
 * it matters when nobody is awake, and what to do; it is never only "failed".
 */
import type { Path } from '../config/written.ts';

export interface Finding {
  /** `fault`: a page would not get through as things are; `risk`: one loss would take it along. */
  readonly level: 'fault' | 'risk';
  readonly topic: Topic;
  /** A sentence without a full stop, as are the others. */
  readonly what: string;
  /** The keys that lead there in checks.yml; null: it is written nowhere. */
  readonly at: Path | null;
  readonly why: string;
  readonly remedy: string;
}

/** What one part of an examination came to. `seen`: what is well, or only worth knowing, a line each. */
export interface Examined {
  readonly seen: readonly string[];
  readonly findings: readonly Finding[];
}

export type Topic =
  | 'shared fate'
  | 'reliance'
  | 'duty'
  | 'channels'
  | 'daemon'
  | 'witnesses'
  | 'programs'
  | 'data'
  | 'files'
  | 'clock';

/** `a`, `a and b`, `a, b, c and 7 more`. */
export function several(names: readonly string[]): string {
  const shown = names.length > SHOWN + 1 ? names.slice(0, SHOWN) : names;
  const more = names.length - shown.length;
  const parts = more > 0 ? [...shown, `${String(more)} more`] : shown;
  const [last = ''] = parts.slice(-1);
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
const SHOWN = 3;
