/**
 * Who can be reached: when a message to each responder last got through, by each channel that has
 * an address of theirs. Accepted is not reached where the channel gives receipts: there only
 * "delivered" counts. A responder is a word of the configuration; an address is never shown.
 */
import { Gauge, type Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { TocsinEvent } from '../events.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { Notification } from '../incident/notification.ts';

export interface ReachMetrics {
  configure(config: Config): void;
  told(event: Extract<TocsinEvent, { type: 'attempted' | 'followed' }>, now: number): void;
}

export function createReachMetrics(
  registers: Registry[],
  board: () => ReadonlyBoard,
): ReachMetrics {
  const reached = new Gauge({
    name: 'tocsin_responder_last_reached_timestamp_seconds',
    help: 'When a message to a responder last got through by a channel, Unix time; 0: not that is known.',
    labelNames: ['responder', 'channel'],
    registers,
  });
  let channels: Config['channels'] = new Map();
  /** By responder and channel, epoch ms. */
  let known = new Map<string, { responder: string; channel: string; at: number }>();
  const place = (responder: string, channel: string) => `${responder} ${channel}`;
  const isProof = (channel: string, arrived: boolean) =>
    arrived || channels.get(channel)?.proof === 'acceptance';

  function prove({ responder, channel }: Notification, at: number): void {
    const entry = known.get(place(responder ?? '', channel));
    if (entry === undefined || at <= entry.at) return;
    entry.at = at;
    reached.set({ responder: entry.responder, channel }, at / 1000);
  }

  return {
    configure(config) {
      const before = known;
      channels = config.channels;
      known = new Map();
      reached.reset();
      for (const { id: channel, address } of channels.values()) {
        for (const { id: responder, addresses } of config.responders.values()) {
          if (address === null || !addresses.has(address)) continue;
          const at = before.get(place(responder, channel))?.at ?? 0;
          known.set(place(responder, channel), { responder, channel, at });
          reached.set({ responder, channel }, at / 1000);
        }
      }
      for (const row of board().notifications.values()) {
        if (row.acceptedAt === null || row.state === 'failed') continue;
        if (isProof(row.channel, row.state === 'delivered')) prove(row, row.acceptedAt);
      }
    },
    told({ notification, outcome }, now) {
      if ('reason' in outcome) return;
      if (isProof(notification.channel, outcome.outcome === 'delivered')) prove(notification, now);
    },
  };
}
