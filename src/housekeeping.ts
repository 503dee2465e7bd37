/**
 * What nobody was promised, by node-cron in UTC: forgetting old looks, tidying the databases, a line
 * a day that says that all is well. It may run late or not at all; what may not is a stored deadline.
 */
import cron, { type ScheduledTask } from 'node-cron';
import type { Config } from './config/config.ts';
import type { ReadonlyBoard } from './incident/board.ts';
import type { History } from './store/store.ts';
import type { Clock } from './system/clock.ts';
import type { Log } from './system/log.ts';

/** Single looks are for asking "why?"; after this long only the days are kept. */
const LOOKS_KEEP_MS = 14 * 24 * 60 * 60 * 1000;
/** Short enough that a look or a page never waits noticeably for a slice. */
const ROWS_A_SLICE = 2_000;

export interface HousekeepingParts {
  readonly history: History;
  readonly board: ReadonlyBoard;
  readonly config: () => Config;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Housekeeping {
  start(): void;
  stop(): Promise<void>;
}

export function createHousekeeping(parts: HousekeepingParts): Housekeeping {
  const tasks: ScheduledTask[] = [];

  function task(name: string, expression: string, work: () => Promise<void>): void {
    const guarded = async (): Promise<void> => {
      try {
        await work();
      } catch (error) {
        parts.log.warn('housekeeping failed', { task: name, why: String(error) });
      }
    };
    tasks.push(cron.schedule(expression, guarded, { name, timezone: 'UTC', noOverlap: true }));
  }

  return {
    start() {
      task('forget old looks', '17 * * * *', () => forgetOldLooks(parts));
      task('optimise', '43 3 * * *', () => parts.history.optimise());
      task('self-report', '0 6 * * *', () => selfReport(parts));
    },
    async stop() {
      for (const each of tasks) await each.destroy();
    },
  };
}

export async function forgetOldLooks({ history, clock, log }: HousekeepingParts): Promise<void> {
  let forgotten = 0;
  for (;;) {
    const slice = await history.prune(clock.now() - LOOKS_KEEP_MS, ROWS_A_SLICE);
    forgotten += slice;
    if (slice < ROWS_A_SLICE) break;
  }
  log.debug('old looks forgotten', { rows: forgotten });
}

export function selfReport({ board, config, log }: HousekeepingParts): Promise<void> {
  const states = { up: 0, degraded: 0, down: 0, unknown: 0 };
  for (const id of config().checks.keys()) states[board.checks.get(id)?.status ?? 'unknown'] += 1;
  const unresolved = [...board.incidents.values()].filter(({ state }) => state !== 'resolved');
  log.info('self-report', {
    ...states,
    incidents: unresolved.length,
    linesDropped: log.dropped(),
    memoryMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
  });
  return Promise.resolve();
}
