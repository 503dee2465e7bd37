/**
 * Part 1: CPU per look over a fresh connection, ours and the others', in rounds that interleave all of
 * them, so that whatever else the machine does meets all alike. What counts is the ratio.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, PROBER_CORE } from './cost.ts';
import type { Cost } from './cost.ts';
import { measurePlugin, measureWrk, startBlackbox } from './peers.ts';
import { inScratch, outputOf } from './program.ts';
import { startTarget } from './target.ts';
import type { Target } from './target.ts';

const KINDS = ['http', 'https', 'tcp'] as const;
type Kind = (typeof KINDS)[number];

const TITLES: Readonly<Record<Kind, string>> = {
  http: 'HTTP',
  https: 'HTTPS, verified',
  tcp: 'TCP',
};
const BOUNDS: Readonly<Record<Kind, { bound: number; goal: number }>> = {
  http: { bound: 0.4, goal: 0.3 },
  https: { bound: 0.9, goal: 0.75 },
  tcp: { bound: 0.25, goal: 0.18 },
};
const OURS = 'Tocsin';
const BLACKBOX = 'blackbox_exporter';

interface Prober {
  readonly kind: Kind;
  readonly name: string;
  readonly measure: () => Promise<Cost>;
}

/** Markdown. */
export function oneProbe(rounds: number): Promise<string> {
  return inScratch(async (directory) => {
    const target = await startTarget(directory);
    const blackbox = await startBlackbox(directory, target.ca);
    try {
      const probers: readonly Prober[] = [
        ...ours(directory, target),
        ...KINDS.map((kind) => ({
          ...{ kind, name: BLACKBOX },
          measure: () => blackbox.measure(kind === 'tcp' ? 'tcp' : 'http', target[kind]),
        })),
        ...KINDS.map((kind) => ({
          ...{ kind, name: kind === 'tcp' ? 'check_tcp' : 'check_http' },
          measure: () => measurePlugin(kind, target),
        })),
        ...(['http', 'https'] as const).map((kind) => ({
          ...{ kind, name: 'wrk, unverified' },
          measure: () => measureWrk(target[kind][0]!),
        })),
      ];
      return report(await measured(probers, rounds));
    } finally {
      await blackbox.stop();
      await target.stop();
    }
  });
}

function ours(directory: string, target: Target): Prober[] {
  const tls = `tls: { ca: ${target.ca} }`;
  const mlKem = `tls: { ca: ${target.ca}, key_share: ml-kem }`;
  const prober = (kind: Kind, name: string, written: (at: string) => string, bare?: string) => {
    const file = join(directory, `${kind}-${name.replace(/\W+/g, '-')}.yml`);
    const checks = target[kind].map((at, i) => `  c${i}: { ${written(at)} }\n`);
    writeFileSync(file, `version: 1\nchecks:\n${checks.join('')}`);
    const argv = ['node', 'bench/look.ts', file, ...(bare === undefined ? [] : [bare])];
    const measure = async () => JSON.parse(await outputOf(PROBER_CORE, argv)) as Cost;
    return { kind, name, measure };
  };
  return [
    prober('http', OURS, (at) => `http: "${at}"`),
    prober('http', 'bare node:net socket', (at) => `http: "${at}"`, 'http'),
    prober('https', OURS, (at) => `http: "${at}", ${tls}`),
    prober('https', `${OURS}, key_share: ml-kem`, (at) => `http: "${at}", ${mlKem}`),
    prober('tcp', OURS, (at) => `tcp: "${at}"`),
    prober('tcp', 'bare node:net socket', (at) => `tcp: "${at}"`, 'tcp'),
  ];
}

type Measured = readonly { readonly prober: Prober; readonly us: readonly number[] }[];

async function measured(probers: readonly Prober[], rounds: number): Promise<Measured> {
  const all = probers.map((prober) => ({ prober, us: [] as number[] }));
  for (let round = 1; round <= rounds; round++) {
    for (const { prober, us } of all) {
      const { looks, failed, cpuMs } = await prober.measure();
      if (failed > 0)
        throw new Error(`${prober.name}: ${failed} of ${looks} ${prober.kind} failed`);
      us.push((cpuMs * 1000) / looks);
      console.error(
        `${round}/${rounds} ${prober.kind} ${prober.name}: ${us.at(-1)!.toFixed(0)} µs`,
      );
    }
  }
  return all;
}

function report(all: Measured): string {
  const lines = [
    '| look | prober | × blackbox_exporter | bound (goal) | CPU a look, µs: median [least, most] |',
    '| --- | --- | --- | --- | --- |',
  ];
  for (const kind of KINDS) {
    const rows = all.filter(({ prober }) => prober.kind === kind);
    const reference = rows.find(({ prober }) => prober.name === BLACKBOX)!;
    for (const { prober, us } of rows) {
      const ratio = median(us) / median(reference.us);
      const { bound, goal } = BOUNDS[kind];
      const wanted = prober.name === OURS ? `${bound.toFixed(2)} (${goal.toFixed(2)})` : '';
      const [least, most] = [Math.min(...us).toFixed(0), Math.max(...us).toFixed(0)];
      const cost = `${median(us).toFixed(0)} [${least}, ${most}]`;
      lines.push(
        `| ${TITLES[kind]} | ${prober.name} | ${ratio.toFixed(2)} | ${wanted} | ${cost} |`,
      );
    }
  }
  return lines.join('\n');
}
