/**
 * The time. Everything else is handed a Clock: nobody but this file asks the machine what time it
 * is or sets a timer. The one thing to get right: durations are monotonic, instants are for people.
 */

/** Milliseconds since the Unix epoch. */
export type Instant = number;

export interface Clock {
  /** Wall time at start plus monotonic time since: it never goes backwards. */
  now(): Instant;
  /** Milliseconds of monotonic time, with a fraction, from an arbitrary origin. */
  monotonic(): number;
  /** Calls back once when `now()` has reached `at`, at once (asynchronously) if it has already. */
  alarm(at: Instant, ring: () => void): Alarm;
}

export interface Alarm {
  cancel(): void;
}

/** The longest delay that a timer takes: a longer one would ring at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function systemClock(): Clock {
  const startedAt = Date.now() - performance.now();
  const now = (): Instant => Math.floor(startedAt + performance.now());
  return {
    now,
    monotonic: () => performance.now(),
    alarm: (at, ring) => new TimerAlarm(at, ring, now),
  };
}

class TimerAlarm implements Alarm {
  readonly #at: Instant;
  readonly #ring: () => void;
  readonly #now: () => Instant;
  #timer: NodeJS.Timeout | undefined;

  constructor(at: Instant, ring: () => void, now: () => Instant) {
    this.#at = at;
    this.#ring = ring;
    this.#now = now;
    this.#wait(now());
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  #wait(now: Instant): void {
    const leftMs = Math.min(Math.max(0, this.#at - now), LONGEST_TIMER_MS);
    this.#timer = setTimeout(TimerAlarm.#onTimer, leftMs, this);
  }

  /** A timer may fire up to a millisecond early by this clock: then the rest is waited for. */
  static #onTimer(alarm: TimerAlarm): void {
    const now = alarm.#now();
    if (now < alarm.#at) alarm.#wait(now);
    else alarm.#ring();
  }
}
