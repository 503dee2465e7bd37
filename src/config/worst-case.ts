/** How long a check may take to be confirmed down, at worst: what `validate` prints. */
import { longestGapMs } from '../calendar/cron.ts';
import type { Check } from './config.ts';

/**
 * Milliseconds from the beginning of the trouble to the page. It begins just after a look, every
 * look runs into its timeout, and of `n of m` the last of m decides. By cron
 * the longest wait between two looks counts. A job may break just after it has reported.
 */
export function worstCaseMs({ rhythm, timeoutMs, confirm, heartbeat }: Check): number {
  const every = 'everyMs' in rhythm ? rhythm.everyMs : longestGapMs(rhythm.cron);
  if (heartbeat) return every + heartbeat.graceMs;
  return every + (confirm.of - 1) * confirm.recheckMs + confirm.of * timeoutMs;
}
