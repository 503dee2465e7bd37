/**
 * Names as every other program on this machine asks for them, by getaddrinfo: for what only its
 * plugins know (mDNS, LDAP, a VPN). It cannot be called off and holds one of a few threads until the
 * system gives up, so it is asked for one look at a time, and the others wait.
 */
import { lookup } from 'node:dns/promises';
import { literalAddress, unlessAborted } from './_resolving.ts';
import type { Family, NameFailure, Resolved, Resolver } from './resolver.ts';

const FAILURES: Readonly<Record<string, NameFailure>> = {
  ENOTFOUND: 'nxdomain',
  ENODATA: 'nodata',
  EAI_AGAIN: 'timeout',
  EAI_FAIL: 'servfail',
};

/** `ask` must not reject. */
export function systemResolver(
  ask: (host: string, family?: Family) => Promise<Resolved> = getaddrinfo,
): Resolver {
  let last: Promise<unknown> = Promise.resolve();
  return {
    resolve(host, signal, family) {
      const literal = literalAddress(host);
      if (literal !== null) return Promise.resolve({ addresses: [literal] });
      const asked = last.then((): Resolved | Promise<Resolved> =>
        signal.aborted ? { failure: 'timeout' } : ask(host, family),
      );
      last = asked;
      return unlessAborted(asked, signal);
    },
  };
}

async function getaddrinfo(host: string, only: Family | 0 = 0): Promise<Resolved> {
  try {
    const found = await lookup(host, { all: true, order: 'verbatim', family: only });
    return {
      addresses: found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })),
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { failure: FAILURES[code] ?? 'failed' };
  }
}
