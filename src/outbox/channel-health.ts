/**
 * Is a way of telling broken? One that refuses us is, at once; one that takes nothing for a minute,
 * although it was tried again, is as well. It is said by the others, for it cannot say so itself, and
 * it is over when the channel takes something, or, where it refused us, when its vendor knows us again.
 */
import type { Outcome } from '../incident/notification.ts';
import type { Alarm, Clock } from '../system/clock.ts';

export interface ChannelHealth {
  /** What an attempt by this channel came to, or what its vendor said of a message later. */
  heard(channel: string, outcome: Outcome): void;
  start(): void;
  stop(): void;
}

export interface ChannelHealthParts {
  readonly clock: Clock;
  readonly channels: () => Iterable<string>;
  /** Would it take something? null: only a message would tell. */
  readonly ask: (channel: string) => Promise<Outcome | null>;
  /** Was it broken when this was asked last, also before a restart? */
  readonly isBroken: (channel: string) => boolean;
  /** Since when, and why; null: it is well. */
  readonly told: (
    channel: string,
    broken: { readonly since: number; readonly brief: string } | null,
  ) => void;
}

/** Less is a hiccup, which costs a page some seconds. */
const BROKEN_AFTER_MS = 60_000;
const TRIES = 3;
const ASK_EVERY_MS = 30_000;

interface Failing {
  readonly since: number;
  readonly tries: number;
}

export function createChannelHealth(parts: ChannelHealthParts): ChannelHealth {
  const { clock, told } = parts;
  const failing = new Map<string, Failing>();
  /** Those that did not know us: whether they do now can be asked. */
  const refusing = new Set<string>();
  let rounds: Alarm | undefined;

  function heard(channel: string, outcome: Outcome): void {
    switch (outcome.outcome) {
      case 'accepted':
      case 'delivered':
        failing.delete(channel);
        refusing.delete(channel);
        told(channel, null);
        return;
      case 'refused':
        // Of one message or one address it says nothing of the others.
        if (outcome.reason !== 'auth' || outcome.gone !== undefined) return;
        refusing.add(channel);
        told(channel, { since: clock.now(), brief: `refuses us: ${outcome.reason}` });
        return;
      case 'deferred':
      case 'unconfirmed':
        fails(channel, outcome.reason);
    }
  }

  function fails(channel: string, why: string): void {
    const { since, tries } = failing.get(channel) ?? { since: clock.now(), tries: 0 };
    failing.set(channel, { since, tries: tries + 1 });
    if (tries + 1 < TRIES || clock.now() - since < BROKEN_AFTER_MS) return;
    told(channel, { since, brief: `takes nothing: ${why}` });
  }

  async function askAgain(): Promise<void> {
    const ids = [...parts.channels()].filter((id) => refusing.has(id));
    await Promise.all(
      ids.map(async (id) => {
        const outcome = await parts.ask(id);
        if (outcome?.outcome === 'accepted') heard(id, outcome);
      }),
    );
    round();
  }

  function round(): void {
    rounds = clock.alarm(clock.now() + ASK_EVERY_MS, () => void askAgain());
  }

  return {
    heard,
    start() {
      for (const id of parts.channels()) if (parts.isBroken(id)) refusing.add(id);
      round();
    },
    stop() {
      rounds?.cancel();
    },
  };
}
