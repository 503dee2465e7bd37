/**
 * Waiting for somebody else's code, but not for ever. At the deadline the signal aborts; what
 * ignores even that is left to itself a second later, and at once when all is being stopped.
 */
import type { Clock } from '../system/clock.ts';

/** What aborted work gets to say how far it came. */
const GRACE_MS = 1_000;

/** What `ask` answers; `undefined`: it was given up. Rejects as `ask` does. */
export async function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  ask: (signal: AbortSignal) => Promise<T>,
  stopped?: AbortSignal,
): Promise<T | undefined> {
  const abort = new AbortController();
  const deadline = clock.now() + timeoutMs;
  const { promise: givenUp, resolve } = Promise.withResolvers<undefined>();
  const soft = clock.alarm(deadline, () => abort.abort());
  const hard = clock.alarm(deadline + GRACE_MS, () => resolve(undefined));
  // Not AbortSignal.any: it would leave something behind on a signal that lives as long as we do.
  const stop = () => {
    abort.abort();
    resolve(undefined);
  };
  stopped?.addEventListener('abort', stop);
  try {
    return await Promise.race([ask(abort.signal), givenUp]);
  } finally {
    soft.cancel();
    hard.cancel();
    stopped?.removeEventListener('abort', stop);
  }
}

/** All that may be told of an error that is not ours: its fields may hold credentials. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
