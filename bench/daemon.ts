/**
 * Part 2: whole monitors side by side, each with N checks every 10 s; ours with Twilio and SendGrid
 * loaded. In rounds that interleave them; what counts is the ratio to the Prometheus stack, and at
 * 10,000 checks what it takes of the core.
 */
import { measure } from './contender.ts';
import type { Contender, Measured } from './contender.ts';
import { median, quantile } from './cost.ts';
import { installMonika, MONIKA } from './monika.ts';
import type { Pace } from './pace.ts';
import { PROMETHEUS } from './prometheus.ts';
import { TOCSIN } from './tocsin.ts';

const HEAD = [
  '| checks | monitor | CPU × Prometheus | RSS × Prometheus | core | RSS MB | CPU a look µs | looks/s | late ms p50 / p99 / max | told ms p50 / max | own share ms p50 / p99 |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];

const BOUNDS: Readonly<Record<number, string>> = {
  1_000: '0.35 (0.25) | | | 150 (110) | | 100 | | | |',
  10_000: '| | 0.45 (0.30) | 280 (200) | | 1000 | p99 20 | | 5 / 25 |',
};

/** Markdown. */
export async function daemon(pace: Pace): Promise<string> {
  const withMonika = await installMonika();
  const some = [TOCSIN, PROMETHEUS];
  // At 10,000 Monika is far from looking every 10 s: at 5,000 it was seen to need 13.
  const fields: readonly [number, readonly Contender[]][] = [
    [1_000, withMonika ? [...some, MONIKA] : some],
    [10_000, some],
  ];
  const lines = [...HEAD];
  for (const [size, contenders] of fields) {
    const runs = contenders.map((contender) => ({ contender, all: [] as Measured[] }));
    for (let round = 1; round <= pace.rounds; round++) {
      for (const { contender, all } of runs) {
        all.push(await measure(contender, size, pace));
        console.error(`${round}/${pace.rounds} ${row(size, contender, all.slice(-1), all)}`);
      }
    }
    const reference = runs.find(({ contender }) => contender === PROMETHEUS)!.all;
    lines.push(`| ${size} | _bound (goal)_ | ${BOUNDS[size] ?? ''}`);
    for (const { contender, all } of runs) lines.push(row(size, contender, all, reference));
  }
  return lines.join('\n');
}

function row(
  size: number,
  { name }: Contender,
  all: readonly Measured[],
  reference: readonly Measured[],
): string {
  const of = (which: (one: Measured) => number, among = all) => median(among.map(which));
  const ratio = (which: (one: Measured) => number) => (of(which) / of(which, reference)).toFixed(2);
  const times = (which: (one: Measured) => readonly number[], ...shares: readonly number[]) => {
    const sorted = all.flatMap(which).sort((a, b) => a - b);
    return shares.map((share) => figure(quantile(sorted, share))).join(' / ');
  };
  const cells = [
    size,
    name,
    ratio(({ core }) => core),
    ratio(({ rssMb }) => rssMb),
    of(({ core }) => core).toFixed(3),
    of(({ rssMb }) => rssMb).toFixed(0),
    of(({ cpuUsALook }) => cpuUsALook).toFixed(0),
    of(({ looksASecond }) => looksASecond).toFixed(1),
    times(({ late }) => late, 0.5, 0.99, 1),
    times(({ told }) => told, 0.5, 1),
    times(({ own }) => own, 0.5, 0.99),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** In ms: what is below ten is worth a decimal; nothing where nobody was told in time. */
function figure(ms: number): string {
  return Number.isNaN(ms) ? '–' : ms.toFixed(ms < 10 ? 1 : 0);
}
