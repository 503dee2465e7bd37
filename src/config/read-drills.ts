/** drills: when people are asked, by a crontab line in a named zone, to show that a page would reach them. */
import { isTimezone } from '../calendar/zone.ts';
import type { DrillPlan } from './config.ts';
import { ofWhat, read } from './explain.ts';
import { checkCron } from './read-cron.ts';
import { refer, type Reading } from './reading.ts';
import { drill, DRILL_WITHIN_MS } from './schema.ts';
import { idOf, isBlank, plain, valueAt } from './written.ts';

const UTC = 'UTC';

export function readDrills(reading: Reading): readonly DrillPlan[] {
  const { root, names, complaints } = reading;
  const section = root.entries.get('drills');
  if (section === undefined || isBlank(section.value)) return [];
  if (section.value.kind !== 'list') {
    complaints.add(section.value.at, 'drills: expected a list of drills');
    return [];
  }
  const known = new Map<string, number>();
  return section.value.items.flatMap((node, i) => {
    const owner = { name: `drills[${String(i)}]`, at: node.at };
    const named = idOf(valueAt(node, ['escalation']));
    const where = ofWhat(['escalation'], owner);
    if (named !== null) refer(named, 'escalation', names.escalations, where, complaints);
    checkCron(node, 'cron', owner, complaints);
    const values = read(drill, node, owner, complaints);
    if (values === null) return [];
    const { escalation, cron, timezone = UTC, within = DRILL_WITHIN_MS } = values;
    if (!isTimezone(timezone)) return [];
    const key = reading.hash(JSON.stringify(plain(node)));
    const twin = known.get(key);
    if (twin !== undefined) {
      complaints.add(node.at, `${owner.name}: is the same as drills[${String(twin)}]`);
    }
    known.set(key, i);
    return [{ key, escalation, cron: cron.trim(), timezone, withinMs: within }];
  });
}
