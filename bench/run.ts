/**
 * `npm run bench` measures everything and writes what it found into bench/README.md, each part between
 * its marks; `npm run bench -- storm` measures one part, `--quick` all of it in a shorter time. It
 * wants the machine for itself, two cores of it, and the programs from Debian that README.md names.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { daemon } from './daemon.ts';
import { growth } from './growth.ts';
import { oneProbe } from './one-probe.ts';
import { paging } from './paging.ts';
import { FULL, QUICK } from './pace.ts';
import { reload } from './reload.ts';
import { scrape } from './scrape.ts';
import { storm } from './storm.ts';
import { traces } from './traces.ts';

const README = new URL('README.md', import.meta.url);

const { values, positionals: asked } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const pace = values.quick ? QUICK : FULL;

const parts: Readonly<Record<string, () => Promise<string>>> = {
  'one-probe': () => oneProbe(pace.rounds),
  daemon: () => daemon(pace),
  storm: () => storm(pace),
  paging: () => paging(pace),
  growth: () => growth(pace),
  reload: () => reload(pace),
  scrape,
  traces,
};

/** `load`: of the machine before the part began: what else had the cores. */
function circumstances(load: number): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const cores = cpus();
  const day = new Date().toISOString().slice(0, 10);
  const model = cores[0]?.model.trim() ?? 'unknown';
  const machine = `Node ${process.version}, Linux ${release().split('-')[0]!}, ${cores.length} × ${model}, ${memory} GiB`;
  const quick = values.quick ? ' A quick run: provisional.' : '';
  return `${day}, ${machine}; load before the run ${load.toFixed(1)}.${quick}`;
}

async function write(part: string, text: string): Promise<void> {
  const [from, to] = [`<!-- ${part} -->`, `<!-- /${part} -->`];
  const readme = readFileSync(README, 'utf8');
  const [before, rest] = readme.split(from);
  const after = rest?.split(to)[1];
  if (before === undefined || after === undefined) throw new Error(`no place for ${part}`);
  const written = `${before}${from}\n\n${text}\n\n${to}${after}`;
  const style = await resolveConfig(README);
  writeFileSync(README, await format(written, { ...style, parser: 'markdown' }));
}

const unknown = asked.find((part) => parts[part] === undefined);
if (unknown !== undefined) throw new Error(`no part ${unknown}: ${Object.keys(parts).join(', ')}`);
for (const [part, measure] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(part)) continue;
  const load = loadavg()[0]!;
  const found = await measure();
  await write(part, `${circumstances(load)}\n\n${found}`);
}
