/**
 * The drills of each escalation: when the last one was, and how many did not answer it. A drill that
 * is under way says nothing yet, and one that was missed never does: the last one grows old.
 */
import { Gauge, type Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { Drill } from '../incident/drill.ts';

const ENDINGS: readonly (string | null)[] = ['answered', 'unanswered'];

export function drillMetrics(
  registers: Registry[],
  board: () => ReadonlyBoard,
  config: () => Config,
): void {
  new Gauge({
    name: 'tocsin_drill_last_timestamp_seconds',
    help: 'When the last drill of an escalation was over, Unix time; 0: not that is known.',
    labelNames: ['escalation'],
    registers,
    collect() {
      this.reset();
      const last = lastOf(board());
      for (const escalation of config().escalations.keys()) {
        this.set({ escalation }, (last.get(escalation)?.endedAt ?? 0) / 1000);
      }
    },
  });
  new Gauge({
    name: 'tocsin_drill_last_unanswered',
    help: 'Responders who did not answer the last drill of an escalation.',
    labelNames: ['escalation'],
    registers,
    collect() {
      this.reset();
      const last = lastOf(board());
      for (const escalation of config().escalations.keys()) {
        const drill = last.get(escalation);
        if (drill) this.set({ escalation }, unanswered(drill));
      }
    },
  });
}

function lastOf({ drills }: ReadonlyBoard): ReadonlyMap<string, Drill> {
  const last = new Map<string, Drill>();
  for (const drill of drills.values()) {
    const { escalation, endedAt, ending } = drill;
    if (endedAt === null || !ENDINGS.includes(ending)) continue;
    if (endedAt >= (last.get(escalation)?.endedAt ?? 0)) last.set(escalation, drill);
  }
  return last;
}

function unanswered({ people }: Drill): number {
  return people.filter(({ answeredAt, sparedAt }) => answeredAt === null && sparedAt === null)
    .length;
}
