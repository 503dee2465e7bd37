/**
 * What a socket that has closed still holds on to. Node makes each with a function that V8 puts among
 * the old objects at once, so that the socket stays until those are collected: ten times as long as
 * it was of use, and with it, by its listeners, everything there was in its look.
 */
import type { Socket } from 'node:net';

/** For `close`: who listens to that is told all the same. */
export function shed(this: Socket): void {
  this.removeAllListeners();
}
