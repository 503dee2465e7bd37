/**
 * maintenance: planned work, by a crontab line and a length or by two instants. Wall times are those
 * of the window's own zone; without one, of UTC, as everywhere.
 */
import type { z } from 'zod';
import { instantOf, type When } from '../calendar/window.ts';
import { isTimezone } from '../calendar/zone.ts';
import { printDuration } from '../system/values.ts';
import type { MaintenanceWindow } from './config.ts';
import { ofWhat, type Owner, read } from './explain.ts';
import type { Reading } from './reading.ts';
import { refer } from './reading.ts';
import { checkCron } from './read-cron.ts';
import { maintenance } from './schema.ts';
import { idsAt, isBlank, plain, valueAt, type NamedId, type Written } from './written.ts';

type Values = z.output<typeof maintenance>;

const UTC = 'UTC';

export function readMaintenance(reading: Reading): readonly MaintenanceWindow[] {
  const { root, complaints } = reading;
  const section = root.entries.get('maintenance');
  if (section === undefined || isBlank(section.value)) return [];
  if (section.value.kind !== 'list') {
    complaints.add(section.value.at, 'maintenance: expected a list of windows');
    return [];
  }
  return section.value.items.flatMap((node, i) => {
    const owner = { name: `maintenance[${String(i)}]`, at: node.at };
    for (const named of idsAt(node, ['checks'])) checkCovered(named, owner, reading);
    checkCron(node, 'cron', owner, complaints);
    const values = read(maintenance, node, owner, complaints);
    const when = values === null ? null : whenOf(values, node, owner, reading);
    if (values === null || when === null) return [];
    const { checks: covers, below = false, why = '' } = values;
    return { key: reading.hash(JSON.stringify(plain(node))), covers, below, when, why };
  });
}

/** An id, `*`, or `tag=value` that some check has. */
function checkCovered(named: NamedId, owner: Owner, { root, names, complaints }: Reading): void {
  const { id, shown, at } = named;
  const where = ofWhat(['checks'], owner);
  if (id === '*') return;
  if (!id.includes('=')) {
    refer(named, 'check', names.checks, where, complaints);
    return;
  }
  const [tag = '', ...value] = id.split('=');
  const isThere = [...names.checks].some((check) => {
    const written = valueAt(root, ['checks', check, 'tags', tag]);
    return written?.kind === 'scalar' && String(written.value) === value.join('=');
  });
  if (!isThere) complaints.add(at, `${where}: no check has the tag ${JSON.stringify(shown)}`);
}

function whenOf(values: Values, node: Written, owner: Owner, reading: Reading): When | null {
  const { cron, for: forMs, at, from, to, timezone = UTC } = values;
  const { complaints } = reading;
  if (cron !== undefined) {
    const isWell = forMs !== undefined && isTimezone(timezone);
    return isWell ? { cron: cron.trim(), timezone, forMs } : null;
  }
  const start = instant(at === undefined ? 'from' : 'at', 'start');
  const end = forMs === undefined ? instant('to', 'end') : (start ?? 0) + forMs;
  if (start === null || end === null) return null;
  if (end > start) return { from: start, to: end };
  const early = forMs === undefined ? printDuration(start - end) : '';
  complaints.add(place('to'), `${ofWhat(['to'], owner)}: is ${early} before "from"`);
  return null;

  function place(key: string) {
    return valueAt(node, [key])?.at ?? owner.at;
  }
  function instant(key: 'from' | 'at' | 'to', edge: 'start' | 'end'): number | null {
    const written = { from, at, to }[key];
    const found = written === undefined ? null : instantOf(written, timezone, edge);
    if (written !== undefined && found === null) {
      const text = 'expected a time such as 2026-10-25T01:30, or with an offset, +01:00 or Z';
      complaints.add(place(key), `${ofWhat([key], owner)}: ${text}`);
    }
    return found;
  }
}
