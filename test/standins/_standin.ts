/**
 * What every stand-in of a vendor is: a server on loopback that keeps the vendor's rules strictly,
 * remembers what it took, and misbehaves when told to. Waiting for it is waiting for an event: no
 * test and no demo has to sleep.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What it does with one request, in the order scripted; all others are `ok`, unless told otherwise. */
export type Behaviour =
  | 'ok'
  /** Reads the request, takes nothing, never answers. */
  | 'hang'
  /** Takes it as if all was well, and never says so. */
  | 'mute'
  /** Takes nothing; the connection is reset. */
  | 'reset'
  /** Takes it; the connection is reset in the middle of the answer. */
  | 'half'
  | {
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** 429 with this many seconds of Retry-After, in the vendor's own shape. */
  | { readonly retryAfter: number };

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply<R> {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What was taken, if it was. */
  readonly taken?: R;
}

export interface Standin<R> {
  readonly url: string;
  /** What was taken, oldest first. */
  readonly requests: readonly R[];
  /** All that was asked, taken or not. */
  readonly received: readonly Received[];
  /** The first that was or will be taken and satisfies it. */
  waitFor(predicate: (taken: R) => boolean): Promise<R>;
  script(...next: readonly Behaviour[]): void;
  /** Asked about every request that nothing is scripted for, until it is told otherwise. */
  behave(how: (asked: Received) => Behaviour): void;
  close(): Promise<void>;
}

export interface Rules<R> {
  answer(received: Received): Reply<R>;
  tooMany(): Omit<Reply<R>, 'taken'>;
}

export async function startStandin<R>(port: number, rules: Rules<R>): Promise<Standin<R>> {
  const requests: R[] = [];
  const received: Received[] = [];
  const scripted: Behaviour[] = [];
  let unscripted = (_: Received): Behaviour => 'ok';
  const waiting = new Set<(taken: R) => void>();

  const take = (taken: R | undefined) => {
    if (taken === undefined) return;
    requests.push(taken);
    for (const tell of [...waiting]) tell(taken);
  };
  const answer = (asked: Received, response: ServerResponse) => {
    const behaviour = scripted.shift() ?? unscripted(asked);
    if (behaviour === 'hang') return;
    if (behaviour === 'reset') {
      response.socket?.resetAndDestroy();
      return;
    }
    if (typeof behaviour === 'object') {
      send(response, misbehaved(behaviour, rules));
      return;
    }
    const reply = rules.answer(asked);
    take(reply.taken);
    if (behaviour === 'mute') return;
    if (behaviour === 'half') sendHalf(response, reply);
    else send(response, reply);
  };
  const server = createServer((request, response) => {
    void read(request).then((asked) => {
      received.push(asked);
      answer(asked, response);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(bound)}`,
    requests,
    received,
    waitFor: (predicate) => waitFor(predicate, requests, waiting),
    script: (...next) => void scripted.push(...next),
    behave: (how) => void (unscripted = how),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function waitFor<R>(
  predicate: (taken: R) => boolean,
  requests: readonly R[],
  waiting: Set<(taken: R) => void>,
): Promise<R> {
  const there = requests.find(predicate);
  if (there !== undefined) return Promise.resolve(there);
  return new Promise((resolve) => {
    const tell = (taken: R) => {
      if (!predicate(taken)) return;
      waiting.delete(tell);
      resolve(taken);
    };
    waiting.add(tell);
  });
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://stand-in');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function misbehaved<R>(
  behaviour: Exclude<Behaviour, string>,
  rules: Rules<R>,
): Omit<Reply<R>, 'taken'> {
  if ('status' in behaviour) return { body: '', ...behaviour };
  const reply = rules.tooMany();
  return { ...reply, headers: { ...reply.headers, 'retry-after': String(behaviour.retryAfter) } };
}

function send(response: ServerResponse, { status, body, headers }: Omit<Reply<unknown>, 'taken'>) {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

function sendHalf(response: ServerResponse, { status, body, headers }: Reply<unknown>) {
  const whole = body === '' ? 'never finished' : body;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(whole) });
  response.write(whole.slice(0, Math.floor(whole.length / 2)), () => {
    response.socket?.resetAndDestroy();
  });
}

export const JSON_TYPE = { 'content-type': 'application/json' };

/** Is it `application/json`, whatever its parameters? */
export function isType(headers: Received['headers'], type: string): boolean {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() === type;
}

export function parseObject(body: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
