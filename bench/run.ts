/**
 * `npm run bench` measures everything and writes what it found into bench/README.md, each part between
 * its marks; `npm run bench -- one-probe` (or `daemon`) measures one part. It wants the machine for
 * itself, two cores of it, and Debian's nginx-light, prometheus-blackbox-exporter,
 * monitoring-plugins-basic and wrk.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { format, resolveConfig } from 'prettier';
import { daemon } from './daemon.ts';
import { oneProbe } from './one-probe.ts';

const README = new URL('README.md', import.meta.url);
const ROUNDS = 3;

const parts: Readonly<Record<string, () => Promise<string>>> = {
  'one-probe': () => oneProbe(ROUNDS),
  daemon: () => daemon([1_000, 10_000]),
};

function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const cores = cpus();
  const day = new Date().toISOString().slice(0, 10);
  const model = cores[0]?.model.trim() ?? 'unknown';
  return `${day}, Node ${process.version}, Linux ${release().split('-')[0]!}, ${cores.length} × ${model}, ${memory} GiB.`;
}

async function write(part: string, text: string): Promise<void> {
  const [from, to] = [`<!-- ${part} -->`, `<!-- /${part} -->`];
  const readme = readFileSync(README, 'utf8');
  const [before, rest] = readme.split(from);
  const after = rest?.split(to)[1];
  if (before === undefined || after === undefined) throw new Error(`no place for ${part}`);
  const written = `${before}${from}\n\n${machine()}\n\n${text}\n\n${to}${after}`;
  const style = await resolveConfig(README);
  writeFileSync(README, await format(written, { ...style, parser: 'markdown' }));
}

const asked = process.argv.slice(2);
const unknown = asked.find((part) => parts[part] === undefined);
if (unknown !== undefined) throw new Error(`no part ${unknown}: ${Object.keys(parts).join(', ')}`);
for (const [part, measure] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(part)) continue;
  await write(part, await measure());
}
