/** A crontab line and its zone, held against each other wherever a section has both. */
import { parseCron } from '../calendar/cron.ts';
import { isTimezone } from '../calendar/zone.ts';
import { ofWhat, type Owner, veiled } from './explain.ts';
import type { Complaints } from './problem.ts';
import { valueAt, type Written } from './written.ts';

export function checkCron(node: Written, key: string, owner: Owner, complaints: Complaints): void {
  const written = valueAt(node, [key]);
  const line = textOf(written);
  if (written === undefined || line === null) return;
  // A zone that is none is told at its own place.
  const zone = textOf(valueAt(node, ['timezone'])) ?? 'UTC';
  const parsed = parseCron(line, isTimezone(zone) ? zone : 'UTC');
  if ('cron' in parsed) return;
  complaints.add(written.at, `${ofWhat([key], owner)}: ${veiled(parsed.why, written)}`);
}

function textOf(node: Written | undefined): string | null {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
}
