/**
 * A port that somebody may be hostile on: every wait has an end and every size a limit. A client
 * that sends slowly, or never reads its answer, loses its connection; it cannot keep a place.
 */
import { createServer, type Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Address } from '../config/config.ts';
import type { Clock } from '../system/clock.ts';
import { shareConnections } from './share-connections.ts';

/** A request's headers, then the whole of it, must be here by then. */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** How often those two are looked at: what a slow client gains on top. */
const CHECK_INTERVAL_MS = 1_000;
/** Longer than a usual scrape interval, so that a scraper keeps its connection. */
const KEEP_ALIVE_MS = 65_000;
/** Without a byte in either direction while answering. */
const STALLED_MS = 30_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** For requests under way, when stopping. */
const STOP_PATIENCE_MS = 2_000;

export type Started = { readonly port: number } | { readonly refused: string };

export interface Listener {
  /** `port: 0` lets the system choose; the answer has the one it chose. */
  start(address: Address): Promise<Started>;
  /** Takes no more requests, lets those under way end, cuts off what is left after two seconds. */
  stop(): Promise<void>;
}

export function createListener(
  fetch: (request: Request) => Response | Promise<Response>,
  limits: { readonly maxConnections: number; readonly maxOfOneClient?: number },
  clock: Clock,
): Listener {
  let server: Server | null = null;
  return {
    start(address) {
      const opened = openServer(fetch, limits.maxConnections);
      if (limits.maxOfOneClient !== undefined) shareConnections(opened, limits.maxOfOneClient);
      return new Promise((resolve) => {
        opened.once('error', (error: NodeJS.ErrnoException) => {
          resolve({ refused: whyRefused(error.code ?? error.name, address) });
        });
        opened.listen(address.port, address.host, () => {
          server = opened;
          const bound = opened.address();
          resolve({ port: typeof bound === 'object' && bound ? bound.port : address.port });
        });
      });
    },
    stop() {
      const closing = server;
      server = null;
      if (closing === null) return Promise.resolve();
      return new Promise((resolve) => {
        const cutOff = clock.alarm(clock.now() + STOP_PATIENCE_MS, () => {
          closing.closeAllConnections();
        });
        closing.close(() => {
          cutOff.cancel();
          resolve();
        });
      });
    },
  };
}

function openServer(
  fetch: (request: Request) => Response | Promise<Response>,
  maxConnections: number,
): Server {
  const server = createAdaptorServer({
    fetch,
    overrideGlobalObjects: false,
    createServer,
    serverOptions: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
  }) as Server;
  server.setTimeout(STALLED_MS);
  server.maxConnections = maxConnections;
  return server;
}

function whyRefused(code: string, { host, port }: Address): string {
  const where = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use: is another Tocsin running?`;
    case 'EADDRNOTAVAIL':
      return `${where} is not an address of this machine`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${where}: the name cannot be resolved`;
    case 'EACCES':
      return `${where}: not permitted to listen there`;
    default:
      return `${where}: cannot listen (${code})`;
  }
}
