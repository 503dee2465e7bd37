/**
 * What Tocsin knows to be wrong with itself, and whether what it decides is stored. The troubles are
 * those that it also pages about: these are for whoever pages through Prometheus.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';

/** As the self-checks are called behind `self:`. */
const TROUBLES = ['blind', 'memory', 'stale'] as const;

export function selfMetrics(registers: Registry[], board: () => ReadonlyBoard) {
  new Gauge({
    name: 'tocsin_self_trouble',
    help: 'Is Tocsin cut off (blind), without its store (memory), or behind with looks (stale)?',
    labelNames: ['trouble'],
    registers,
    collect() {
      for (const trouble of TROUBLES) {
        const isWrong = board().checks.get(`self:${trouble}`)?.status === 'down';
        this.set({ trouble }, isWrong ? 1 : 0);
      }
    },
  });
  const changes = new Counter({
    name: 'tocsin_changes_total',
    help: 'Decisions made, by whether they were stored before anybody was told.',
    labelNames: ['recorded'],
    registers,
  });
  for (const recorded of ['yes', 'no']) changes.inc({ recorded }, 0);
  return {
    changed({ recorded }: Extract<TocsinEvent, { type: 'changed' }>): void {
      changes.inc({ recorded: recorded ? 'yes' : 'no' });
    },
  };
}
