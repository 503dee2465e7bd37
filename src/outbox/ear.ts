/**
 * Listens for replies where the channel has to be asked for them: often while a page by it waits
 * for an answer, seldom otherwise. What was heard counts once its cursor is taken: words may be
 * heard twice, never lost.
 */
import type { Spoken } from '../channels/channel.ts';
import type { Emit } from '../events.ts';
import type { Notification } from '../incident/notification.ts';
import type { Alarm, Clock } from '../system/clock.ts';
import type { RunProgram } from '../system/program.ts';
import type { Transport } from '../system/transport.ts';
import type { Way } from './attempt.ts';
import { nameOf, withDeadline } from './deadline.ts';

export interface Ear {
  start(): void;
  /** Stops listening; resolves when what was being heard has been dealt with or given up. */
  drain(): Promise<void>;
}

export interface EarParts {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly run: RunProgram;
  readonly channels: () => Iterable<Way>;
  /** How far this channel has been heard, as stored; null: never. */
  readonly cursor: (channel: string) => string | null;
  /** Pages by this channel that nobody has acknowledged. */
  readonly awaited: (channel: string) => readonly Notification[];
  /** Resolves when the words and the cursor have been taken. */
  readonly heard: (channel: string, spoken: readonly Spoken[], cursor: string) => Promise<unknown>;
  readonly emit: Emit;
}

const AWAITED_EVERY_MS = 5_000;
const IDLE_EVERY_MS = 60_000;
const TIMEOUT_MS = 10_000;

/** What is known of a channel between two polls. */
interface Line {
  polledAt: number;
  cursor: string | null;
  failing: boolean;
  polling: Promise<void> | null;
}

export function createEar(parts: EarParts): Ear {
  const { clock, transport, run, emit } = parts;
  const lines = new Map<string, Line>();
  const stop = new AbortController();
  let alarm: Alarm | null = null;

  function tick(): void {
    const now = clock.now();
    const present = new Set<string>();
    for (const way of parts.channels()) {
      if (!asksToBePolled(way)) continue;
      const { id } = way.config;
      present.add(id);
      const line = lines.get(id) ?? newLine();
      lines.set(id, line);
      const awaited = parts.awaited(id);
      const every = awaited.length > 0 ? AWAITED_EVERY_MS : IDLE_EVERY_MS;
      if (line.polling || now - line.polledAt < every) continue;
      line.polledAt = now;
      line.polling = poll(way, line, awaited).finally(() => (line.polling = null));
    }
    for (const id of lines.keys()) if (!present.has(id)) lines.delete(id);
    alarm = clock.alarm(now + AWAITED_EVERY_MS, tick);
  }

  async function poll(
    { channel, config }: Way,
    line: Line,
    awaited: readonly Notification[],
  ): Promise<void> {
    const { id, options } = config;
    const known = parts.cursor(id);
    try {
      const listen = async (signal: AbortSignal) =>
        channel.listen?.(line.cursor ?? known, options, { clock, transport, run, signal }, awaited);
      const answer = await withDeadline(clock, TIMEOUT_MS, listen, stop.signal);
      if (stop.signal.aborted) return;
      if (!answer || 'failure' in answer) {
        tellOnce(id, line, answer?.failure ?? 'no answer in time');
        return;
      }
      const { spoken, cursor } = answer;
      if (spoken.length > 0 || known === null) await parts.heard(id, spoken, cursor);
      line.cursor = cursor;
      tellOnce(id, line, null);
    } catch (error) {
      tellOnce(id, line, nameOf(error));
    }
  }

  function tellOnce(id: string, line: Line, failure: string | null): void {
    if (line.failing === (failure !== null)) return;
    line.failing = failure !== null;
    const what =
      failure === null ? `${id} can be heard again` : `${id} cannot be heard: ${failure}`;
    emit({ type: 'trouble', where: 'ear', what });
  }

  return {
    start: tick,
    async drain() {
      alarm?.cancel();
      stop.abort();
      await Promise.all(Array.from(lines.values(), async (line) => line.polling));
    },
  };
}

function asksToBePolled({ channel, config }: Way): boolean {
  return channel.listen !== undefined && config.answerable;
}

function newLine(): Line {
  return { polledAt: -Infinity, cursor: null, failing: false, polling: null };
}
