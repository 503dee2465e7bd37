/**
 * From "queued" to a receipt: sends what is due, from memory, a lane a channel, so that one that
 * hangs delays no other. It decides nothing: what became of each attempt goes back as an input, and
 * only the row that comes back from there says whether there is another try.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import type { Reader } from '../channels/channel.ts';
import type { AddressKind, ChannelConfig } from '../config/config.ts';
import type { Emit } from '../events.ts';
import type { FailReason, Notification, Outcome, Receipt } from '../incident/notification.ts';
import type { IncidentView } from '../incident/view.ts';
import type { Alarm, Clock } from '../system/clock.ts';
import type { Random } from '../system/random.ts';
import type { RunProgram } from '../system/program.ts';
import type { BeginTrace } from '../system/trace.ts';
import type { Transport } from '../system/transport.ts';
import { attempt, type AttemptParts, type Way } from './attempt.ts';
import { retryDelay } from './backoff.ts';
import { createBreaker, type Breaker } from './breaker.ts';
import { createStreams } from './streams.ts';
import { createTracker } from './tracker.ts';

export interface Courier {
  /** Rows of a Change that is stored (or whose storing has been waited for long enough). A row with nothing due any more is dropped from the queue. `loaded`: rows of an earlier run, any of which may have been sent. */
  take(notifications: readonly Notification[], loaded?: boolean): void;
  /** Sends what is due now, retries nothing; resolves when every attempt has its receipt or `patienceMs` are over. */
  drain(patienceMs: number): Promise<void>;
  /** What every attempt by this channel comes to for the moment, unasked; null: it would be asked. */
  known(channel: string): Outcome | null;
  /** Notifications waiting or being sent, by channel. */
  pending(): ReadonlyMap<string, number>;
}

export interface CourierParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly run: RunProgram;
  /** The channel as it is configured now; null: gone. */
  readonly channel: (id: string) => Way | null;
  readonly address: (responder: string, kind: AddressKind) => string | null;
  readonly reader: (notification: Notification, config: ChannelConfig) => Reader;
  /** Where the vendor of a channel can call us; null: nowhere. */
  readonly callback: (way: Way) => string | null;
  readonly incident: (notification: Notification) => IncidentView | null;
  /** Resolves when what follows from the receipt has been handed to `take`. */
  readonly submit: (receipt: Receipt) => Promise<unknown>;
  readonly beginTrace?: BeginTrace | undefined;
  readonly emit: Emit;
  readonly attemptTimeoutMs?: number;
}

const ATTEMPT_TIMEOUT_MS = 10_000;
const CONCURRENT = 8;

interface Item {
  row: Notification & { readonly dueAt: number };
  /** `queued`: in its lane; `sending`: from the first byte until the receipt is dealt with. */
  phase: 'waiting' | 'queued' | 'sending';
  /** It may have been taken already. */
  doubtful: boolean;
  alarm: Alarm | null;
  /** What it became while it was being sent. */
  next: Notification | null;
}

/** Pages do not queue behind posts and updates, not even those of their own channel. */
interface Lane {
  readonly pages: LimitFunction;
  readonly rest: LimitFunction;
  readonly breaker: Breaker;
}

