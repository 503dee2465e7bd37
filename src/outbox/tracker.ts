/**
 * Accepted is not delivered: where a vendor knows more later, it is asked until it has said how the
 * message ended. What it says goes back as a receipt; asking decides nothing, and a vendor that
 * cannot be asked changes nothing.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import type { Emit } from '../events.ts';
import type { Notification, Outcome, Receipt } from '../incident/notification.ts';
import type { Alarm, Clock } from '../system/clock.ts';
import type { RunProgram } from '../system/program.ts';
import type { Transport } from '../system/transport.ts';
import type { Way } from './attempt.ts';
import { nameOf, withDeadline } from './deadline.ts';

export interface Tracker {
  /** A row as it is now: one that is accepted and lacks its proof is followed from here on. */
  take(notification: Notification): void;
  stop(): void;
}

export interface TrackerParts {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly run: RunProgram;
  readonly channel: (id: string) => Way | null;
  readonly submit: (receipt: Receipt) => Promise<unknown>;
  readonly emit: Emit;
}

const TIMEOUT_MS = 10_000;
const FIRST_MS = 2_000;
const EVERY_MAX_MS = 30_000;
/** By then a vendor that was given ten minutes to deliver has said what became of it. */
const FOLLOWED_MS = 15 * 60_000;
/** By channel, so that one that hangs holds up no other; a storm's receipts are no hurry. */
const CONCURRENT = 4;

export function createTracker(parts: TrackerParts): Tracker {
  const { clock, transport, run, emit } = parts;
  const followed = new Map<string, Alarm | null>();
  const limits = new Map<string, LimitFunction>();
  let isStopped = false;

  function limitOf(channel: string): LimitFunction {
    const limit = limits.get(channel) ?? pLimit(CONCURRENT);
    limits.set(channel, limit);
    return limit;
  }

  /** `since`: when it was accepted, monotonic: the clock may be set meanwhile. */
  function wait(row: Notification, since: number): void {
    const age = clock.monotonic() - since;
    if (age > FOLLOWED_MS || isStopped) {
      followed.delete(row.key);
      return;
    }
    // Twice as old each time: 2, 4, 8, 16 s …
    const inMs = Math.min(EVERY_MAX_MS, Math.max(FIRST_MS, age));
    followed.set(
      row.key,
      clock.alarm(clock.now() + inMs, () => void ask(row, since)),
    );
  }

  async function ask(row: Notification, since: number): Promise<void> {
    followed.set(row.key, null);
    const outcome = await limitOf(row.channel)(() => (followed.has(row.key) ? fateOf(row) : null));
    if (!followed.has(row.key)) return;
    if (outcome === null || outcome.outcome === 'accepted') {
      wait(row, since);
      return;
    }
    followed.delete(row.key);
    emit({ type: 'followed', notification: row, outcome });
    try {
      await parts.submit({ ...outcome, key: row.key, retryAt: null, isLate: true });
    } catch {
      emit({ type: 'trouble', where: 'tracker', what: `the fate of ${row.key} was not taken` });
    }
  }

  /** null: not known (yet). */
  async function fateOf({ channel, reference }: Notification): Promise<Outcome | null> {
    const way = parts.channel(channel);
    const follow = way?.channel.follow;
    if (!way || !follow || reference === null) return null;
    try {
      const outcome = await withDeadline(clock, TIMEOUT_MS, (signal) =>
        follow(reference, way.config.options, { clock, transport, run, signal }),
      );
      const isFinal = outcome?.outcome === 'delivered' || outcome?.outcome === 'refused';
      return isFinal ? outcome : null;
    } catch (error) {
      emit({ type: 'trouble', where: 'tracker', what: `${channel} failed: ${nameOf(error)}` });
      return null;
    }
  }

  return {
    take(row) {
      const way = parts.channel(row.channel);
      const isOpen = row.state === 'accepted' && way?.config.proof === 'receipt';
      if (isOpen && way.channel.follow) {
        const age = clock.now() - (row.acceptedAt ?? clock.now());
        if (!followed.has(row.key)) wait(row, clock.monotonic() - age);
        return;
      }
      followed.get(row.key)?.cancel();
      followed.delete(row.key);
    },
    stop() {
      isStopped = true;
      for (const alarm of followed.values()) alarm?.cancel();
      followed.clear();
    },
  };
}
