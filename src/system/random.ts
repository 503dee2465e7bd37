/** Chance. Everything random in Tocsin comes from here, so that a test can decide what it is. */
import { randomBytes, randomInt } from 'node:crypto';

/** 128 random bits as four unsigned 32-bit words: what a pure decision draws its names from. */
export type Seed = readonly [number, number, number, number];

export interface Random {
  seed(): Seed;
  /** A number in [0, 1): for jitter, never for secrets. */
  fraction(): number;
}

export const systemRandom: Random = {
  seed() {
    const bytes = randomBytes(16);
    return [
      bytes.readUInt32LE(0),
      bytes.readUInt32LE(4),
      bytes.readUInt32LE(8),
      bytes.readUInt32LE(12),
    ];
  },
  fraction: () => randomInt(2 ** 32) / 2 ** 32,
};
