/**
 * How long everything is measured for. `--quick` is for seeing that it works: what it finds is said
 * to be provisional.
 */
export interface Pace {
  readonly rounds: number;
  /** Beyond the first looks, which are spread in their own way. */
  readonly settleMs: number;
  readonly windowMs: number;
  /** The window in which checks that fail are taken together. */
  readonly groupMs: number;
  /** From the end of a storm until its memory should be back. */
  readonly coolMs: number;
}

export const FULL: Pace = {
  rounds: 3,
  settleMs: 15_000,
  windowMs: 30_000,
  groupMs: 60_000,
  coolMs: 600_000,
};
export const QUICK: Pace = {
  rounds: 1,
  settleMs: 10_000,
  windowMs: 20_000,
  groupMs: 15_000,
  coolMs: 30_000,
};
