/**
 * What Tocsin knows to be wrong with itself, and whether what it decides is stored. The troubles are
 * those that it also pages about: these are for whoever pages through Prometheus.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { SelfTestPart, TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';

/** As the self-checks are called behind `self:`. */
const TROUBLES = ['blind', 'memory', 'stale', 'pulse'] as const;
const PARTS: readonly SelfTestPart[] = ['scheduler', 'store', 'channels'];

export function selfMetrics(registers: Registry[], board: () => ReadonlyBoard) {
  new Gauge({
    name: 'tocsin_self_trouble',
    help: 'Is Tocsin cut off (blind), without its store (memory), behind with looks (stale), or not heard by its dead-man switch (pulse)?',
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
  const parts = new Gauge({
    name: 'tocsin_self_test_failed',
    help: 'Has this part of the last self-test failed? Made before each heartbeat to heartbeat_to.',
    labelNames: ['part'],
    registers,
  });
  for (const part of PARTS) parts.set({ part }, 0);
  const heartbeat = new Gauge({
    name: 'tocsin_pulse_last_success_timestamp_seconds',
    help: 'When the dead-man switch of heartbeat_to last took a heartbeat, Unix time; 0: not since the start.',
    registers,
  });
  const refused = new Counter({
    name: 'tocsin_pulse_refused_total',
    help: 'Heartbeats that the dead-man switch of heartbeat_to did not take.',
    registers,
  });
  return {
    pulse({ failed, refusal, at }: Extract<TocsinEvent, { type: 'pulse' }>): void {
      for (const part of PARTS) parts.set({ part }, failed.includes(part) ? 1 : 0);
      if (refusal !== null) refused.inc();
      else if (failed.length === 0) heartbeat.set(at / 1_000);
    },
    changed({ recorded }: Extract<TocsinEvent, { type: 'changed' }>): void {
      changes.inc({ recorded: recorded ? 'yes' : 'no' });
    },
  };
}
