/**
 * Who can be reached: when a message to each responder last got through, and when they last answered,
 * by each channel that has an address of theirs. Read off the board, which remembers it over restarts.
 * A responder is a word of the configuration; an address is never shown.
 */
import { Gauge, type Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import { reachKey, type Reach } from '../incident/reach.ts';

const LABELS = ['responder', 'channel'];

export function reachMetrics(
  registers: Registry[],
  board: () => ReadonlyBoard,
  config: () => Config,
): void {
  const gauge = (name: string, help: string, at: (reach: Reach | undefined) => number | null) =>
    new Gauge({
      name,
      help,
      labelNames: LABELS,
      registers,
      collect() {
        this.reset();
        for (const { responder, channel } of waysTo(config())) {
          const known = board().reaches.get(reachKey({ responder, channel }));
          this.set({ responder, channel }, (at(known) ?? 0) / 1000);
        }
      },
    });
  gauge(
    'tocsin_responder_last_reached_timestamp_seconds',
    'When a message to a responder last got through by a channel, Unix time; 0: not that is known.',
    (reach) => reach?.reachedAt ?? null,
  );
  gauge(
    'tocsin_responder_last_answered_timestamp_seconds',
    'When a responder last answered by a channel, Unix time; 0: not that is known.',
    (reach) => reach?.answeredAt ?? null,
  );
}

function* waysTo({ channels, responders }: Config): Iterable<Pick<Reach, 'responder' | 'channel'>> {
  for (const { id: channel, address } of channels.values()) {
    for (const { id: responder, addresses } of responders.values()) {
      if (address !== null && addresses.has(address)) yield { responder, channel };
    }
  }
}
