/** placeholder */
import { World } from './world.ts';
const [from = '1', to = '10'] = process.argv.slice(2);
const began = performance.now();
let steps = 0;
for (let seed = Number(from); seed <= Number(to); seed++) {
  const world = new World({ seed });
  try {
    await world.run();
  } catch (error) {
    console.log(`seed ${seed}: ${String(error)}`);
  }
  steps += world.loop.steps;
}
const seconds = (performance.now() - began) / 1000;
console.log(`${steps} steps, ${Math.round(steps / seconds)} a second`);
