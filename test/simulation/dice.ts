/**
 * All chance of a simulation. Each part of the world has dice of its own, so that leaving out one
 * kind of fault changes as little as possible of what the others do.
 */
import { drawFrom, type Draw } from '../../src/incident/chance.ts';
import type { Random } from '../../src/system/random.ts';
import { mixed } from './loop.ts';

export class Dice {
  readonly #draw: Draw;

  constructor(seed: number, purpose: string) {
    let name = 0;
    for (const letter of purpose) name = mixed(name, letter.codePointAt(0) ?? 0);
    this.#draw = drawFrom([seed >>> 0, Math.floor(seed / 2 ** 32), name >>> 0, 1]);
  }

  /** In [0, 1). */
  fraction(): number {
    return this.#draw() / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  pick<T>(among: readonly T[]): T {
    return among[Math.floor(this.fraction() * among.length)]!;
  }

  /** How long until something that happens every `meanMs` on average; at least 1. */
  wait(meanMs: number): number {
    return 1 + Math.floor(-Math.log(1 - this.fraction()) * meanMs);
  }

  /** What a daemon is handed. */
  random(): Random {
    const draw = this.#draw;
    return {
      seed: () => [draw(), draw(), draw(), draw()],
      fraction: () => this.fraction(),
    };
  }
}
