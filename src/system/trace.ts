/**
 * Which trace an act of ours is recorded in. Each look and each delivery is a trace of one span: there
 * is nothing above it and nothing below it in this process. Begun before the act, so that a target can
 * be told of it, and the log name it.
 */
import type { Clock, Instant } from './clock.ts';
import type { Random } from './random.ts';

export interface Trace {
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
  readonly startedAt: Instant;
}

/** null: this one is not recorded. */
export type BeginTrace = () => Trace | null;

/** `share`: how many are recorded, 0 to 1; by the id, so that whoever asks again decides the same. */
export function traceBeginner(
  random: Pick<Random, 'seed'>,
  clock: Pick<Clock, 'now'>,
  share: number,
): BeginTrace {
  return () => {
    const id = random.seed();
    if (id[3] / 2 ** 32 >= share) return null;
    const [high, low] = random.seed();
    return { traceId: id.map(hex).join(''), spanId: hex(high) + hex(low), startedAt: clock.now() };
  };
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
