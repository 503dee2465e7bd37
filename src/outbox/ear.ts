/**
 * Hears replies and receipts: asks for them, often while a page waits for an answer, seldom otherwise
 * and where the vendor calls; and takes its calls. What was heard counts once its cursor is taken:
 * words may be heard twice, never lost, and those that came both ways are told apart from news.
 */
import type { Call, CallAnswer, Heard, Spoken } from '../channels/channel.ts';
import type { Emit } from '../events.ts';
import type { Notification, Outcome } from '../incident/notification.ts';
import type { Alarm, Clock } from '../system/clock.ts';
import type { RunProgram } from '../system/program.ts';
import type { Transport } from '../system/transport.ts';
import type { Way } from './attempt.ts';
import { nameOf, withDeadline } from './deadline.ts';

export interface Ear {
  start(): void;
  /** A vendor calls. Resolves when what it said is stored, or the patience for that is over. */
  called(vendor: string, call: Call): Promise<CallAnswer | Stranger>;
  /** Stops listening; resolves when what was being heard has been dealt with or given up. */
  drain(): Promise<void>;
}

/** `unknown`: no channel here is of this vendor; `signature`: it was somebody else, or about nothing here. */
export interface Stranger {
  readonly refused: 'unknown' | 'signature';
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
  /** Pages that it took, and that nobody is wanted for any more. */
  readonly answered: (channel: string) => readonly Notification[];
  /** Resolves when the words and the cursor (null: there is none) have been taken. `said`: what they were answered. */
  readonly heard: (
    channel: string,
    spoken: readonly Spoken[],
    cursor: string | null,
  ) => Promise<{ readonly said: string | null }>;
  /** What became of a message, by the vendor's id of it. */
  readonly fate: (channel: string, reference: string, outcome: Outcome) => Promise<unknown>;
  /** Does the vendor of this channel call us? */
  readonly isCalled: (way: Way) => boolean;
  readonly emit: Emit;
}

const AWAITED_EVERY_MS = 5_000;
const IDLE_EVERY_MS = 60_000;
const TIMEOUT_MS = 10_000;
/** So many of what was heard last are told apart from what is new, beside the cursor. */
const REMEMBERED = 1_000;
/** Whoever knocks with a wrong signature is told of so often at most. */
const REFUSED_EVERY_MS = 3_600_000;

/** What is known of a channel between two polls. */
interface Line {
  /** Monotonic. */
  polledAt: number;
  /** An answer was awaited at the last poll. */
  wasAwaited: boolean;
  cursor: string | null;
  failing: boolean;
  polling: Promise<void> | null;
  /** References of the last words heard, by whichever way, with what those of a call were answered. */
  readonly heard: Map<string, string | null>;
}

export function createEar(parts: EarParts): Ear {
  const { clock, transport, run, emit } = parts;
  const lines = new Map<string, Line>();
  const stop = new AbortController();
  let alarm: Alarm | null = null;
  let refusedAt = -Infinity;

  function tick(): void {
    const now = clock.monotonic();
    const present = new Set<string>();
    for (const way of parts.channels()) {
      if (!asksToBePolled(way)) continue;
      const { id } = way.config;
      present.add(id);
      const line = lineOf(id);
      const awaited = parts.awaited(id);
      const isAwaited = awaited.length > 0;
      // Once more when it no longer is: what rings can be told to stop.
      const isUrgent = (isAwaited || line.wasAwaited) && !parts.isCalled(way);
      const every = isUrgent ? AWAITED_EVERY_MS : IDLE_EVERY_MS;
      if (line.polling || now - line.polledAt < every) continue;
      line.polledAt = now;
      line.wasAwaited = isAwaited;
      line.polling = poll(way, line, awaited).finally(() => (line.polling = null));
    }
    for (const id of lines.keys()) if (!present.has(id)) lines.delete(id);
    alarm = clock.alarm(clock.now() + AWAITED_EVERY_MS, tick);
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
        channel.listen?.(
          line.cursor ?? known,
          options,
          { clock, transport, run, signal },
          awaited,
          parts.answered(id),
        );
      const answer = await withDeadline(clock, TIMEOUT_MS, listen, stop.signal);
      if (stop.signal.aborted) return;
      if (!answer || 'failure' in answer) {
        tellOnce(id, line, answer?.failure ?? 'no answer in time');
        return;
      }
      const { cursor } = answer;
      const spoken = news(line, answer.spoken);
      if (spoken.length > 0 || known === null) await parts.heard(id, spoken, cursor);
      line.cursor = cursor;
      noteHeard(line, spoken);
      tellOnce(id, line, null);
    } catch (error) {
      tellOnce(id, line, nameOf(error));
    }
  }

  async function called(vendor: string, call: Call): Promise<CallAnswer | Stranger> {
    let isKnown = false;
    for (const way of parts.channels()) {
      const { channel, config } = way;
      if (channel.vendor !== vendor || !channel.hear || !parts.isCalled(way)) continue;
      isKnown = true;
      const heard = await channel.hear(call, config.options);
      if ('refusal' in heard) continue;
      return heard.answer(await takeCall(way, heard));
    }
    if (isKnown) tellRefused(vendor);
    return { refused: isKnown ? 'signature' : 'unknown' };
  }

  /** What the words were answered: the same again, where they come again. */
  async function takeCall({ channel, config: { id } }: Way, heard: Heard): Promise<string | null> {
    const line = lineOf(id);
    const spoken = news(line, heard.spoken);
    noteHeard(line, spoken);
    const references = spoken.map(({ reference }) => reference);
    const known = line.cursor ?? parts.cursor(id);
    const cursor = channel.remember?.(known, references, clock.now()) ?? null;
    const [taken] = await Promise.all([
      spoken.length > 0 ? parts.heard(id, spoken, cursor) : null,
      ...heard.fates.map(({ reference, outcome }) => parts.fate(id, reference, outcome)),
    ]);
    for (const reference of references) line.heard.set(reference, taken?.said ?? null);
    return line.heard.get(heard.spoken.at(-1)?.reference ?? '') ?? null;
  }

  function lineOf(id: string): Line {
    const line = lines.get(id) ?? newLine();
    lines.set(id, line);
    return line;
  }

  function tellRefused(vendor: string): void {
    if (clock.monotonic() - refusedAt < REFUSED_EVERY_MS) return;
    refusedAt = clock.monotonic();
    const what = `calls of ${vendor} are refused: the signature is not right for public_url, or for any channel`;
    emit({ type: 'trouble', where: 'ear', what });
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
    called,
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
  return {
    ...{ polledAt: -Infinity, wasAwaited: false, cursor: null },
    ...{ failing: false, polling: null, heard: new Map() },
  };
}

function news({ heard }: Line, spoken: readonly Spoken[]): readonly Spoken[] {
  return spoken.filter(({ reference }) => !heard.has(reference));
}

function noteHeard({ heard }: Line, spoken: readonly Spoken[]): void {
  for (const { reference } of spoken) heard.set(reference, null);
  for (const oldest of heard.keys()) {
    if (heard.size <= REMEMBERED) break;
    heard.delete(oldest);
  }
}
