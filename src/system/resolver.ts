/**
 * Names to addresses. What asks is handed in, so that probes and pages need not share a way of
 * asking. The system's own lookup cannot be called off: when the signal says stop, its answer is
 * abandoned, and the thread that waits for it stays busy until the system gives up.
 */
import { lookup } from 'node:dns';
import { isIP } from 'node:net';

export interface Resolver {
  /** Literal addresses are never asked for. Never rejects; `failure` is for people. */
  resolve(host: string, signal: AbortSignal): Promise<Resolved>;
}

export type Resolved =
  { readonly addresses: readonly HostAddress[] } | { readonly failure: string };

export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

const FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name',
  ENODATA: 'no address for this name',
  EAI_AGAIN: 'the resolver does not answer',
};

/** Asks as every program on this machine does: hosts file, then the configured servers. */
export function systemResolver(): Resolver {
  return {
    resolve(host, signal) {
      const family = isIP(host);
      if (family === 4 || family === 6) {
        return Promise.resolve({ addresses: [{ address: host, family }] });
      }
      return ask(host, signal);
    },
  };
}

function ask(host: string, signal: AbortSignal): Promise<Resolved> {
  return new Promise((resolve) => {
    const stop = (): void => {
      resolve({ failure: 'the resolver does not answer' });
    };
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    lookup(host, { all: true, order: 'verbatim' }, (error, found) => {
      signal.removeEventListener('abort', stop);
      if (error) {
        resolve({ failure: FAILURES[error.code ?? ''] ?? error.code ?? error.message });
      } else {
        resolve({
          addresses: found.map(({ address, family }) => ({
            address,
            family: family === 6 ? 6 : 4,
          })),
        });
      }
    });
  });
}
