/** How long a check may take to be confirmed down, at worst: what `validate` prints. */
import type { Check } from './config.ts';

/**
 * Milliseconds from the beginning of the trouble to the page. It begins just after a look, every
 * look runs into its timeout, and of `n of m` the last of m decides. A cron check has no `every`:
 * there it counts from the scheduled look. A job may break just after it has reported.
 */
export function worstCaseMs({ rhythm, timeoutMs, confirm, heartbeat }: Check): number {
  const every = 'everyMs' in rhythm ? rhythm.everyMs : 0;
  if (heartbeat) return every + heartbeat.graceMs;
  return every + (confirm.of - 1) * confirm.recheckMs + confirm.of * timeoutMs;
}
