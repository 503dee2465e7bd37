/**
 * Who is meant by the names in a step, at the time of the page and not before: a rotation is
 * whoever is on duty then. And whether they may be woken: a severity that waits pages them in their
 * working hours alone.
 */
import { opensAt } from '../calendar/hours.ts';
import { dutyWith, type Duty, type Rotation } from '../calendar/rotation.ts';
import { clockTime } from '../calendar/zone.ts';
import type { Config, Escalation, Severity } from '../config/config.ts';
import type { Draft } from './draft.ts';
import type { Override } from './incident.ts';

/** Responders' ids, each once. A rotation that is gone or has a gap is nobody. */
export function meantBy(draft: Draft, names: readonly string[]): readonly string[] {
  const people = names.flatMap((name) => {
    const rotation = draft.config.rotations.get(name);
    if (!rotation) return [name];
    return dutyOf(rotation, draft.overrides(), draft.config, draft.now)?.responder ?? [];
  });
  return [...new Set(people)];
}

/** null: a gap. Who is not configured any more has not taken anything over. */
export function dutyOf(
  rotation: Rotation,
  overrides: Iterable<Override>,
  { responders }: Config,
  at: number,
): Duty | null {
  const spells = [...overrides].filter(
    ({ rotation: of, responder }) => of === rotation.id && responders.has(responder),
  );
  return dutyWith(rotation, spells, at);
}

/** Everybody who may ever be meant. */
export function allMeantBy(draft: Draft, names: readonly string[]): readonly string[] {
  const people = names.flatMap((name) => {
    const rotation = draft.config.rotations.get(name);
    return rotation ? rotation.layers.flatMap(({ members }) => members) : [name];
  });
  return [...new Set(people)];
}

/** When somebody may be paged about this: now, or at the beginning of their hours. Epoch ms. */
export function mayBePagedAt(
  draft: Draft,
  { hours, waits }: Escalation,
  severity: Severity,
  responder: string,
): number {
  if (hours === null || !waits.includes(severity)) return draft.now;
  return opensAt(hours, zoneOf(draft, hours, responder), draft.now);
}

/** Who of these may be paged before that instant, as one of the rotations is handed to them by then. */
export function reliefBefore(
  draft: Draft,
  { hours }: Escalation,
  names: readonly string[],
  before: number,
): { readonly responder: string; readonly at: number } | null {
  if (hours === null) return null;
  let relief: { readonly responder: string; readonly at: number } | null = null;
  for (const rotation of names.flatMap((name) => draft.config.rotations.get(name) ?? [])) {
    const dutyAt = (at: number) => dutyOf(rotation, draft.overrides(), draft.config, at);
    for (let duty = dutyAt(draft.now); duty && duty.until < before;) {
      const from = duty.until;
      duty = dutyAt(from);
      if (!duty) break;
      const at = opensAt(hours, zoneOf(draft, hours, duty.responder), from);
      if (at < Math.min(duty.until, relief?.at ?? before)) relief = { ...duty, at };
    }
  }
  return relief;
}

/** `until 09:00`, or `until Mon 09:00` when it is more than a day off; by the responder's clock. */
export function untilInWords(
  draft: Draft,
  { hours }: Escalation,
  responder: string,
  opening: number,
): `until ${string}` {
  const zone = zoneOf(draft, hours, responder);
  return `until ${clockTime(opening, zone, opening - draft.now >= DAY_MS)}`;
}
const DAY_MS = 86_400_000;

function zoneOf(draft: Draft, hours: Escalation['hours'], responder: string): string {
  return hours?.timezone ?? draft.config.responders.get(responder)?.timezone ?? 'UTC';
}
