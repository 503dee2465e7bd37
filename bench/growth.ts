/**
 * Part 4: what one check more costs. CPU a look falls with the number of checks, since a busy loop
 * wakes up less often for each; it must not rise, nor must the memory that the next check takes.
 */
import { measure } from './contender.ts';
import type { Measured } from './contender.ts';
import type { Pace } from './pace.ts';
import { TOCSIN } from './tocsin.ts';

const SIZES = [100, 1_000, 10_000];

/** Markdown. */
export async function growth(pace: Pace): Promise<string> {
  const lines = [
    '| checks | CPU a look µs | core | RSS MB | RSS a check more than in the row above, KB |',
    '| --- | --- | --- | --- | --- |',
  ];
  let above: (Measured & { readonly size: number }) | undefined;
  for (const size of SIZES) {
    const found = await measure(TOCSIN, size, pace);
    const { core, cpuUsALook, rssMb } = found;
    const kb = above && ((rssMb - above.rssMb) * 1024) / (size - above.size);
    const cells = [
      size,
      cpuUsALook.toFixed(0),
      core.toFixed(3),
      rssMb.toFixed(0),
      kb?.toFixed(1) ?? '',
    ];
    lines.push(`| ${cells.join(' | ')} |`);
    console.error(lines.at(-1));
    above = { ...found, size };
  }
  return lines.join('\n');
}
