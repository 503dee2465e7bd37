/**
 * One attempt at one message: look it up where it may have been taken already, else send it. Always
 * ends, whatever the channel does: one that ignores its signal is given up, one that throws is
 * reported by the error's name only, for a vendor's error may carry the credentials.
 */
import type { AnyChannel, Letter, Line } from '../channels/channel.ts';
import type { ChannelConfig } from '../config/config.ts';
import type { Notification, Outcome } from '../incident/notification.ts';
import type { Clock } from '../system/clock.ts';
import type { RunProgram } from '../system/program.ts';
import type { Transport } from '../system/transport.ts';
import { nameOf, withDeadline } from './deadline.ts';

export interface Way {
  readonly channel: AnyChannel;
  readonly config: ChannelConfig;
}

export interface AttemptParts {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly run: RunProgram;
  readonly timeoutMs: number;
  readonly trouble: (what: string) => void;
}

/** When it cannot even be looked up that often, it is sent again: a page twice is better than none. */
const LOOKUPS_MAX = 3;

/** `doubtful`: it may have been taken before. Finding and sending have `timeoutMs` each. */
export async function attempt(
  way: Way,
  { key, at, attempts }: Notification,
  letter: () => Letter,
  doubtful: boolean,
  parts: AttemptParts,
): Promise<Outcome> {
  const { id, options } = way.config;
  const { render, send, find } = way.channel;
  let message: unknown;
  try {
    message = render(letter(), options);
  } catch (error) {
    parts.trouble(`${id} could not render ${key}: ${nameOf(error)}`);
    return { outcome: 'refused', reason: 'refused', detail: 'could not be rendered' };
  }
  if (doubtful && find) {
    const found = await ask(id, parts, (line) => find(message, at, options, line));
    const isUnknown = found?.outcome === 'unconfirmed' || found?.outcome === 'deferred';
    if (found && !(isUnknown && attempts >= LOOKUPS_MAX)) return found;
  }
  return ask(id, parts, (line) => send(message, options, line));
}

async function ask<T extends Outcome | null>(
  id: string,
  { clock, transport, run, timeoutMs, trouble }: AttemptParts,
  question: (line: Line) => Promise<T>,
): Promise<T | Outcome> {
  try {
    const answer = await withDeadline(clock, timeoutMs, (signal) =>
      question({ clock, transport, run, signal }),
    );
    if (answer !== undefined) return answer;
    return { outcome: 'unconfirmed', reason: 'timeout', detail: 'no answer in time' };
  } catch (error) {
    trouble(`${id} failed: ${nameOf(error)}`);
    return { outcome: 'unconfirmed', reason: 'network', detail: nameOf(error) };
  }
}
