/**
 * The time. Everything else is handed a Clock: nobody but this file asks the machine what time it
 * is or sets a timer. The one thing to get right: durations are monotonic, instants are for people.
 */

import { uptime } from 'node:os';

/** Milliseconds since the Unix epoch. */
export type Instant = number;

export interface Clock {
  /** Wall time at start plus monotonic time since: it goes backwards only where the clock was set. */
  now(): Instant;
  /** Milliseconds that this process could run, with a fraction, from an arbitrary origin. */
  monotonic(): number;
  /** Calls back once when `now()` has reached `at`, at once (asynchronously) if it has already. */
  alarm(at: Instant, ring: () => void): Alarm;
}

export interface Alarm {
  cancel(): void;
}

/** The longest delay that a timer takes: a longer one would ring at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds, each from an origin of its own. */
export interface Machine {
  /** What people read off a clock; it may be set. */
  wall(): number;
  /** Never set; stands still while the machine is suspended. */
  monotonic(): number;
  /** Never set; goes on while the machine is suspended. */
  uptime(): number;
}

/** Time was not what it seemed. `now()` is the wall's again. */
export interface Departure {
  /** For so long nothing ran: the machine was suspended, or this process was held. */
  readonly gapMs: number;
  /** By so much the clock was set; 0: it was not. All alarms have moved along. */
  readonly steppedMs: number;
}

export interface SystemClock extends Clock {
  /** Holds `now()` against the wall every second, until it is cancelled. */
  watch(heard: (departure: Departure) => void): Alarm;
}

const WATCH_EVERY_MS = 1_000;
/** Less is drift, or a leap second. */
const DEPARTED_MS = 1_000;

const machine: Machine = {
  wall: Date.now,
  monotonic: () => performance.now(),
  uptime: () => uptime() * 1_000,
};

export function systemClock({ wall, monotonic, uptime }: Machine = machine): SystemClock {
  const alarms = new Set<TimerAlarm>();
  let origin = wall() - monotonic();
  let awakeOrigin = uptime() - monotonic();
  const now = (): Instant => Math.floor(origin + monotonic());

  function compare(lastAt: number): Departure | null {
    const ranMs = monotonic() - lastAt;
    const departedMs = wall() - monotonic() - origin;
    const asleepMs = uptime() - monotonic() - awakeOrigin;
    const suspendedMs = Math.abs(asleepMs) > DEPARTED_MS ? asleepMs : 0;
    const restMs = departedMs - suspendedMs;
    const steppedMs = Math.abs(restMs) > DEPARTED_MS ? Math.round(restMs) : 0;
    const gapMs = Math.max(0, Math.round(ranMs + suspendedMs - WATCH_EVERY_MS));
    if (suspendedMs !== 0 || steppedMs !== 0) {
      origin += departedMs;
      awakeOrigin += asleepMs;
      for (const alarm of alarms) alarm.moved(steppedMs);
    }
    return gapMs > DEPARTED_MS || steppedMs !== 0 ? { gapMs, steppedMs } : null;
  }

  return {
    now,
    monotonic,
    alarm: (at, ring) => new TimerAlarm(at, ring, now, alarms),
    watch(heard) {
      let lastAt = monotonic();
      const timer = setInterval(() => {
        const departure = compare(lastAt);
        lastAt = monotonic();
        if (departure !== null) heard(departure);
      }, WATCH_EVERY_MS);
      return { cancel: () => clearInterval(timer) };
    },
  };
}

class TimerAlarm implements Alarm {
  #at: Instant;
  readonly #ring: () => void;
  readonly #now: () => Instant;
  readonly #alarms: Set<TimerAlarm>;
  #timer: NodeJS.Timeout | undefined;

  constructor(at: Instant, ring: () => void, now: () => Instant, alarms: Set<TimerAlarm>) {
    this.#at = at;
    this.#ring = ring;
    this.#now = now;
    this.#alarms = alarms;
    alarms.add(this);
    this.#wait(now());
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#alarms.delete(this);
  }

  /** `now()` is another: what was to ring in a minute still does, unless a suspended minute has passed. */
  moved(steppedMs: number): void {
    clearTimeout(this.#timer);
    this.#at += steppedMs;
    this.#wait(this.#now());
  }

  #wait(now: Instant): void {
    const leftMs = Math.min(Math.max(0, this.#at - now), LONGEST_TIMER_MS);
    this.#timer = setTimeout(TimerAlarm.#onTimer, leftMs, this);
  }

  /** A timer may fire up to a millisecond early by this clock: then the rest is waited for. */
  static #onTimer(alarm: TimerAlarm): void {
    const now = alarm.#now();
    if (now < alarm.#at) {
      alarm.#wait(now);
      return;
    }
    alarm.#alarms.delete(alarm);
    alarm.#ring();
  }
}
