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
 * `isEnough` null: nothing is waited for but that all was sent.
 */
export function converse(
  { socket, ip }: Connected,
  send: string,
  isEnough: ((banner: string) => boolean) | null,
  { clock, timeoutMs, signal }: Sight,
  startedAt: number,
): Promise<Heard> {
  return new Promise((resolve) => {
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
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      const text = banner();
      if (text.length >= MAX_BANNER_BYTES || isEnough(text)) stop();
    });
    if (send !== '') socket.write(send);
  });
}
