import { describe, expect, test } from 'vitest';
import { CORPUS } from './corpus.ts';
import { describeFind, hunt } from './hunt.ts';
import { World } from './world.ts';

async function found(seeds: Iterable<number>): Promise<string | null> {
  const tally = await hunt(seeds);
  return tally.found && describeFind(tally.found);
}

async function logOf(seed: number): Promise<string> {
  const world = new World({ seed, isLogged: true });
  await world.run();
  return world.log.join('\n');
}

describe('a simulated world', () => {
  test('a hundred of them keep every promise', { timeout: 120_000 }, async () => {
    expect(await found(Array.from({ length: 100 }, (_, seed) => seed + 1))).toBeNull();
  });

  test('drills beside all that may go wrong keep them too', { timeout: 60_000 }, async () => {
    const seeds = Array.from({ length: 30 }, (_, seed) => seed + 203);
    const { found: find } = await hunt(seeds, () => false, ['drills']);
    expect(find && describeFind(find)).toBeNull();
  });

  test('those that once found something keep it as well', { timeout: 60_000 }, async () => {
    expect(await found(CORPUS.keys())).toBeNull();
  });

  test('the same seed gives the same log, byte for byte; another one another', async () => {
    const [once, again, other] = [await logOf(7), await logOf(7), await logOf(8)];
    expect(once).toBe(again);
    expect(once.length).toBeGreaterThan(10_000);
    expect(other).not.toBe(once);
  });
});
