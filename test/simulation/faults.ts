/**
 * What may go wrong in a simulated world. Every seed has a part of it only: a world in which
 * everything breaks at once never gets to the interesting places.
 */
import type { Dice } from './dice.ts';

export const FAULTS = [
  // Targets.
  'outages',
  'flapping',
  'hanging targets',
  'storms',
  // Our own eyes.
  'network cut',
  'resolver gone',
  'silent network',
  // Those who carry messages.
  'lost answers',
  'refusals',
  'rate limits',
  'vendor outages',
  'vendor hangs',
  'late acceptance',
  'lies',
  'receipts',
  'lookups fail',
  // People.
  'acks',
  'double acks',
  'late acks',
  'strangers',
  'other words',
  'api',
  // Whoever runs it.
  'reloads',
  'bad reloads',
  'restarts',
  // The machine.
  'crashes',
  'crashes at appends',
  'freezes',
  'wall clock steps',
  'slow disk',
  'hung disk',
  'full disk',
  // What cannot be digested.
  'poisoned probe',
  'poisoned message',
  // Nothing is down, and it must not get in the way when something is.
  'drills',
  // It is somebody else's turn, by the calendar or because they say so.
  'hand-overs',
  // What an SMS vendor has accepted proves nothing.
  'proof of delivery',
] as const;
export type Fault = (typeof FAULTS)[number];

/** About half of them; trouble at the targets nearly always, or there would be nothing to tell. */
export function drawFaults(dice: Dice): ReadonlySet<Fault> {
  const share = dice.pick([0.2, 0.4, 0.6]);
  return new Set(
    FAULTS.filter((fault) => {
      const isIn = dice.chance(share);
      return isIn || (fault === 'outages' && dice.chance(0.9));
    }),
  );
}
