/**
 * How long to wait before a message is tried again. Full jitter, so that what failed together does
 * not come back together; the floor keeps the luckiest draw from hammering a vendor in trouble.
 */

const FLOOR_MS = 1_000;
const FIRST_MS = 2_000;
const CAP_MS = 60_000;
/** A vendor may ask for more patience than ours, within what a person can be left waiting. */
const RETRY_AFTER_CAP_MS = 600_000;

/** Milliseconds. `attempts`: how often it was tried, at least 1; `fraction`: chance, in [0, 1). */
export function retryDelay(attempts: number, fraction: number, retryAfterMs = 0): number {
  const ceiling = Math.min(CAP_MS, FIRST_MS * 2 ** (attempts - 1));
  const delay = FLOOR_MS + Math.floor(fraction * (ceiling - FLOOR_MS));
  return Math.max(delay, Math.min(retryAfterMs, RETRY_AFTER_CAP_MS));
}
