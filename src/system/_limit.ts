/**
 * How long a piece of work may take in all: a deadline by our clock, or the caller's own signal,
 * whichever comes first. Who makes one must release it, or the alarm outlives the work.
 */
import type { Alarm, Clock } from './clock.ts';

export class Limit {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #outer: AbortSignal | undefined;
  readonly #alarm: Alarm;

  constructor(clock: Clock, timeoutMs: number, outer?: AbortSignal) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
    this.#outer = outer;
    this.#alarm = clock.alarm(clock.now() + timeoutMs, this.#stop);
    if (outer?.aborted) this.#stop();
    else outer?.addEventListener('abort', this.#stop, { once: true });
  }

  readonly #stop = (): void => {
    this.#controller.abort();
  };

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get elapsedMs(): number {
    return this.#clock.monotonic() - this.#startedAt;
  }

  release(): void {
    this.#alarm.cancel();
    this.#outer?.removeEventListener('abort', this.#stop);
  }
}
