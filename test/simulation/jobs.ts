/** Jobs that report to the daemon, as long as they run and it is there to hear them. */
import type { World } from './world.ts';

const MINUTE = 60_000;

export class Jobs {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.#report();
  }

  /** Every job once a minute: more often than any is expected. */
  #report(): void {
    const { loop, process, targets, dice, faults } = this.#world;
    const heartbeats = process?.core?.heartbeats;
    for (const { id, heartbeat } of this.#world.config.checks.values()) {
      if (!heartbeat || !heartbeats) continue;
      if (!targets.truthOf(id).isBad) {
        void heartbeats.hear(id, { word: 'success', tookMs: dice.targets.between(1, 5_000) });
      } else if (faults.has('flapping') && dice.targets.chance(0.2)) {
        void heartbeats.hear(id, { word: 'failure', exitCode: 1, detail: 'no space left' });
      }
    }
    loop.after(MINUTE, () => this.#report());
  }
}
