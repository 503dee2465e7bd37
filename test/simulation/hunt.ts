/**
 * Runs seeds one after the other and looks for one that breaks a promise; makes what it finds as short
 * as it can by leaving out kinds of faults, then time.
 */
import type { Fault } from './faults.ts';
import { Violation } from './violation.ts';
import { World, type Setting } from './world.ts';

const MINUTE = 60_000;
/** Of a log that cannot be made shorter, its end. */
const LINES = 400;

export interface Found {
  readonly setting: Setting;
  readonly error: unknown;
  readonly log: readonly string[];
}

export interface Tally {
  readonly seeds: number;
  readonly steps: number;
  readonly found: Found | null;
}

/** Until the first find, or until `isEnough`; with `more` beside the faults that each seed draws. */
export async function hunt(
  seeds: Iterable<number>,
  isEnough = () => false,
  more: readonly Fault[] = [],
): Promise<Tally> {
  let run = 0;
  let steps = 0;
  for (const seed of seeds) {
    const setting = settingOf(seed, more);
    const world = new World(setting);
    const error = await failureOf(world);
    run += 1;
    steps += world.loop.steps;
    if (error !== null) return { seeds: run, steps, found: await shortest(setting, error) };
    if (isEnough()) break;
  }
  return { seeds: run, steps, found: null };
}

function settingOf(seed: number, more: readonly Fault[]): Setting {
  if (more.length === 0) return { seed };
  return { seed, faults: new Set([...new World({ seed }).faults, ...more]) };
}

/** The same find in fewer lines. */
export async function shortest(setting: Setting, error: unknown): Promise<Found> {
  let best = setting;
  let faults: ReadonlySet<Fault> = setting.faults ?? new World(setting).faults;
  const isSame = async (tried: Setting): Promise<boolean> => {
    const other = await failureOf(new World(tried));
    return other !== null && nameOf(other) === nameOf(error);
  };
  for (const fault of faults) {
    const fewer = new Set([...faults].filter((other) => other !== fault));
    if (!(await isSame({ ...best, faults: fewer }))) continue;
    faults = fewer;
    best = { ...best, faults };
  }
  for (let wildMs = 60 * MINUTE; wildMs >= 5 * MINUTE; wildMs /= 2) {
    if (await isSame({ ...best, wildMs })) best = { ...best, wildMs };
  }
  const world = new World({ ...best, isLogged: true });
  return { setting: best, error: (await failureOf(world)) ?? error, log: world.log };
}

export function describeFind({ setting, error, log }: Found): string {
  const { seed, faults = new World(setting).faults } = setting;
  const kinds = [...faults].join(', ');
  return [...log.slice(-LINES), `seed ${seed} with ${kinds}:`, String(error)].join('\n');
}

async function failureOf(world: World): Promise<unknown> {
  try {
    await world.run();
    return null;
  } catch (error) {
    return error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Violation ? error.invariant : String(error);
}
