/** What every way of resolving a name has in common: literal addresses, and an end to waiting. */
import { isIP } from 'node:net';
import type { HostAddress, Resolved } from './resolver.ts';

/** null: it is a name. */
export function literalAddress(host: string): HostAddress | null {
  const family = isIP(host);
  return family === 4 || family === 6 ? { address: host, family } : null;
}

/** Whoever waits may leave; the question goes on for the others. `resolved` must not reject. */
export function unlessAborted(resolved: Promise<Resolved>, signal: AbortSignal): Promise<Resolved> {
  return new Promise((resolve) => {
    const stop = (): void => {
      resolve({ failure: 'timeout' });
    };
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    void resolved.then((answer) => {
      signal.removeEventListener('abort', stop);
      resolve(answer);
    });
  });
}
