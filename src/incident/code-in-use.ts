/**
 * Is a code somebody's? Beside those of the last 90 days there are those that are still shown: an
 * incident may be open for longer, and of drills the last fifty stay whatever their age.
 */
import type { ReadonlyBoard, Snapshot } from './board.ts';
import { CODE_REST_MS } from './chance.ts';

/** `held`: what a store that was found late knows, which the board has yet to learn. */
export function isInUse(
  code: string,
  now: number,
  { bundles, codes, drills, incidents }: ReadonlyBoard,
  held: Snapshot | null,
): boolean {
  if (bundles.has(code)) return true;
  const usedAt = codes.get(code) ?? held?.codes.find((one) => one.code === code)?.usedAt;
  // Not in a storm's every draw: most codes have never been used.
  if (usedAt === undefined) return false;
  if (now - usedAt < CODE_REST_MS) return true;
  const shown = [...drills.values(), ...incidents.values()];
  return shown.some((one) => one.code === code);
}
