/**
 * What a whole daemon looks at, and who it tells: web servers on sixteen addresses and a sink of
 * notifications, in this process, on the target's core. What is late is late as it is seen here.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './program.ts';

/** A connection that has ended keeps its port from the next one to the same address for a while. */
const HOSTS = Array.from({ length: 16 }, (_, i) => `127.0.0.${i + 1}`);

/** In a notification, whoever wrote it: `"c17"`, or a URL that ends in `/c17"`. */
const CHECK = /["/](c\d+)"/g;

/** Times are of `performance.now()`; a check is `c0`, `c1`, … */
export interface World {
  /** By check: when its looks arrived. */
  readonly arrivals: Map<string, number[]>;
  /** By check that fails (a 500): when it first did; null: not yet. */
  readonly failing: Map<string, number | null>;
  /** By check: when a notification about it first came to the sink. */
  readonly told: Map<string, number>;
  /** Where notifications go. */
  readonly sink: string;
  /** Of the check with this number. */
  url(check: number): string;
  /** As many checks as that have been looked at; or the patience is over. */
  untilSeen(checks: number, patienceMs: number): Promise<void>;
  close(): void;
}

export async function openWorld(): Promise<World> {
  const arrivals = new Map<string, number[]>();
  const failing = new Map<string, number | null>();
  const told = new Map<string, number>();
  const servers: Server[] = [];

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const at = performance.now();
    const check = request.url!.slice(1);
    const times = arrivals.get(check);
    if (times) times.push(at);
    else arrivals.set(check, [at]);
    const failedAt = failing.get(check);
    if (failedAt !== undefined) {
      if (failedAt === null) failing.set(check, at);
      response.statusCode = 500;
    }
    response.end('ok');
  }

  async function hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    for (const [, check] of (await text(request)).matchAll(CHECK)) {
      if (!told.has(check!)) told.set(check!, at);
    }
    response.end();
  }

  async function listen(server: Server, host: string, port: number): Promise<void> {
    servers.push(server.listen({ host, port, backlog: 4096 }));
    await once(server, 'listening');
  }

  const [target, sink] = [await freePort(), await freePort()];
  for (const host of HOSTS) await listen(createServer(answer), host, target);
  await listen(
    createServer((request, response) => void hear(request, response)),
    '127.0.0.1',
    sink,
  );
  return {
    arrivals,
    failing,
    told,
    sink: `http://127.0.0.1:${sink}/`,
    url: (check) => `http://${HOSTS[check % HOSTS.length]!}:${target}/c${check}`,
    async untilSeen(checks, patienceMs) {
      const deadline = performance.now() + patienceMs;
      while (arrivals.size < checks && performance.now() < deadline) await pause(100);
    },
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}
