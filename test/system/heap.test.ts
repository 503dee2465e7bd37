import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { withRoom } from '../../src/system/heap.ts';

/** Tells how many bytes its young generation has left, having done next to nothing yet. */
function begin(): Worker {
  const script = `
    const { parentPort } = require('node:worker_threads');
    const spaces = require('node:v8').getHeapSpaceStatistics();
    const young = spaces.find(({ space_name }) => space_name === 'new_space');
    parentPort.postMessage(young.space_available_size);
  `;
  return new Worker(script, { eval: true, resourceLimits: { maxYoungGenerationSizeMb: 64 } });
}

async function youngBytes(worker: Worker): Promise<number> {
  const [bytes] = (await once(worker, 'message')) as [number];
  await worker.terminate();
  return bytes;
}

test('a thread that is given room has it from the start, and those that come after it have not', async () => {
  const usual = await youngBytes(begin());
  expect(await youngBytes(withRoom(begin))).toBeGreaterThan(4 * usual);
  expect(await youngBytes(begin())).toBeLessThan(2 * usual);
});
