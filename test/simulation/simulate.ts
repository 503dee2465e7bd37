/**
 * `npm run simulate -- --seed N --days 30`: one world. `--log` prints its event log; a promise that is
 * broken prints the shortest log that breaks it, the seed and the faults that it takes.
 */
import { parseArgs } from 'node:util';
import { describeFind, shortest } from './hunt.ts';
import { World, type Setting } from './world.ts';

const DAY = 24 * 60 * 60 * 1000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    days: { type: 'string' },
    log: { type: 'boolean', default: false },
  },
});
const setting: Setting = {
  seed: Number(values.seed),
  isLogged: values.log,
  ...(values.days !== undefined && { wildMs: Number(values.days) * DAY }),
};
const world = new World(setting);
const began = performance.now();
try {
  await world.run();
} catch (error) {
  process.exitCode = 1;
  if (!values.log) console.log(describeFind(await shortest(setting, error)));
  else console.error(error);
}
if (values.log) console.log(world.log.join('\n'));
const seconds = (performance.now() - began) / 1_000;
const { steps, trace } = world.loop;
const days = world.daysPassed().toFixed(1);
const rate = Math.round(steps / seconds).toLocaleString('en');
console.error(
  `seed ${setting.seed}: ${steps.toLocaleString('en')} steps, ${days} days in ${seconds.toFixed(1)} s, ` +
    `${rate} a second, trace ${(trace >>> 0).toString(16)}`,
);
