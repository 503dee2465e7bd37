/**
 * Exchanges over a connection that outlives them, and over HTTP/2: each connection has an undici
 * Client of its own. What one would get wrong: a server may close a kept connection just as it is
 * used again, which says nothing about the server, so that such a request is made once more.
 */
import type { Socket } from 'node:net';
import { ask, faultOf } from './_ask.ts';
import type { Asked, NotAsked } from './_ask.ts';
import { hand, MAX_HEADER_BYTES } from './_engine.ts';
import { begin, failedBy, open, outcomeOf, writtenFor } from './_exchange.ts';
import type { Course, Line, Parts } from './_exchange.ts';
import { intake } from './_intake.ts';
import type { Intake } from './_intake.ts';
import { Limit } from './_limit.ts';
import { Client } from './_undici.ts';
import type { Alarm, Clock } from './clock.ts';
import type { Exchange, Exchanged, NetworkFailure } from './transport.ts';

/** What is between us forgets a silent connection in as little as a few minutes. */
const MAX_IDLE_MS = 120_000;

interface Kept extends Line {
  readonly origin: string;
  readonly client: Client;
  /** null: HTTP/2 bounds what comes by itself. */
  readonly intake: Intake | null;
}

export class KeptLines {
  readonly #clock: Clock;
  readonly #idle = new Map<object, { readonly line: Kept; readonly alarm: Alarm }>();
  #epoch = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async exchange(request: Exchange, parts: Parts): Promise<Exchanged | NetworkFailure> {
    const epoch = this.#epoch;
    const course = begin(new Limit(this.#clock, request.timeoutMs, request.signal));
    try {
      const kept = request.keep === undefined ? undefined : this.#take(request.keep);
      if (kept?.origin === request.url.origin) {
        kept.intake?.renew();
        const asked = await this.#ask(kept, request, course, epoch);
        if (!isStale(asked)) return await this.#told(asked, kept, request, course);
      } else if (kept !== undefined) close(kept);
      const opened = await open(request, parts, course);
      if ('failure' in opened) return failedBy(opened, false, request, course);
      const line = keepable(opened, request);
      const { keep } = request;
      if (keep !== undefined) line.socket.once('close', () => this.#forget(keep, line));
      const asked = await this.#ask(line, request, course, epoch);
      return await this.#told(asked, line, request, course);
    } finally {
      course.limit.release();
    }
  }

  /** What is under way is not kept either. */
  letGo(): void {
    this.#epoch += 1;
    for (const key of [...this.#idle.keys()]) {
      const line = this.#take(key);
      if (line !== undefined) close(line);
    }
  }

  async #ask(line: Kept, request: Exchange, { limit }: Course, epoch: number) {
    const written = writtenFor(request);
    const asked = await ask(line.client, written, request.maxBodyBytes, this.#clock, limit);
    const { keep } = request;
    const isWhole = !('error' in asked) && !asked.truncated;
    if (isWhole && keep !== undefined && epoch === this.#epoch) this.#put(keep, line);
    else close(line);
    return asked;
  }

  #told(asked: Asked | NotAsked, line: Kept, request: Exchange, course: Course) {
    course.ip = line.ip;
    course.tls = line.tls;
    return outcomeOf(asked, line.intake, request, course, this.#clock);
  }

  #put(key: object, line: Kept): void {
    const before = this.#take(key);
    if (before !== undefined) close(before);
    if (line.socket.destroyed) return;
    const alarm = this.#clock.alarm(this.#clock.now() + MAX_IDLE_MS, () => {
      this.#forget(key, line);
      close(line);
    });
    this.#idle.set(key, { line, alarm });
  }

  #take(key: object): Kept | undefined {
    const line = this.#idle.get(key)?.line;
    if (line !== undefined) this.#forget(key, line);
    return line;
  }

  #forget(key: object, line: Kept): void {
    const idle = this.#idle.get(key);
    if (idle?.line !== line) return;
    idle.alarm.cancel();
    this.#idle.delete(key);
  }
}

function keepable(line: Line, { url, http2 = false, maxBodyBytes }: Exchange): Kept {
  let socket: Socket | null = line.socket;
  const client = new Client(url.origin, {
    allowH2: http2,
    ...(http2 && { pingInterval: 0 }),
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    // A server that says how long it keeps a connection is taken at its word, up to this.
    keepAliveTimeout: MAX_IDLE_MS,
    keepAliveMaxTimeout: MAX_IDLE_MS,
    connect(_options, done) {
      const mine = socket;
      socket = null;
      hand(mine, done);
    },
  });
  const taken = http2 ? null : intake(line.socket, MAX_HEADER_BYTES, maxBodyBytes);
  return { ...line, origin: url.origin, client, intake: taken };
}

function close({ client, socket }: Kept): void {
  void client.destroy();
  socket.destroy();
}

/** Lost before there was a byte of an answer. */
function isStale(asked: Asked | NotAsked): boolean {
  if (!('error' in asked) || asked.error === null || asked.answeredAt !== null) return false;
  return faultOf(asked).failure === 'reset';
}
