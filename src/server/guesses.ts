/**
 * Bounds how often one client may be wrong where being right needs a secret: /a/TOKEN and /hooks/….
 * Whoever is right is answered however many wrong requests come from the same address, so that a flood
 * through a shared proxy keeps neither Twilio nor an acknowledgement out: to find out costs no more
 * than to refuse. Whoever goes on being wrong is told so, and loses the connection.
 */
import type { MiddlewareHandler } from 'hono';
import type { Clock } from '../system/clock.ts';
import { clientOf } from './source.ts';

/** A mistyped link, a public_url that is not right yet: as many as people need. */
const WRONG_MAX = 60;
const FORGIVEN_EVERY_MS = 1_000;
/** Beyond, those who were wrong longest ago are forgotten. */
const CLIENTS_MAX = 4_096;
const RETRY_AFTER_SECONDS = 60;

/** How often it was wrong at a time, monotonic; one is forgiven a second. */
interface Standing {
  readonly wrong: number;
  readonly at: number;
}

export function boundGuesses(clock: Pick<Clock, 'monotonic'>): MiddlewareHandler {
  const standings = new Map<string, Standing>();

  /** How often this client has been wrong by now, with this time. */
  function count(client: string): number {
    const at = clock.monotonic();
    const before = standings.get(client);
    const forgiven = before === undefined ? 0 : (at - before.at) / FORGIVEN_EVERY_MS;
    const wrong = Math.max(0, (before?.wrong ?? 0) - forgiven) + 1;
    standings.delete(client);
    standings.set(client, { wrong: Math.min(wrong, WRONG_MAX), at });
    if (standings.size > CLIENTS_MAX) {
      for (const oldest of standings.keys()) {
        standings.delete(oldest);
        break;
      }
    }
    return wrong;
  }

  return async (c, next) => {
    await next();
    const { status } = c.res;
    if (status < 400 || status >= 500 || count(clientOf(c)) <= WRONG_MAX) return;
    c.res = new Response('too many wrong requests\n', {
      status: 429,
      headers: {
        'content-type': 'text/plain; charset=UTF-8',
        'retry-after': String(RETRY_AFTER_SECONDS),
        connection: 'close',
      },
    });
  };
}