export function createCourier(parts: CourierParts): Courier {
  const { clock, emit } = parts;
  const items = new Map<string, Item>();
  const streams = createStreams<Item>();
  const lanes = new Map<string, Lane>();
  const trouble = (what: string) => emit({ type: 'trouble', where: 'courier', what });
  const timeoutMs = parts.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS;
  const attemptParts: AttemptParts = { ...parts, timeoutMs, trouble };
  const tracker = createTracker(parts);
  let underWay = 0;
  let drained: (() => void) | null = null;

  function take(notification: Notification, loaded: boolean): void {
    tracker.take(notification);
    const item = items.get(notification.key);
    if (item?.phase === 'sending') {
      item.next = notification;
      return;
    }
    if (!isLive(notification)) {
      if (item) drop(item);
      return;
    }
    const doubtful = loaded || notification.state === 'unconfirmed';
    if (item) {
      item.row = notification;
      item.doubtful ||= doubtful;
      wait(item);
    } else {
      const fresh: Item = {
        row: notification,
        phase: 'waiting',
        doubtful,
        alarm: null,
        next: null,
      };
      items.set(notification.key, fresh);
      streams.add(fresh);
      wait(fresh);
    }
  }

  function wait(item: Item): void {
    item.alarm?.cancel();
    item.alarm = null;
    if (item.row.dueAt <= clock.now()) void start(item);
    else if (!drained) item.alarm = clock.alarm(item.row.dueAt, () => void start(item));
  }

  function drop(item: Item): void {
    item.alarm?.cancel();
    items.delete(item.row.key);
    const freed = [...streams.beside(item)];
    streams.remove(item);
    for (const other of freed) if (other.row.dueAt <= clock.now()) void start(other);
  }

  /**
   * An earlier message holds this one up once it is due, until nothing more is to become of it. A
   * page waits for nothing but an attempt that is under way.
   */
  function isHeldUp(item: Item): boolean {
    for (const { phase, row } of streams.before(item)) {
      if (item.row.kind === 'page' && phase === 'waiting') continue;
      if (phase !== 'waiting' || row.attempts > 0 || row.dueAt <= clock.now()) return true;
    }
    return false;
  }

  async function start(item: Item): Promise<void> {
    if (item.phase !== 'waiting' || items.get(item.row.key) !== item || isHeldUp(item)) return;
    if (drained && item.row.attempts > 0) return;
    item.phase = 'queued';
    underWay += 1;
    const lane = laneOf(item.row.channel);
    const limit = item.row.kind === 'page' ? lane.pages : lane.rest;
    await limit(async () => {
      if (items.get(item.row.key) !== item || item.row.dueAt > clock.now()) return;
      item.phase = 'sending';
      const { row } = item;
      const trace = parts.beginTrace?.();
      const outcome = await tell(row, item.doubtful, lane.breaker);
      item.doubtful ||= outcome.outcome === 'unconfirmed';
      const tookMs = clock.now() - row.at;
      emit({ type: 'attempted', notification: row, outcome, tookMs, ...(trace && { trace }) });
      await hand(item, { ...outcome, key: row.key, retryAt: retryAt(row, outcome) });
    });
    underWay -= 1;
    settle(item);
    if (underWay === 0) drained?.();
  }

  async function hand(item: Item, receipt: Receipt): Promise<void> {
    item.next = null;
    try {
      await parts.submit(receipt);
    } catch {
      trouble(`the receipt of ${receipt.key} was not taken`);
    }
  }

  /** After an attempt, or after a turn in the lane that came to nothing. */
  function settle(item: Item): void {
    if (items.get(item.row.key) !== item) return;
    const row = item.phase === 'sending' ? item.next : item.row;
    item.phase = 'waiting';
    if (!row || !isLive(row)) {
      drop(item);
      return;
    }
    item.row = row;
    wait(item);
  }

  async function tell(row: Notification, doubtful: boolean, breaker: Breaker): Promise<Outcome> {
    const way = parts.channel(row.channel);
    if (!way) return gone('refused', 'no channel');
    const kind = way.config.address;
    const to = kind && row.responder !== null ? parts.address(row.responder, kind) : null;
    if (kind && to === null) return gone('address', 'no address');
    const known = breaker.answer(clock.monotonic());
    if (known) return known;
    const letter = () => ({
      notification: row,
      to,
      reader: parts.reader(row, way.config),
      incident: parts.incident(row),
      callback: parts.callback(way),
    });
    const outcome = await attempt(way, row, letter, doubtful, attemptParts);
    breaker.heard(outcome, clock.monotonic());
    return outcome;
  }

  function retryAt(row: Notification, outcome: Outcome): number | null {
    if (outcome.outcome !== 'deferred' && outcome.outcome !== 'unconfirmed') return null;
    const wish = outcome.outcome === 'deferred' ? outcome.retryAfterMs : undefined;
    return clock.now() + retryDelay(row.attempts + 1, parts.random.fraction(), wish);
  }

  function laneOf(channel: string): Lane {
    const lane = lanes.get(channel) ?? {
      pages: pLimit(CONCURRENT),
      rest: pLimit(CONCURRENT),
      breaker: createBreaker(),
    };
    lanes.set(channel, lane);
    return lane;
  }

  return {
    take(notifications, loaded = false) {
      const inOrder = notifications.toSorted((a, b) => a.at - b.at);
      for (const notification of inOrder) take(notification, loaded);
    },
    async drain(patienceMs) {
      tracker.stop();
      const done = new Promise<void>((resolve) => (drained = resolve));
      for (const { alarm } of items.values()) alarm?.cancel();
      if (underWay === 0) return;
      const over = clock.alarm(clock.now() + patienceMs, () => drained?.());
      await done;
      over.cancel();
    },
    known: (channel) => lanes.get(channel)?.breaker.answer(clock.monotonic()) ?? null,
    pending() {
      const pending = new Map<string, number>();
      for (const { row } of items.values()) {
        pending.set(row.channel, (pending.get(row.channel) ?? 0) + 1);
      }
      return pending;
    },
  };
}

function isLive(row: Notification): row is Notification & { readonly dueAt: number } {
  if (typeof row.heldUntil === 'number') return false;
  return row.dueAt !== null && (row.state === 'queued' || row.state === 'unconfirmed');
}

function gone(reason: FailReason, what: 'no channel' | 'no address'): Outcome {
  return { outcome: 'refused', reason, detail: what, gone: what };
}
