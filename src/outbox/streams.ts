/**
 * What must not overtake what: messages about one incident, to one responder, by one channel, go
 * out in the order in which they were decided, or "resolved" could arrive before the page. A
 * message about several incidents stands in several streams.
 */
import type { Notification } from '../incident/notification.ts';

export interface Streams<T> {
  add(item: T): void;
  remove(item: T): void;
  /** Those decided before this one, in any stream of its. */
  before(item: T): Iterable<T>;
  /** All that share a stream with it. */
  beside(item: T): Iterable<T>;
}

export function createStreams<T extends { readonly row: Notification }>(): Streams<T> {
  const streams = new Map<string, T[]>();

  function* beside(item: T): Generator<T> {
    for (const key of keysOf(item.row)) yield* [...(streams.get(key) ?? [])];
  }

  return {
    beside,
    *before(item) {
      for (const key of keysOf(item.row)) {
        for (const other of streams.get(key) ?? []) {
          if (other === item) break;
          yield other;
        }
      }
    },
    add(item) {
      for (const key of keysOf(item.row)) {
        const stream = streams.get(key) ?? [];
        streams.set(key, stream);
        const after = stream.findLastIndex((other) => other.row.at <= item.row.at);
        stream.splice(after + 1, 0, item);
      }
    },
    remove(item) {
      for (const key of keysOf(item.row)) {
        const stream = streams.get(key)?.filter((other) => other !== item) ?? [];
        if (stream.length > 0) streams.set(key, stream);
        else streams.delete(key);
      }
    },
  };
}

/** The parts of a key never change while a message waits. */
function keysOf({ about, responder, channel }: Notification): readonly string[] {
  return about.map((incident) => JSON.stringify([incident, responder, channel]));
}
