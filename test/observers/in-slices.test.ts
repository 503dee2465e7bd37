import { describe, expect, it } from 'vitest';
import { createSlices } from '../../src/observers/in-slices.ts';

/** Each look at it takes a millisecond. */
function slowClock() {
  let now = 0;
  return { monotonic: () => now++ };
}

/** Counts turns of the loop until it is told to stop. */
function countTurns() {
  const turns = { count: 0, isOver: false };
  const turn = (): void => {
    turns.count++;
    if (!turns.isOver) setImmediate(turn);
  };
  setImmediate(turn);
  return turns;
}

function* repeated(piece: string, times: number): Generator<string> {
  for (let n = 0; n < times; n++) yield piece;
}

describe('a text in slices', () => {
  it('gives the loop to others as soon as a slice has had its time', async () => {
    const turns = countTurns();
    await Array.fromAsync(createSlices(slowClock())(repeated('x', 100)));
    turns.isOver = true;
    expect(turns.count).toBeGreaterThanOrEqual(50);
  });

  it('rests among pieces that hold nothing, too', async () => {
    const turns = countTurns();
    expect(await Array.fromAsync(createSlices(slowClock())(repeated('', 100)))).toEqual([]);
    turns.isOver = true;
    expect(turns.count).toBeGreaterThanOrEqual(50);
  });

  it('however many there are, one of them has a slice in a turn', async () => {
    const inSlices = createSlices(slowClock());
    const turns = countTurns();
    const slices: number[] = [];
    function* noted(): Generator<string> {
      for (let n = 0; n < 20; n++) {
        slices.push(turns.count);
        yield 'x';
      }
    }
    await Promise.all(Array.from({ length: 5 }, () => Array.fromAsync(inSlices(noted()))));
    turns.isOver = true;
    const inATurn = Map.groupBy(slices, (each) => each);
    const most = Math.max(...[...inATurn.values()].map(({ length }) => length));
    // Two milliseconds of this clock are two pieces.
    expect(most).toBeLessThanOrEqual(2);
  });

  it('is whole, in UTF-8, whatever is only known later', async () => {
    const inSlices = createSlices(slowClock());
    const pieces = ['ä', Promise.resolve('🛒'), '', 'x'.repeat(100_000), 'end'];
    const chunks = await Array.fromAsync(inSlices(pieces));
    expect(Buffer.concat(chunks).toString()).toBe(`ä🛒${'x'.repeat(100_000)}end`);
    expect(chunks.length).toBeGreaterThan(1);
  });

  it('is made no further than somebody reads', async () => {
    let made = 0;
    function* endless(): Generator<string> {
      for (;;) {
        made++;
        yield 'x'.repeat(10_000);
      }
    }
    const chunks = createSlices(slowClock())(endless());
    await chunks.next();
    const before = made;
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(made).toBe(before);
    await chunks.return(undefined);
  });
});
