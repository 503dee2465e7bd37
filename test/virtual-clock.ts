/**
 * A Clock that moves only when it is told to. `advance` rings what is due in order, each at its own
 * instant, and lets promises that can settle do so before and after: it does not wait for sockets,
 * files or workers, which a test awaits by their own events.
 */
import type { Alarm, Clock, Instant } from '../src/system/clock.ts';

interface Waiting {
  at: Instant;
  readonly ring: () => void;
}

const SETTLE_TURNS = 8;

export class VirtualClock implements Clock {
  #start: Instant;
  #now: Instant;
  readonly #waiting = new Set<Waiting>();

  constructor(startMs: Instant) {
    this.#start = startMs;
    this.#now = startMs;
  }

  now(): Instant {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#start;
  }

  alarm(at: Instant, ring: () => void): Alarm {
    const waiting = { at, ring };
    this.#waiting.add(waiting);
    if (at <= this.#now) setImmediate(() => this.#ring(waiting));
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  /** How many alarms are set and have not rung. */
  pending(): number {
    return this.#waiting.size;
  }

  /** Time passes and nothing rings, as when the loop is held. */
  hold(ms: number): void {
    this.#now += ms;
  }

  /** It is set: no time passes, and all alarms move along. */
  step(byMs: number): void {
    this.#now += byMs;
    this.#start += byMs;
    for (const waiting of this.#waiting) waiting.at += byMs;
  }

  async advance(ms: number): Promise<void> {
    await this.advanceTo(this.#now + ms);
  }

  async advanceTo(instant: Instant): Promise<void> {
    if (instant < this.#now) throw new RangeError('time does not run backwards');
    await settle();
    for (let next = this.#next(instant); next; next = this.#next(instant)) {
      this.#now = Math.max(this.#now, next.at);
      this.#ring(next);
      await settle();
    }
    this.#now = instant;
    await settle();
  }

  /** The earliest due by `instant`; of equals, the one set first. */
  #next(instant: Instant): Waiting | undefined {
    let earliest: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.at <= instant && (!earliest || waiting.at < earliest.at)) earliest = waiting;
    }
    return earliest;
  }

  #ring(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) waiting.ring();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
