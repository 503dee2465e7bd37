/**
 * Is Tocsin itself well? Looks begin on time, the store takes a write, somebody can be reached. Each
 * part has a few seconds to say so: one that hangs has failed. It is asked by those who tell the
 * world that we live, so that they fall silent when we should not be trusted.
 */
import type { SelfTestPart } from './events.ts';
import { withDeadline } from './outbox/deadline.ts';
import type { Scheduler } from './schedule/scheduler.ts';
import type { Store } from './store/store.ts';
import type { Clock } from './system/clock.ts';

export interface SelfTest {
  /** The parts that have failed, in seconds; none: all is well. Never rejects. */
  run(): Promise<readonly SelfTestPart[]>;
  /** Does the scheduler still notice what is due? That alone a restart would mend. */
  isAwake(): boolean;
}

export interface SelfTestParts {
  readonly clock: Clock;
  readonly scheduler: Pick<Scheduler, 'lateMs'>;
  readonly store: Pick<Store, 'saveChecks'>;
  readonly isAnyoneReachable: () => Promise<boolean>;
}

/** Nothing that is due waits for so long to be noticed, unless nobody notices. */
const ASLEEP_MS = 10_000;
/** With ten thousand checks, a storm is through the lanes in a few seconds. */
const QUEUED_MS = 30_000;
const STORE_TIMEOUT_MS = 5_000;

export function createSelfTest(parts: SelfTestParts): SelfTest {
  const { clock, scheduler, store } = parts;
  const isAwake = () => scheduler.lateMs().due < ASLEEP_MS;

  /** No rows, but a commit: the time of it is written. */
  async function isStored(): Promise<boolean> {
    const written = await withDeadline(clock, STORE_TIMEOUT_MS, () => store.saveChecks([]));
    return written === 'stored';
  }

  return {
    isAwake,
    async run() {
      const isOnTime = isAwake() && scheduler.lateMs().queued < QUEUED_MS;
      const [stored, reachable] = await Promise.all([
        isStored().catch(() => false),
        parts.isAnyoneReachable().catch(() => false),
      ]);
      const failed: SelfTestPart[] = [];
      if (!isOnTime) failed.push('scheduler');
      if (!stored) failed.push('store');
      if (!reachable) failed.push('channels');
      return failed;
    },
  };
}
