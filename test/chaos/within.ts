/** Waiting here always has an end: what does not happen in time is a promise that is broken. */
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves with what `promise` does, and how many ms that took; rejects when it takes longer. */
export async function within<T>(
  ms: number,
  what: string,
  promise: Promise<T>,
): Promise<{ readonly value: T; readonly tookMs: number }> {
  const began = performance.now();
  const patience = new AbortController();
  const late = pause(ms, undefined, { signal: patience.signal }).then(
    () => {
      throw new Error(`${what}: not within ${ms} ms`);
    },
    () => new Promise<never>(() => {}),
  );
  try {
    const value = await Promise.race([promise, late]);
    return { value, tookMs: Math.round(performance.now() - began) };
  } finally {
    patience.abort();
  }
}

/** Asks every 50 ms. */
export async function eventually(ms: number, what: string, isSo: () => Promise<boolean>) {
  const until = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > until) throw new Error(`${what}: not within ${ms} ms`);
    await pause(50);
  }
}
