/**
 * Something said over a connection, and what is heard until it is enough. The socket is destroyed
 * at the end, whatever happened.
 */
import type { Connected } from '../system/transport.ts';
import type { LookFailure } from './_look.ts';
import type { Sight } from './probe.ts';

export const MAX_BANNER_BYTES = 4 * 1024;

export interface Heard {
  /** At most 4 KiB; null: none was waited for. */
  readonly banner: string | null;
  readonly failure: LookFailure | null;
}

/**
 * Ends with enough of a banner, 4 KiB, a close, or the deadline `timeoutMs` after `startedAt`.
 * `isEnough` null: nothing is waited for but that all was sent; it is asked of the whole banner, again
 * where more has come meanwhile. Rejects where it does.
 */
export function converse(
  { socket, ip }: Connected,
  send: string,
  isEnough: ((banner: string) => Promise<boolean>) | null,
  { clock, timeoutMs, signal }: Sight,
  startedAt: number,
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    let heard = 0;
    let isAsking = false;
    const chunks: Buffer[] = [];
    const banner = (): string => Buffer.concat(chunks).toString('utf8', 0, MAX_BANNER_BYTES);
    const end = (failure: LookFailure | null): void => {
      alarm.cancel();
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve({ banner: isEnough === null ? null : banner(), failure });
    };
    const stop = (): void => {
      end(null);
    };
    const alarm = clock.alarm(startedAt + timeoutMs, stop);
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    socket.on('error', () => {
      end({ reason: 'reset', detail: `connection reset (${ip})`, certificateEndsAt: null });
    });
    socket.on('close', stop);
    if (isEnough === null) {
      socket.end(send, stop);
      return;
    }
    socket.on('end', stop);
    const ask = async (): Promise<void> => {
      if (isAsking) return;
      isAsking = true;
      for (let asked = -1; asked !== heard;) {
        asked = heard;
        if (heard >= MAX_BANNER_BYTES || (await isEnough(banner()))) stop();
      }
      isAsking = false;
    };
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      heard += chunk.length;
      ask().catch(reject);
    });
    if (send !== '') socket.write(send);
  });
}
