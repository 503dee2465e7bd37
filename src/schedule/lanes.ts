/**
 * Bounded concurrency for looks. What costs us is the beginning of a look; one that only waits for
 * its target gives its place up, so that ten thousand silent targets delay nobody. Programs and
 * getaddrinfo cost until they end, and have lanes of their own. One check is never in twice: a
 * second request is told so, or moves the first one to the faster lane.
 */
import pLimit from 'p-limit';
import type { Means } from '../probes/probe.ts';
import type { Alarm, Clock } from '../system/clock.ts';

/** From the slowest to the fastest: rhythm, confirmation of a failure, what a decision waits for. */
const URGENCIES = ['regular', 'confirming', 'asked'] as const;
export type Urgency = (typeof URGENCIES)[number];

const LIMITS = {
  regular: 500,
  confirming: 500,
  asked: 100,
  programs: 32,
  programs_confirming: 16,
  /** A lookup holds one of libuv's four threads, which the store's files need too. */
  system_names: 1,
} as const;
export type LaneName = keyof typeof LIMITS;
const LANES = Object.keys(LIMITS) as LaneName[];

/** Long enough to have asked: what comes after is the target's time. */
const WAITING_AFTER_MS = 100;
/** Ten thousand looks begin within four seconds only if places are given up so soon. */
const SWEEP_MS = 50;

/** `dueAt` is null for a look that was asked for in between. */
export type Run = (check: string, dueAt: number | null) => Promise<void>;

export interface LaneView {
  readonly lane: LaneName;
  readonly limit: number;
  /** How many looks have a place. */
  readonly running: number;
  readonly queued: number;
}

export interface Lanes {
  /** false: it is queued or running already, and this request came to nothing. */
  enter(check: string, dueAt: number | null, urgency: Urgency, means: Means): boolean;
  isRunning(check: string): boolean;
  /** Is what is queued or running a look that was asked for in between? */
  isAsked(check: string): boolean;
  /** Forgets what is queued; resolves when what runs has ended. */
  finish(): Promise<void>;
  view(): readonly LaneView[];
  /** How many looks wait for their target without a place in a lane. */
  waiting(): number;
  /** When the look was due that has waited longest for a place; null: none waits. */
  longestQueued(): number | null;
}

export interface LanesParts {
  readonly clock: Clock;
  /** Settles its own failures: it does not reject. */
  readonly run: Run;
  /** A check is free again. */
  readonly ended: (check: string) => void;
  /** How many looks may wait beside the lanes; the next ones keep their place until they end. */
  readonly mostWaiting: number;
}

interface Ticket {
  readonly dueAt: number | null;
  readonly urgency: Urgency;
  readonly lane: LaneName;
  /** Monotonic ms; null: it is still queued. */
  beganAt: number | null;
  hasEnded: boolean;
  /** Gives the place in the lane to the next. */
  leave: () => void;
  isWaiting: boolean;
}

export function createLanes({ clock, run, ended, mostWaiting }: LanesParts): Lanes {
  const limits = new Map(LANES.map((lane) => [lane, pLimit(LIMITS[lane])]));
  const tickets = new Map<string, Ticket>();
  const idle = new Set<() => void>();
  /** Those that may come to wait, in the order in which they began. */
  let young: Ticket[] = [];
  let aging: Alarm | null = null;
  let waiting = 0;

  async function pass(check: string, ticket: Ticket): Promise<void> {
    if (tickets.get(check) !== ticket) return;
    const left = new Promise<void>((resolve) => (ticket.leave = resolve));
    ticket.beganAt = clock.monotonic();
    if (isOnlyWaiting(ticket)) young.push(ticket);
    aging ??= clock.alarm(clock.now() + SWEEP_MS, age);
    void go(check, ticket);
    await left;
  }

  async function go(check: string, ticket: Ticket): Promise<void> {
    await run(check, ticket.dueAt);
    ticket.hasEnded = true;
    if (ticket.isWaiting) waiting -= 1;
    ticket.leave();
    tickets.delete(check);
    ended(check);
    if (tickets.size === 0) {
      aging?.cancel();
      aging = null;
      young = [];
      for (const tell of idle) tell();
    }
  }

  /** Not an alarm a look: nearly all have ended before theirs would ring. */
  function age(): void {
    const before = clock.monotonic() - WAITING_AFTER_MS;
    young = young.filter((ticket) => {
      if (ticket.hasEnded) return false;
      if ((ticket.beganAt ?? 0) > before || waiting >= mostWaiting) return true;
      ticket.isWaiting = true;
      waiting += 1;
      ticket.leave();
      return false;
    });
    aging = tickets.size === 0 ? null : clock.alarm(clock.now() + SWEEP_MS, age);
  }

  return {
    enter(check, dueAt, urgency, means) {
      const present = tickets.get(check);
      const isFaster = URGENCIES.indexOf(urgency) > URGENCIES.indexOf(present?.urgency ?? urgency);
      if (present && (present.beganAt !== null || !isFaster)) return false;
      const ticket: Ticket = {
        dueAt: present ? present.dueAt : dueAt,
        urgency,
        lane: laneOf(urgency, means),
        beganAt: null,
        hasEnded: false,
        leave: () => undefined,
        isWaiting: false,
      };
      tickets.set(check, ticket);
      void limits.get(ticket.lane)?.(pass, check, ticket);
      return true;
    },
    isRunning: (check) => typeof tickets.get(check)?.beganAt === 'number',
    isAsked: (check) => tickets.get(check)?.dueAt === null,
    async finish() {
      for (const [check, { beganAt }] of tickets) if (beganAt === null) tickets.delete(check);
      if (tickets.size > 0) await new Promise<void>((resolve) => idle.add(resolve));
    },
    view: () =>
      [...limits].map(([lane, { activeCount: running, pendingCount: queued }]) => {
        return { lane, limit: LIMITS[lane], running, queued };
      }),
    waiting: () => waiting,
    longestQueued() {
      let earliest: number | null = null;
      for (const { beganAt, dueAt } of tickets.values()) {
        if (beganAt === null && dueAt !== null) earliest = Math.min(earliest ?? Infinity, dueAt);
      }
      return earliest;
    },
  };
}

function laneOf(urgency: Urgency, means: Means): LaneName {
  if (means === 'system names') return 'system_names';
  if (means === 'sockets') return urgency;
  return urgency === 'regular' ? 'programs' : 'programs_confirming';
}

function isOnlyWaiting({ lane }: Ticket): boolean {
  return lane === 'regular' || lane === 'confirming' || lane === 'asked';
}
