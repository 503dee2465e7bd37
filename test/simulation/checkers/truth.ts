/**
 * Nothing is said to be down that was not seen to fail often enough, and what we could not see does not
 * count as long as there are witnesses that say so (I7).
 */
import type { Turn } from '../../../src/judge/check-state.ts';
import type { Process } from '../process.ts';
import { Violation } from '../violation.ts';
import type { World } from '../world.ts';

export class Truth {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  turned(process: Process, { check: id, to, since }: Turn): void {
    const { config, targets } = this.#world;
    const check = config.checks.get(id);
    if (to !== 'down' || !check || check.heartbeat) return;
    const from = since - process.offset;
    const failed = targets
      .journalOf(id)
      .filter(({ at, seen }) => at >= from && seen !== 'well' && seen !== 'slow');
    const bad = failed.filter(({ seen }) => seen !== 'ours');
    const { fail } = check.confirm;
    if (failed.length < fail) {
      const seen = `${String(failed.length)} of ${String(fail)} failures`;
      throw new Violation(
        'I7',
        `${id} is said to be down after ${seen}: ${JSON.stringify(targets.journalOf(id))} since ${from}`,
      );
    }
    const isSeenByWitnesses = config.self.witnesses.size > 0 && targets.cut === 'network';
    const isCutOff = failed.every(({ cut }) => cut === 'network');
    if (isCutOff && bad.length === 0 && isSeenByWitnesses && this.#cutFor() > 0) {
      const names = [...config.self.witnesses.keys()];
      if (names.every((name) => !name.includes(':dns:'))) {
        throw new Violation('I7', `${id} is said to be down while we could not see`);
      }
    }
  }

  #cutFor(): number {
    return this.#world.loop.now - this.#world.targets.cutSince;
  }
}
