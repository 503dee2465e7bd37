/** `npm run simulate -- --seed N --days 30`: one world, its event log on stdout with `--log`. */
import { parseArgs } from 'node:util';
import { World } from './world.ts';

const DAY = 24 * 60 * 60 * 1000;
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    days: { type: 'string' },
    log: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const wildMs = values.days === undefined ? {} : { wildMs: Number(values.days) * DAY };
const world = new World({ seed, ...wildMs, isLogged: values.log });
const began = performance.now();
let failure: unknown = null;
try {
  await world.run();
} catch (error) {
  failure = error;
}
if (values.log) for (const line of world.log) console.log(line);
const seconds = (performance.now() - began) / 1_000;
const { steps, trace } = world.loop;
console.error(
  `seed ${seed}: ${steps} steps in ${seconds.toFixed(2)} s, ${Math.round(steps / seconds)} a second, trace ${(trace >>> 0).toString(16)}`,
);
if (failure !== null) {
  console.error(failure);
  process.exitCode = 1;
}
