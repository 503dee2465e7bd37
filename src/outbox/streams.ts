/**
 * What must not overtake what: messages about one incident, to one responder, by one channel, go
 * out in the order in which they were decided, or "resolved" could arrive before the page. A
 * message about several incidents stands in several streams, in a storm in ten thousand.
 */
import type { Notification } from '../incident/notification.ts';

export interface Streams<T> {
  add(item: T): void;
  remove(item: T): void;
  /** Those decided before this one, in any stream of its. */
  before(item: T): ReadonlySet<T>;
  /** All others that share a stream with it. */
  beside(item: T): ReadonlySet<T>;
}

export function createStreams<T extends { readonly row: Notification }>(): Streams<T> {
  /** By way, then by incident. The parts of either never change while a message waits. */
  const ways = new Map<string, Map<string, T[]>>();

  function* streamsOf({ row }: T): Iterable<readonly T[]> {
    const way = ways.get(wayOf(row));
    for (const incident of row.about) {
      const stream = way?.get(incident);
      if (stream) yield stream;
    }
  }

  return {
    beside(item) {
      const others = new Set<T>();
      for (const stream of streamsOf(item)) {
        if (stream.length > 1) for (const other of stream) others.add(other);
      }
      others.delete(item);
      return others;
    },
    before(item) {
      const earlier = new Set<T>();
      for (const stream of streamsOf(item)) {
        for (const other of stream) {
          if (other === item) break;
          earlier.add(other);
        }
      }
      return earlier;
    },
    add(item) {
      const id = wayOf(item.row);
      const way = ways.get(id) ?? new Map<string, T[]>();
      ways.set(id, way);
      for (const incident of item.row.about) {
        const stream = way.get(incident);
        if (!stream) {
          way.set(incident, [item]);
          continue;
        }
        const after = stream.findLastIndex((other) => other.row.at <= item.row.at);
        stream.splice(after + 1, 0, item);
      }
    },
    remove(item) {
      const id = wayOf(item.row);
      const way = ways.get(id);
      for (const incident of item.row.about) {
        const stream = way?.get(incident)?.filter((other) => other !== item) ?? [];
        if (stream.length > 0) way?.set(incident, stream);
        else way?.delete(incident);
      }
      if (way?.size === 0) ways.delete(id);
    },
  };
}

function wayOf({ responder, channel }: Notification): string {
  return JSON.stringify([responder, channel]);
}
