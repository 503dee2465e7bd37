/**
 * How long a piece of work may take in all: a deadline by our clock, or the caller's own signal,
 * whichever comes first. Who makes one must release it, or the alarm outlives the work. Every look
 * makes one, and an AbortController with its listeners would cost as much as all else around it.
 */
import type { Alarm, Clock } from './clock.ts';
import type { Signal } from './signal.ts';

export class Limit {
  #isOver = false;
  #onOver: (() => void) | undefined;
  #controller: AbortController | undefined;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #outer: Signal | undefined;
  readonly #alarm: Alarm | undefined;

  /** `timeoutMs` is null where the caller's signal is the deadline. */
  constructor(clock: Clock, timeoutMs: number | null, outer?: Signal) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
    this.#outer = outer;
    const endsAt = timeoutMs === null ? Infinity : clock.now() + timeoutMs;
    if (endsAt < (outer?.endsAt ?? Infinity)) this.#alarm = clock.alarm(endsAt, this.#stop);
    if (outer?.aborted) this.#stop();
    else outer?.addEventListener('abort', this.#stop, { once: true });
  }

  readonly #stop = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller?.abort();
    this.#onOver?.();
  };

  get isOver(): boolean {
    return this.#isOver;
  }

  get elapsedMs(): number {
    return this.#clock.monotonic() - this.#startedAt;
  }

  /** The stage of the work that is under way wants to know when it is over: one at a time. */
  watch(onOver: () => void): void {
    this.#onOver = onOver;
  }

  unwatch(): void {
    this.#onOver = undefined;
  }

  /** For those who know nothing of limits. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isOver) this.#controller.abort();
    return this.#controller.signal;
  }

  release(): void {
    this.#alarm?.cancel();
    this.#outer?.removeEventListener('abort', this.#stop);
  }
}
