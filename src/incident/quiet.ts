/**
 * Whether an incident may page. It may not while all of it that is down is silenced; one check that
 * is not is enough to be told of.
 */
import type { Draft } from './draft.ts';
import type { Incident } from './incident.ts';

export function isQuiet(draft: Draft, incident: string): boolean {
  if (!draft.hasSilences) return false;
  let hasDown = false;
  for (const { check, state, leftAt } of draft.members(incident)) {
    if (state !== 'down' || leftAt !== null) continue;
    if (!draft.silenceOf(check)) return false;
    hasDown = true;
  }
  return hasDown;
}

/** Is it there still? What a person has opened has no checks to tell, and lasts until a person ends it. */
export function isOngoing({ down, openedBy }: Incident): boolean {
  return down > 0 || openedBy !== null;
}
