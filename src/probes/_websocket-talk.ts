/**
 * A WebSocket over a socket that is already connected: the upgrade, something said, and messages
 * until one fits. `ws` does the protocol; everything that could be unbounded in it is bounded here,
 * and the deadline is ours, not a timer of its own.
 */
import { WebSocket } from 'ws';
import type { Connected } from '../system/transport.ts';
import type { LookFailure } from './_look.ts';
import { printTarget, printTook } from './_look.ts';
import type { Reason, Sight } from './probe.ts';

export const MAX_MESSAGE_BYTES = 64 * 1024;
/** Of all messages together, each counted as at least this much. */
const MAX_HEARD_BYTES = 1024 * 1024;
const LEAST_HEARD_BYTES = 1024;
const MAX_HEADER_BYTES = 16 * 1024;

export interface Talk {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** null: nothing. */
  readonly send: string | null;
  /** null: no message is waited for; asked of one message after the other. */
  readonly isEnough: ((message: string) => Promise<boolean>) | null;
}

export interface Talked {
  /** Of the answer to the upgrade, 101 if it was taken; 0 without one. */
  readonly status: number;
  /** The one that was awaited, or the last that came. */
  readonly message: string | null;
  /** The peer's, when it closed before that. */
  readonly closeCode: number | null;
  readonly upgradeMs: number;
  readonly talkMs: number;
  readonly failure: LookFailure | null;
}

/** Rejects only where `isEnough` does, and destroys the socket. Ends `timeoutMs` after `startedAt` at the latest. */
export function talk(
  { socket, ip }: Connected,
  port: number,
  { url, protocols, headers, send, isEnough }: Talk,
  { clock, timeoutMs, signal }: Sight,
  startedAt: number,
): Promise<Talked> {
  return new Promise((resolve, reject) => {
    const heard: string[] = [];
    let isAsking = false;
    let closedBy: number | null = null;
    const beganAt = clock.monotonic();
    let upgradedAt: number | null = null;
    let status = 0;
    let message: string | null = null;
    let room = MAX_HEARD_BYTES;
    let isOver = false;

    const end = (more: { readonly closeCode?: number; readonly failure?: LookFailure }): void => {
      if (isOver) return;
      isOver = true;
      alarm.cancel();
      signal.removeEventListener('abort', stop);
      const endedAt = clock.monotonic();
      const upgradeMs = (upgradedAt ?? endedAt) - beganAt;
      const talkMs = endedAt - (upgradedAt ?? endedAt);
      const { closeCode = null, failure = null } = more;
      resolve({ status, message, closeCode, upgradeMs, talkMs, failure });
    };
    const fail = (reason: Reason, what: string): void => {
      const detail = `${what} (${printTarget({ host: ip, port })})`.slice(0, 200);
      end({ failure: { reason, detail, certificateEndsAt: null } });
      socket.destroy();
    };
    const stop = (): void => {
      const took = printTook(clock.now() - startedAt);
      if (upgradedAt === null) fail('timeout', `no answer in ${took}`);
      else farewell();
    };
    /** The frame that says so is sent, an answer to it is not waited for. */
    const farewell = (): void => {
      end({});
      peer.close(1000);
      socket.end(() => socket.destroy());
    };
    const ask = async (): Promise<void> => {
      if (isAsking || isEnough === null) return;
      isAsking = true;
      for (let next = heard.shift(); next !== undefined && !isOver; next = heard.shift()) {
        message = next;
        if (await isEnough(next)) farewell();
      }
      isAsking = false;
      if (closedBy !== null) end({ closeCode: closedBy });
      else if (room <= 0) farewell();
    };
    const alarm = clock.alarm(startedAt + timeoutMs, stop);
    const peer = new WebSocket(url, [...protocols], {
      createConnection: () => socket,
      headers: { ...headers },
      maxHeaderSize: MAX_HEADER_BYTES,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
    peer.on('error', (error) => fail(...causeOf(error)));
    peer.on('upgrade', () => {
      status = 101;
    });
    peer.on('unexpected-response', (_request, answer) => {
      status = answer.statusCode ?? 0;
      // A 101 that comes here switches to nothing.
      if (status === 101) fail('protocol', 'no valid answer to the upgrade');
      else end({});
      socket.destroy();
    });
    peer.on('open', () => {
      upgradedAt = clock.monotonic();
      if (isOver) return;
      if (send !== null) peer.send(send);
      if (isEnough === null) farewell();
    });
    peer.on('message', (data: Buffer) => {
      if (isOver || room <= 0) return;
      heard.push(data.toString());
      room -= Math.max(data.length, LEAST_HEARD_BYTES);
      ask().catch(reject);
    });
    peer.on('close', (closeCode) => {
      // What it said before is still being looked at: it may be what was awaited.
      if (isAsking) closedBy = closeCode;
      else end({ closeCode });
      socket.destroy();
    });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}

/** `ws` gives a code of its own to what is wrong in a frame, and only words to a bad handshake. */
function causeOf(error: Error): [Reason, string] {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'HPE_HEADER_OVERFLOW') return ['too_large', 'more than 16 KiB of headers'];
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    return ['too_large', 'more than 64 KiB at once'];
  if (code === 'ECONNRESET' || code === 'EPIPE') return ['reset', 'connection reset'];
  if (code.startsWith('HPE_')) return ['protocol', 'not a valid HTTP answer'];
  return ['protocol', error.message];
}
