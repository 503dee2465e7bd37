/**
 * Tells whoever has started us how we are. It is fed for as long as the scheduler notices what is
 * due, and not on a whole self-test: who is not fed is killed and begun anew, which mends a stall, but
 * would take the memory of one that has lost its store, and bring back no vendor. That is told in words.
 */
import type { Emit, TocsinEvent } from '../events.ts';
import type { Alarm, Clock } from '../system/clock.ts';
import type { Supervisor } from '../system/supervisor.ts';

export interface Watchdog {
  start(): void;
  observe: Emit;
  /** Says that a reload is under way, and when it is over. */
  whileReloading<T>(reload: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** Fed so often within the time it was given: one that comes late is no death. */
const MEALS = 3;

export function createWatchdog(parts: {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  /** How many are watched, now. */
  readonly checks: () => number;
  readonly isAwake: () => boolean;
}): Watchdog {
  const { clock, supervisor } = parts;
  let meal: Alarm | undefined;
  let wrong = '';
  let isStarted = false;

  function feed(everyMs: number): void {
    meal = clock.alarm(clock.now() + everyMs, () => feed(everyMs));
    if (parts.isAwake()) supervisor.alive();
  }

  function status(): string {
    return `${String(parts.checks())} checks${wrong === '' ? '' : `; not well: ${wrong}`}`;
  }

  function pulsed({ failed, refusal }: Extract<TocsinEvent, { type: 'pulse' }>): void {
    const now = refusal === null ? failed.join(', ') : `heartbeat_to is not taken: ${refusal}`;
    if (now === wrong) return;
    wrong = now;
    supervisor.status(status());
  }

  return {
    start() {
      isStarted = true;
      supervisor.ready(status());
      if (supervisor.watchdogMs !== null) feed(supervisor.watchdogMs / MEALS);
    },
    observe(event) {
      if (event.type === 'pulse') pulsed(event);
    },
    async whileReloading(reload) {
      if (!isStarted) return reload();
      supervisor.reloading();
      try {
        return await reload();
      } finally {
        supervisor.ready(status());
      }
    },
    stop() {
      isStarted = false;
      meal?.cancel();
      supervisor.stopping();
    },
  };
}
