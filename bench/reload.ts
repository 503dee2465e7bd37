/**
 * Part 7: a daemon of ten thousand checks begins, and reads its file again: as it was, with a tenth
 * of the checks changed, with all of them. What a reload holds is what the event loop does not do for
 * others meanwhile; collecting garbage is in it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { median } from './cost.ts';
import type { Pace } from './pace.ts';
import { inScratch } from './program.ts';
import { CHECKS } from './scenario.ts';
import { startTocsin } from './tocsin.ts';
import type { Tocsin } from './tocsin.ts';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

const PATIENCE_MS = 30_000;
/** What hears of a reload, and the first looks at what is new, last that long. */
const AFTER_MS = 6_000;

const RELOADS = [
  { title: 'nothing changed', every: 0 },
  { title: 'every tenth changed', every: 10 },
  { title: 'all changed', every: 1 },
] as const;

interface Round {
  /** From the start of the process, ms. */
  readonly listensMs: number;
  readonly lastLookMs: number;
  /** One a reload. */
  readonly heldMs: readonly number[];
  readonly tookMs: readonly number[];
}

/** Markdown. */
export async function reload({ rounds }: Pace): Promise<string> {
  const found: Round[] = [];
  for (let i = 0; i < rounds; i++) found.push(await inScratch(round));
  const row = (title: string, bound: string, of: (round: Round) => number): string =>
    `| ${title} | ${bound} | ${spread(found.map(of))} |`;
  return [
    '| 10,000 checks | bound | ms: median [least, most] |',
    '| --- | --- | --- |',
    row('start until it listens', '', ({ listensMs }) => listensMs),
    row('start until the last first look', '4000', ({ lastLookMs }) => lastLookMs),
    ...RELOADS.flatMap(({ title }, i) => [
      row(`reload, ${title}: takes`, '', ({ tookMs }) => tookMs[i]!),
      row(`reload, ${title}: holds the loop`, '10', ({ heldMs }) => heldMs[i]!),
    ]),
  ].join('\n');
}

async function round(directory: string): Promise<Round> {
  const world = await openWorld();
  const beganAt = performance.now();
  const tocsin = await startTocsin(directory, configuration(world, 0, ''));
  try {
    const listensMs = performance.now() - beganAt;
    await world.untilSeen(CHECKS, PATIENCE_MS);
    const lastLookMs = Math.max(...[...world.arrivals.values()].map(([at = NaN]) => at)) - beganAt;
    await pause(AFTER_MS);
    const reloads = [];
    for (const { title, every } of RELOADS) {
      reloads.push(await once(tocsin, configuration(world, every, `?${title[0]!}`)));
    }
    const heldMs = reloads.map(({ held }) => held);
    return { listensMs, lastLookMs, heldMs, tookMs: reloads.map(({ took }) => took) };
  } finally {
    await tocsin.stop();
    world.close();
  }
}

async function once(tocsin: Tocsin, written: string) {
  await tocsin.held();
  const beganAt = performance.now();
  await tocsin.reload(written);
  const took = performance.now() - beganAt;
  const { max } = await tocsin.held();
  await pause(AFTER_MS);
  return { took, held: max };
}

/** Every so many, a check asks for something else; 0: none does. */
function configuration(world: World, every: number, query: string): string {
  const checks = Array.from({ length: CHECKS }, (_, i) => {
    const asked = every > 0 && i % every === 0 ? query : '';
    return `  c${i}: { http: "${world.url(i)}${asked}", every: 60s }\n`;
  });
  return `checks:\n${checks.join('')}`;
}

function spread(values: readonly number[]): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)];
  return `${middle.toFixed(0)} [${least.toFixed(0)}, ${most.toFixed(0)}]`;
}
