/**
 * One run of a whole monitor, ours or another's, over N checks: started, left to settle, measured
 * for a window, then some of its checks fail at one instant. The same for all of them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { cpuMsOf, rssMbOf } from './cost.ts';
import type { Pace } from './pace.ts';
import { inScratch } from './program.ts';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

/** A monitor that runs, as so many processes. */
export interface Running {
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** Resolves when it listens; its first looks may be still to come. */
  start(size: number, world: World, directory: string, everyMs: number): Promise<Running>;
}

export interface Measured {
  readonly looksASecond: number;
  /** Of one core, all processes. */
  readonly core: number;
  readonly cpuUsALook: number;
  readonly rssMb: number;
  /** In ms, of each look. */
  readonly late: readonly number[];
  /** In ms, of each failure that was told of: from the instant, and from the first failing answer. */
  readonly told: readonly number[];
  readonly own: readonly number[];
}

export const EVERY_MS = 10_000;
const FIRST_LOOKS_PATIENCE_MS = 60_000;
export const FAILING = 20;
/** The longest that anybody was seen to take: a scrape, an evaluation, and a little. */
const TOLD_PATIENCE_MS = 30_000;

export function measure(contender: Contender, size: number, pace: Pace): Promise<Measured> {
  return inScratch(async (directory) => {
    const world = await openWorld();
    const running = await contender.start(size, world, directory, EVERY_MS);
    try {
      await world.untilSeen(size, FIRST_LOOKS_PATIENCE_MS);
      await pause(pace.settleMs);
      return { ...(await window(running, world, pace.windowMs)), ...(await outage(size, world)) };
    } finally {
      await running.stop();
      world.close();
    }
  });
}

async function window({ pids }: Running, { arrivals }: World, windowMs: number) {
  const sum = (of: (pid: number) => number) => pids.reduce((all, pid) => all + of(pid), 0);
  arrivals.clear();
  const cpuBefore = sum(cpuMsOf);
  const startedAt = performance.now();
  await pause(windowMs);
  const wallMs = performance.now() - startedAt;
  const cpuMs = sum(cpuMsOf) - cpuBefore;
  const looks = [...arrivals.values()].reduce((all, { length }) => all + length, 0);
  return {
    looksASecond: (looks * 1000) / wallMs,
    core: cpuMs / wallMs,
    cpuUsALook: (cpuMs * 1000) / looks,
    rssMb: sum(rssMbOf),
    late: lateness(arrivals.values()),
  };
}

/** How much later than on the grid that a check's earliest look lies on. */
function lateness(arrivals: Iterable<readonly number[]>): number[] {
  const late: number[] = [];
  for (const times of arrivals) {
    const first = times[0] ?? 0;
    const offsets = times.map((at) => at - first - Math.round((at - first) / EVERY_MS) * EVERY_MS);
    const earliest = Math.min(...offsets);
    late.push(...offsets.map((offset) => offset - earliest));
  }
  return late;
}

async function outage(size: number, { failing, told }: World) {
  const at = performance.now();
  const step = size / FAILING;
  for (let i = 0; i < Math.min(FAILING, size); i++) failing.set(`c${Math.floor(i * step)}`, null);
  const areTold = () => [...failing.keys()].every((check) => told.has(check));
  while (!areTold() && performance.now() - at < TOLD_PATIENCE_MS) await pause(100);
  const heard = [...failing].filter(([check]) => told.has(check));
  return {
    told: heard.map(([check]) => told.get(check)! - at),
    own: heard.map(([check, failedAt]) => told.get(check)! - (failedAt ?? NaN)),
  };
}
