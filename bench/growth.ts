/**
 * Part 4: what one check more costs. CPU a look falls with the number of checks, since a busy loop
 * wakes up less often for each; it must not rise. Memory is what a check adds to a daemon with one.
 */
import { measure } from './contender.ts';
import type { Pace } from './pace.ts';
import { TOCSIN } from './tocsin.ts';

const SIZES = [100, 1_000, 10_000];

/** Markdown. */
export async function growth(pace: Pace): Promise<string> {
  const lines = [
    '| checks | CPU a look µs | core | RSS MB | RSS a check beyond the first, KB |',
    '| --- | --- | --- | --- | --- |',
  ];
  const base = await measure(TOCSIN, 1, pace);
  lines.push(`| 1 | | ${base.core.toFixed(3)} | ${base.rssMb.toFixed(0)} | |`);
  for (const size of SIZES) {
    const { core, cpuUsALook, rssMb } = await measure(TOCSIN, size, pace);
    const kb = ((rssMb - base.rssMb) * 1024) / (size - 1);
    const cells = [size, cpuUsALook.toFixed(0), core.toFixed(3), rssMb.toFixed(0), kb.toFixed(1)];
    lines.push(`| ${cells.join(' | ')} |`);
    console.error(lines.at(-1));
  }
  return lines.join('\n');
}
