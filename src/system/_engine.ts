/**
 * undici's writer and parser over a socket that is handed to them, for one request at a time: where
 * the connection comes from is none of its business. Making a Client costs more than asking does, so
 * that one is used again, with the next look's socket, once the last one has closed; but only after
 * an answer that came whole: what went wrong in one look shall not be felt in another.
 */
import type { Socket } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';
import { ask } from './_ask.ts';
import type { Asked, NotAsked } from './_ask.ts';
import { NotConnected } from './_failure.ts';
import type { Limit } from './_limit.ts';
import { Client } from './_undici.ts';
import type { Clock } from './clock.ts';

export const MAX_HEADER_BYTES = 16 * 1024;
/** As many as looks are under way at ordinary times; after a storm the rest is let go. */
const MAX_IDLE = 64;

/** Why a socket is closed after a whole answer: without it undici makes an error, and a trace, a look. */
const ANSWERED = Object.assign(new Error('answered'), { code: 'UND_ERR_SOCKET' });

/** Never asked for: every request says its own host. */
const NOWHERE = 'http://nowhere.invalid';

export class Engines {
  readonly #idle: Engine[] = [];

  /** `request` says its host. The socket is the engine's from here on, and closed in the end. */
  async ask(
    socket: Socket,
    request: Dispatcher.DispatchOptions,
    maxBodyBytes: number,
    clock: Clock,
    limit: Limit,
  ): Promise<Asked | NotAsked> {
    const engine = this.#idle.pop() ?? new Engine();
    engine.socket = socket;
    const asked = await ask(engine.client, request, maxBodyBytes, clock, limit);
    if ('error' in asked || asked.truncated) return asked;
    engine.client.once('disconnect', () => this.#keep(engine));
    socket.destroy(ANSWERED);
    return asked;
  }

  #keep(engine: Engine): void {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(engine);
  }
}

/** null: there was one, and undici has lost it; it connects anew where nothing was written yet. */
export function hand(socket: Socket | null, done: buildConnector.Callback): void {
  // undici misses an answer that comes before this call returns.
  queueMicrotask(() => {
    if (socket === null) {
      done(new NotConnected({ failure: 'reset', what: 'connection closed' }), null);
    } else done(null, socket);
  });
}

class Engine {
  /** Of the next request; null once it was taken. */
  socket: Socket | null = null;

  readonly client = new Client(NOWHERE, {
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: (_options, done) => {
      const { socket } = this;
      this.socket = null;
      hand(socket, done);
    },
  });
}
