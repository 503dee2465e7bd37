/**
 * One request through an undici dispatcher, its answer's body bounded and its end certain. It uses
 * dispatch with a handler of its own, not request(): no stream is made, so none can be left open.
 */
import type { Dispatcher } from 'undici';
import { classify, NotConnected } from './_failure.ts';
import type { Fault } from './_failure.ts';
import type { Limit } from './_limit.ts';
import type { Clock } from './clock.ts';
import { VERSION } from './version.ts';

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As it came. */
  readonly bytes: Buffer;
  /** The body was longer than allowed: what follows was not read. */
  readonly truncated: boolean;
  /** Monotonic ms: the request was about to be written, the first byte came, all was read. */
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly endedAt: number;
}

export interface NotAsked {
  /** null: the limit was reached. */
  readonly error: unknown;
  /** May bytes of the request have left? */
  readonly sent: boolean;
  readonly askedAt: number | null;
  readonly answeredAt: number | null;
}

const UTF8 = new TextDecoder();

/** Drops a byte order mark, and puts replacement characters for what is not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : UTF8.decode(bytes);
}

/** Never rejects. Whatever the end, undici closes the connection or may use it again. */
export function ask(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  maxBodyBytes: number,
  clock: Clock,
  limit: Limit,
): Promise<Asked | NotAsked> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined;
    let askedAt: number | null = null;
    let answeredAt: number | null = null;
    let status = 0;
    let headers: Record<string, string> = {};
    const chunks: Buffer[] = [];
    let size = 0;
    let over = false;

    const end = (outcome: Asked | NotAsked): void => {
      over = true;
      limit.unwatch();
      resolve(outcome);
    };
    const fail = (error: unknown): void => {
      if (!over) end({ error, sent: askedAt !== null, askedAt, answeredAt });
    };
    const stop = (): void => {
      fail(null);
      controller?.abort(new Error('stopped'));
    };
    const finish = (truncated: boolean): void => {
      const endedAt = clock.monotonic();
      end({
        ...{ status, headers, bytes: whole(chunks), truncated },
        ...{ askedAt: askedAt ?? endedAt, answeredAt: answeredAt ?? endedAt, endedAt },
      });
    };

    if (limit.isOver) {
      stop();
      return;
    }
    limit.watch(stop);
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        if (over) started.abort(new Error('stopped'));
        else askedAt = clock.monotonic();
      },
      onResponseStarted() {
        answeredAt ??= clock.monotonic();
      },
      // Interim answers (103) come here too, the final one last.
      onResponseStart(_controller, statusCode, received) {
        status = statusCode;
        headers = flatten(received);
      },
      onResponseData(_controller, chunk) {
        if (over) return;
        const room = maxBodyBytes - size;
        if (chunk.length > 0 && room > 0) chunks.push(chunk.subarray(0, room));
        size += Math.min(chunk.length, room);
        if (chunk.length <= room) return;
        finish(true);
        controller?.abort(new Error('read enough'));
      },
      onResponseEnd() {
        if (!over) finish(false);
      },
      onResponseError(_controller, error) {
        fail(error);
      },
    });
  });
}

function whole(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

function flatten(received: Readonly<Record<string, string | string[] | undefined>>) {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(received)) {
    if (value === undefined) continue;
    const between = name === 'set-cookie' ? '\n' : ', ';
    headers[name] = Array.isArray(value) ? value.join(between) : value;
  }
  return headers;
}

const USER_AGENT = `tocsin/${VERSION}`;

/** `headers` have lower-case names, and come before our own. */
export function requestOf(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string | null,
): Dispatcher.DispatchOptions {
  return {
    path: `${url.pathname}${url.search}`,
    method,
    headers: {
      ...{ host: url.host, 'user-agent': USER_AGENT, 'accept-encoding': 'identity' },
      ...headers,
    },
    body,
  };
}

/** As blackbox_exporter has it: from the request to the first byte, and from there to the end. */
export function answerPhases(asked: Asked | NotAsked, now: number) {
  const endedAt = 'endedAt' in asked ? asked.endedAt : now;
  const askedAt = asked.askedAt ?? endedAt;
  const answeredAt = asked.answeredAt ?? endedAt;
  return { processing: answeredAt - askedAt, transfer: endedAt - answeredAt };
}

export function faultOf({ error, askedAt }: NotAsked): Fault {
  if (error instanceof NotConnected) return error.fault;
  if (error !== null) return classify(error);
  return askedAt === null
    ? { failure: 'connect_timeout', what: 'no connection' }
    : { failure: 'timeout', what: 'no answer' };
}

/** Without the brackets that a URL puts around an IPv6 address. */
export function destinationOf(url: URL): { readonly host: string; readonly port: number } {
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  };
}
