/** Who has which rotation, as the API, `tocsin oncall` and `validate` tell it. */
import { onDuty, type Rotation } from '../calendar/rotation.ts';
import type { Config } from '../config/config.ts';
import { rfc3339OrNull } from './incident-view.ts';

export interface DutyView {
  readonly rotation: string;
  /** A responder's id; null: a gap. */
  readonly responder: string | null;
  readonly name: string | null;
  /** RFC 3339; null: for good. */
  readonly until: string | null;
  /** Who has it from then on. */
  readonly next: string | null;
  /** Of the rotation's layers, 1-based: why it is they. */
  readonly layer: number | null;
}

export function dutyViews(config: Config, at: number): readonly DutyView[] {
  return [...config.rotations.values()].map((rotation) => viewOf(rotation, config, at));
}

function viewOf(rotation: Rotation, { responders }: Config, at: number): DutyView {
  const duty = onDuty(rotation, at);
  const until = duty === null || duty.until === Infinity ? null : duty.until;
  return {
    rotation: rotation.id,
    responder: duty?.responder ?? null,
    name: responders.get(duty?.responder ?? '')?.name ?? null,
    until: rfc3339OrNull(until),
    next: until === null ? null : (onDuty(rotation, until)?.responder ?? null),
    layer: duty === null ? null : duty.layer + 1,
  };
}
