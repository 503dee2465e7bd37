/**
 * What comes in for one look, before undici reads it: the version, which undici does not tell, and
 * how much there has been. undici bounds headers and we bound the body, but a status line, interim
 * answers and what stands between chunks would be read for as long as they come.
 */
import type { Socket } from 'node:net';

/** A body may come a byte a chunk, which is six bytes. */
const WRAPPING = 8;

export interface Intake {
  /** `1.1` until an answer says otherwise. */
  readonly version: () => string;
  /** Has all been read that the other side had to say? Then an answer that is not whole was cut. */
  readonly isOver: () => boolean;
  /** Another answer comes over the same socket. */
  readonly renew: () => void;
}

/** Destroys the socket with EMSGSIZE once more has come than an answer of these bounds can need. */
export function intake(socket: Socket, maxHeaderBytes: number, maxBodyBytes: number): Intake {
  const read = socket.read.bind(socket);
  const allowed = maxHeaderBytes + WRAPPING * maxBodyBytes;
  let room = allowed;
  let version: string | undefined;
  const readBounded = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (!Buffer.isBuffer(chunk)) return chunk;
    version ??= /^HTTP\/(\d\.\d)/.exec(chunk.toString('latin1', 0, 8))?.[1] ?? '1.1';
    room -= chunk.length;
    if (room >= 0) return chunk;
    socket.destroy(Object.assign(new Error('too much'), { code: 'EMSGSIZE' }));
    return null;
  };
  // Not in one with its making: V8 puts a function that is written as a property's value among the
  // old at once, and whatever it can see, the whole look, stays until the old are collected.
  socket.read = readBounded;
  return {
    version: () => version ?? '1.1',
    isOver: () => socket.readableEnded,
    renew() {
      room = allowed;
      version = undefined;
    },
  };
}
