/** Who has which rotation, as the API, `tocsin oncall` and `validate` tell it. */
import type { Rotation } from '../calendar/rotation.ts';
import type { Config } from '../config/config.ts';
import { rfc3339, rfc3339OrNull } from './incident-view.ts';
import type { Override } from './incident.ts';
import { dutyOf } from './on-duty.ts';

export interface DutyView {
  readonly rotation: string;
  /** A responder's id; null: a gap. */
  readonly responder: string | null;
  readonly name: string | null;
  /** RFC 3339; null: for good. */
  readonly until: string | null;
  /** Who has it from then on. */
  readonly next: string | null;
  /** Of the rotation's layers, 1-based: why it is they. null: they have taken it over, or it is a gap. */
  readonly layer: number | null;
}

/** `overrides`: in the order in which they were made. */
export function dutyViews(
  config: Config,
  overrides: Iterable<Override>,
  at: number,
): readonly DutyView[] {
  const all = [...overrides];
  return [...config.rotations.values()].map((rotation) => viewOf(rotation, all, config, at));
}

function viewOf(
  rotation: Rotation,
  overrides: readonly Override[],
  config: Config,
  at: number,
): DutyView {
  const duty = dutyOf(rotation, overrides, config, at);
  const until = duty === null || duty.until === Infinity ? null : duty.until;
  const after = until === null ? null : dutyOf(rotation, overrides, config, until);
  return {
    rotation: rotation.id,
    responder: duty?.responder ?? null,
    name: config.responders.get(duty?.responder ?? '')?.name ?? null,
    until: rfc3339OrNull(until),
    next: after?.responder ?? null,
    layer: typeof duty?.layer === 'number' ? duty.layer + 1 : null,
  };
}

/** Somebody has it, from one hand-over to another. */
export interface Turn {
  readonly responder: string;
  readonly from: number;
  readonly until: number;
}

/** Those from `from` on that begin within `forMs`; the first as if it began then. */
export function turnsOf(
  rotation: Rotation,
  overrides: Iterable<Override>,
  config: Config,
  from: number,
  forMs: number,
): readonly Turn[] {
  const turns: Turn[] = [];
  const all = [...overrides];
  for (let at = from; at < from + forMs;) {
    const duty = dutyOf(rotation, all, config, at);
    if (duty === null) break;
    const last = turns.at(-1);
    if (last?.responder === duty.responder)
      turns[turns.length - 1] = { ...last, until: duty.until };
    else turns.push({ responder: duty.responder, from: at, until: duty.until });
    at = duty.until;
  }
  return turns;
}

export interface OverrideView {
  readonly id: string;
  readonly rotation: string;
  readonly responder: string;
  readonly from: string;
  readonly until: string;
  readonly by: string;
  readonly why: string;
}

export function overrideView(override: Override): OverrideView {
  const { id, rotation, responder, from, until, by, why } = override;
  return { id, rotation, responder, from: rfc3339(from), until: rfc3339(until), by, why };
}
