/** What every way of resolving a name has in common: literal addresses, and an end to waiting. */
import { isIP } from 'node:net';
import type { Fault } from './_failure.ts';
import type { Family, HostAddress, NameFailure, Resolved, Resolver } from './resolver.ts';

/** null: it is a name. */
export function literalAddress(host: string): HostAddress | null {
  const family = isIP(host);
  return family === 4 || family === 6 ? { address: host, family } : null;
}

const RECORDS: Readonly<Record<Family, string>> = {
  4: 'IPv4 address (A)',
  6: 'IPv6 address (AAAA)',
};

/** The addresses of a host, at least one, or why there are none. Never rejects. */
export async function addressesOf(
  { host, family }: { readonly host: string; readonly family?: Family | undefined },
  resolver: Resolver,
  signal: () => AbortSignal,
): Promise<readonly [HostAddress, ...HostAddress[]] | Fault> {
  const literal = literalAddress(host);
  if (literal !== null) {
    const fits = family === undefined || literal.family === family;
    return fits ? [literal] : unresolved('nodata', family);
  }
  const resolved = await resolver.resolve(host, signal(), family);
  if ('failure' in resolved) return unresolved(resolved.failure, family);
  const [first, ...others] = resolved.addresses;
  return first === undefined ? unresolved('nodata', family) : [first, ...others];
}

function unresolved(why: NameFailure, family: Family | undefined): Fault {
  const isOther = why === 'nodata' && family !== undefined;
  return { failure: 'dns', what: isOther ? `no ${RECORDS[family]}` : `DNS ${why}` };
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
