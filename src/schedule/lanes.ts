/**
 * Bounded concurrency for looks. Looks that confirm a failure and looks that a decision waits for
 * have lanes of their own: ten thousand slow targets in the regular one do not delay them. One
 * check is never in twice: a second request is told so, or moves the first one to the faster lane.
 */
import pLimit from 'p-limit';

/** From the slowest to the fastest. */
const LANES = ['regular', 'confirming', 'asked'] as const;
export type LaneName = (typeof LANES)[number];

const CONCURRENT: Readonly<Record<LaneName, number>> = {
  regular: 500,
  confirming: 500,
  asked: 100,
};

/** `dueAt` is null for a look that was asked for in between. */
export type Run = (check: string, dueAt: number | null) => Promise<void>;

export interface Lanes {
  /** false: it is queued or running already, and this request came to nothing. */
  enter(check: string, dueAt: number | null, lane: LaneName): boolean;
  isRunning(check: string): boolean;
  /** Is what is queued or running a look that was asked for in between? */
  isAsked(check: string): boolean;
  /** Forgets what is queued; resolves when what runs has ended. */
  finish(): Promise<void>;
}

interface Ticket {
  readonly dueAt: number | null;
  readonly lane: LaneName;
  running: boolean;
}

/** `run` settles its own failures: it does not reject. `ended` is told when a check is free again. */
export function createLanes(run: Run, ended: (check: string) => void): Lanes {
  const limits = {
    regular: pLimit(CONCURRENT.regular),
    confirming: pLimit(CONCURRENT.confirming),
    asked: pLimit(CONCURRENT.asked),
  };
  const tickets = new Map<string, Ticket>();
  const idle = new Set<() => void>();

  async function pass(check: string, ticket: Ticket): Promise<void> {
    if (tickets.get(check) !== ticket) return;
    ticket.running = true;
    await run(check, ticket.dueAt);
    tickets.delete(check);
    ended(check);
    if (tickets.size === 0) for (const tell of idle) tell();
  }

  return {
    enter(check, dueAt, lane) {
      const present = tickets.get(check);
      if (present && (present.running || !isFaster(lane, present.lane))) return false;
      const ticket = { dueAt: present ? present.dueAt : dueAt, lane, running: false };
      tickets.set(check, ticket);
      void limits[lane](pass, check, ticket);
      return true;
    },
    isRunning: (check) => tickets.get(check)?.running ?? false,
    isAsked: (check) => tickets.get(check)?.dueAt === null,
    async finish() {
      for (const [check, ticket] of tickets) if (!ticket.running) tickets.delete(check);
      if (tickets.size > 0) await new Promise<void>((resolve) => idle.add(resolve));
    },
  };
}

function isFaster(lane: LaneName, than: LaneName): boolean {
  return LANES.indexOf(lane) > LANES.indexOf(than);
}
