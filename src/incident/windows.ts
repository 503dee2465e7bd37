/**
 * The plan's silences: of each maintenance window of the configuration the board holds one
 * occurrence, the one in force or the next, so that its beginning and its end are stored deadlines.
 */
import { occurrenceAt } from '../calendar/window.ts';
import type { MaintenanceWindow } from '../config/config.ts';
import type { Draft } from './draft.ts';
import type { Silence } from './incident.ts';
import { endSilence, remind } from './silencing.ts';
import { recoveryMs } from './suppression.ts';
import { covers } from './coverage.ts';

/** What is still down is known so long after the last look that could tell. */
const FRESH_LOOK_GRACE_MS = 10_000;

/** The board's occurrences become those of this configuration; one that has not changed goes on. */
export function planWindows(draft: Draft): void {
  const { maintenance } = draft.config;
  const planned = new Set(maintenance.map(({ key }) => key));
  const known = new Set<string>();
  for (const silence of [...draft.silences()]) {
    if (silence.window === null) continue;
    if (planned.has(silence.window)) known.add(silence.window);
    else if (silence.begunAt !== null) endSilence(draft, silence);
    else cancel(draft, silence);
  }
  for (const window of maintenance) if (!known.has(window.key)) plan(draft, window);
}

function plan(draft: Draft, { key, covers: covered, below, when, why }: MaintenanceWindow): void {
  const next = occurrenceAt(when, draft.now);
  if (next === null) return;
  const id = `${key}.${String(next.startsAt)}`;
  draft.putSilence({
    ...next,
    id,
    covers: covered,
    below,
    begunAt: null,
    tellAt: null,
    by: 'maintenance',
    why,
    at: draft.now,
    window: key,
    endedAt: null,
  });
  draft.decided('maintenance planned', { silence: id });
  takeSilenceDue(draft, id);
}

function cancel(draft: Draft, silence: Silence): void {
  draft.putSilence({ ...silence, endedAt: draft.now });
  draft.decided('maintenance no longer planned', { silence: silence.id });
}

/** What of a silence is due: its beginning, a word to its owner, its end. */
export function takeSilenceDue(draft: Draft, id: string): void {
  const silence = draft.silence(id);
  if (silence?.endedAt !== null) return;
  const isDue = (deadline: number | null): boolean => deadline !== null && deadline <= draft.now;
  if (isDue(silence.endsAt)) {
    endSilence(draft, silence);
    const window = draft.config.maintenance.find(({ key }) => key === silence.window);
    if (window) plan(draft, window);
    return;
  }
  if (silence.begunAt === null && isDue(silence.startsAt)) {
    draft.putSilence({ ...silence, begunAt: draft.now });
    draft.decided('maintenance begun', { silence: id });
  }
  if (isDue(silence.tellAt)) remind(draft, silence);
}

/** What ended while Tocsin was away ends once its checks can have been looked at again. */
export function postponeEnds(draft: Draft): void {
  for (const silence of [...draft.silences()]) {
    const { endsAt, begunAt } = silence;
    if (endsAt === null || begunAt === null || endsAt > draft.now) continue;
    const waits = [...draft.config.checks.keys()]
      .filter((check) => covers(silence, check, draft.config))
      .map((check) => recoveryMs(draft, check));
    const patienceMs = waits.reduce((most, wait) => Math.max(most, wait), FRESH_LOOK_GRACE_MS);
    draft.putSilence({ ...silence, endsAt: draft.now + patienceMs, tellAt: null });
  }
}
