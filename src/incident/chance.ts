/**
 * Names drawn by lot, without asking the machine for luck: a decision is handed a seed, and the same
 * seed draws the same names, so that a decision can be replayed.
 */
import type { Seed } from '../system/random.ts';
import { CODE_ALPHABET } from './incident.ts';

/** A code that somebody may still have on the screen of a phone is not given to another incident. */
export const CODE_REST_MS = 90 * 24 * 60 * 60 * 1000;

/**
 * At this many misses a length counts as used up. Two in five codes of two characters have a digit
 * and a letter: that is with four fifths of them taken. More tries would hold up a storm, in which
 * all of them are.
 */
const TRIES_A_LENGTH = 24;
const SHORTEST_CODE = 2;
const LONGEST_CODE = 6;

/** Draws 32-bit numbers: sfc32 (Chris Doty-Humphrey, PractRand). Not for secrets. */
export type Draw = () => number;

export function drawFrom(seed: Seed): Draw {
  let [a, b, c, counter] = seed;
  const draw = (): number => {
    const result = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((((c << 21) | (c >>> 11)) >>> 0) + result) >>> 0;
    return result;
  };
  for (let warmUp = 0; warmUp < 12; warmUp += 1) draw();
  return draw;
}

/** 128 bits as 32 hexadecimal digits. */
export function drawId(draw: Draw): string {
  return Array.from({ length: 4 }, () => draw().toString(16).padStart(8, '0')).join('');
}

/** The shortest code that is free, with at least one digit and one letter. */
export function drawCode(draw: Draw, isTaken: (code: string) => boolean): string {
  for (let length = SHORTEST_CODE; length <= LONGEST_CODE; length += 1) {
    for (let attempt = 0; attempt < TRIES_A_LENGTH; attempt += 1) {
      let code = '';
      while (code.length < length) code += CODE_ALPHABET.charAt(draw() % CODE_ALPHABET.length);
      if (/\d/.test(code) && /[A-Z]/.test(code) && !isTaken(code)) return code;
    }
  }
  // 594 million codes of six: all of 24 draws taken means that `isTaken` is broken.
  throw new Error('no free code');
}
