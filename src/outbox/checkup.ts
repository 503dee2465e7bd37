/**
 * Can anybody be reached at all? What was accepted a moment ago says so; where nothing was, the
 * vendors are asked by the cheap check of their channel, all at once and each by itself, seldom
 * enough to be nobody's burden. It feeds no breaker: a page is tried whatever came of it here.
 */
import type { Emit } from '../events.ts';
import type { Outcome } from '../incident/notification.ts';
import type { Clock } from '../system/clock.ts';
import type { RunProgram } from '../system/program.ts';
import type { Transport } from '../system/transport.ts';
import type { Way } from './attempt.ts';
import { nameOf, withDeadline } from './deadline.ts';

export interface Checkup {
  /** What an attempt by this channel came to. */
  attempted(channel: string, outcome: Outcome): void;
  /**
   * Has any channel accepted something, or passed its check, within half a minute? Where none can be
   * checked: has any not failed the last time? Resolves within seconds.
   */
  isAnyoneReachable(): Promise<boolean>;
  /** Would this channel take something? null: it cannot be asked. Resolves within seconds. */
  ask(channel: string): Promise<Outcome | null>;
}

export interface CheckupParts {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly run: RunProgram;
  readonly channels: () => Iterable<Way>;
  /** What every attempt by this channel comes to for the moment; null: it would be asked. */
  readonly known: (channel: string) => Outcome | null;
  readonly emit: Emit;
}

/** Older proof would let a minute pass in which nobody could be reached. */
const FRESH_MS = 30_000;
/** Within it a channel is not asked again. */
const ASK_AGAIN_MS = 20_000;
const TIMEOUT_MS = 5_000;

/** Monotonic times. */
interface Evidence {
  readonly at: number;
  readonly isGood: boolean;
}

export function createCheckup(parts: CheckupParts): Checkup {
  const { clock, transport, run, emit } = parts;
  const heard = new Map<string, Evidence>();
  const asked = new Map<string, Evidence>();

  function isGoodNow({ config: { id } }: Way): boolean {
    const since = clock.monotonic() - FRESH_MS;
    return [heard.get(id), asked.get(id)].some(
      (evidence) => evidence?.isGood === true && evidence.at >= since,
    );
  }

  async function askNow(way: Way): Promise<void> {
    const { id } = way.config;
    const at = clock.monotonic();
    if (at - (asked.get(id)?.at ?? -Infinity) < ASK_AGAIN_MS) return;
    const outcome = parts.known(id) ?? (await answerOf(way));
    asked.set(id, { at, isGood: isGood(outcome) });
    emit({ type: 'checked_up', channel: id, outcome });
  }

  async function answerOf({ channel, config }: Way): Promise<Outcome> {
    try {
      const outcome = await withDeadline(clock, TIMEOUT_MS, async (signal) =>
        channel.check?.(config.options, { clock, transport, run, signal }),
      );
      return outcome ?? failed('timeout', 'no answer in time');
    } catch (error) {
      return failed('network', nameOf(error));
    }
  }

  return {
    attempted(channel, outcome) {
      heard.set(channel, { at: clock.monotonic(), isGood: isGood(outcome) });
    },
    async ask(channel) {
      const way = [...parts.channels()].find(({ config: { id } }) => id === channel);
      return way?.channel.check === undefined ? null : answerOf(way);
    },
    async isAnyoneReachable() {
      const ways = [...parts.channels()].filter(({ channel }) => channel.isLocal !== true);
      const checkable = ways.filter(({ channel }) => channel.check !== undefined);
      await Promise.all(checkable.map(askNow));
      if (ways.some(isGoodNow)) return true;
      if (checkable.length > 0) return false;
      return (
        ways.length === 0 || ways.some(({ config: { id } }) => heard.get(id)?.isGood !== false)
      );
    },
  };
}

function isGood({ outcome }: Outcome): boolean {
  return outcome === 'accepted' || outcome === 'delivered';
}

function failed(reason: 'timeout' | 'network', detail: string): Outcome {
  return { outcome: 'deferred', reason, detail };
}
