/**
 * Messages about several incidents, which a phone gets instead of too many: how many wait for its
 * limit, and how many have left. What is told in them is not sent by itself, and counts nowhere else.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';

export interface BundleMetrics {
  changed(event: Extract<TocsinEvent, { type: 'changed' }>): void;
}

export function createBundleMetrics(
  registers: Registry[],
  board: () => ReadonlyBoard,
  config: () => Config,
): BundleMetrics {
  const left = new Map<string, number>();
  new Gauge({
    name: 'tocsin_bundles_held',
    help: 'Messages about several incidents that wait, because somebody had too many.',
    labelNames: ['channel'],
    registers,
    collect() {
      this.reset();
      const { channels } = config();
      for (const channel of channels.keys()) this.set({ channel }, 0);
      for (const { channel, heldUntil } of board().notifications.values()) {
        if (typeof heldUntil === 'number' && channels.has(channel)) this.inc({ channel });
      }
    },
  });
  new Counter({
    name: 'tocsin_bundles_total',
    help: 'Messages about several incidents that were decided to leave.',
    labelNames: ['channel'],
    registers,
    collect() {
      this.reset();
      for (const channel of config().channels.keys()) {
        this.inc({ channel }, left.get(channel) ?? 0);
      }
    },
  });
  return {
    changed({ change: { reasons, notifications } }) {
      for (const { outcome, key } of reasons) {
        const row =
          outcome === 'bundled' ? notifications.find((each) => each.key === key) : undefined;
        if (row !== undefined) left.set(row.channel, (left.get(row.channel) ?? 0) + 1);
      }
    },
  };
}
