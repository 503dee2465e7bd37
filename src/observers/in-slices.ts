/**
 * Long texts, handed on in bytes, with turns for others in between: what counts is how long the loop
 * is held, so that slices are of time. A piece is not divided; whoever makes one makes it small.
 */
import type { Clock } from '../system/clock.ts';

/** With code that is not compiled yet, and a collection of the young generation on top, it is some five. */
const SLICE_MS = 1;
/** Longer strings outlive the young generation; with shorter ones the stream costs more than the text. */
const CHUNK_CHARS = 32 * 1024;

/** UTF-8, made when it is asked for. An empty piece is a place to rest. */
export type InSlices = (
  pieces: Iterable<string | Promise<string>>,
) => AsyncGenerator<Uint8Array<ArrayBuffer>>;

export function createSlices(clock: Pick<Clock, 'monotonic'>): InSlices {
  let last: Promise<unknown> = Promise.resolve();
  /** However many texts are on their way, one has a slice in a turn of the loop. */
  function ownTurn(): Promise<unknown> {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return last;
  }
  return async function* (pieces) {
    let text = '';
    await ownTurn();
    let restedAt = clock.monotonic();
    for (const piece of pieces) {
      text += typeof piece === 'string' ? piece : await piece;
      if (text.length >= CHUNK_CHARS) {
        yield Buffer.from(text);
        text = '';
      }
      if (clock.monotonic() - restedAt < SLICE_MS) continue;
      await ownTurn();
      restedAt = clock.monotonic();
    }
    if (text !== '') yield Buffer.from(text);
  };
}
