/**
 * Part 5: what a scrape of /metrics takes, and for how long at a time it holds the loop: ours over
 * HTTP, as a Prometheus would read it; the same series in a registry of prom-client, rendered alone;
 * and client_golang's by blackbox_exporter's own /metrics.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Hono } from 'hono';
import { Gauge, Registry } from 'prom-client';
import type { Check, Config } from '../src/config/config.ts';
import { emptyBoard } from '../src/incident/board.ts';
import { createMetrics } from '../src/observers/metrics.ts';
import type { AnyProbe } from '../src/probes/probe.ts';
import { createListener } from '../src/server/listener.ts';
import { prometheusApi } from '../src/server/prometheus-api.ts';
import { systemClock } from '../src/system/clock.ts';
import { keepHeapSmall } from '../src/system/heap.ts';
import { cpuMsOf, median, PROBER_CORE } from './cost.ts';
import { startExporter } from './peers.ts';
import { start } from './program.ts';
import type { Scraped } from './scraper.ts';

const SIZES = [1_000, 10_000];
const SCRAPES = 15;
const FORMATS = [
  ['text', 'text'],
  ['openmetrics', 'OpenMetrics'],
] as const;
const EXPORTER_SCRAPES = 400;
const PHASES = ['resolve', 'connect', 'tls', 'processing', 'transfer'];
const PLAIN = ['status_code', 'redirects', 'ssl', 'version', 'content_length', 'last', 'expiry'];

/** With as many gauges as a look at an HTTPS target has, each with as many digits as a clock gives. */
export const httpsProbe = {
  gauges: [
    ...PLAIN.map((name) => ({ name: `probe_http_${name}`, help: 'A number.', read: Math.random })),
    {
      ...{ name: 'probe_http_duration_seconds', help: 'Phases.', label: 'phase' },
      read: () => new Map(PHASES.map((phase) => [phase, Math.random() / 100])),
    },
  ],
} as unknown as AnyProbe;

/** Each of several scrapes. */
interface Found {
  readonly samples: number;
  readonly tookMs: readonly number[];
  /** By whom the loop is not held: none. */
  readonly heldMs: readonly number[];
}

/** Markdown. */
export async function scrape(): Promise<string> {
  keepHeapSmall();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const lines = [
    '| checks | rendered by | samples | ms: median / most | loop held ms: median / most | µs a sample |',
    '| --- | --- | --- | --- | --- | --- |',
    '| 1000 | _bound_ | | 60 | 5 | |',
    '| 10000 | _bound_ | | 500 | 10 | |',
  ];
  const add = (checks: string, by: string, { samples, tookMs, heldMs }: Found): void => {
    const each = ((median(tookMs) * 1_000) / samples).toFixed(2);
    lines.push(`| ${checks} | ${by} | ${samples} | ${both(tookMs)} | ${both(heldMs)} | ${each} |`);
    console.error(lines.at(-1));
  };
  for (const size of SIZES) {
    const served = await serve(size);
    // What setting up left behind would be collected in the first scrape.
    collect();
    for (const [format, title] of FORMATS) {
      add(String(size), `Tocsin, ${title}`, await all(() => served.scraped(format)));
    }
    const registry = asRegistry(await served.text());
    await served.stop();
    add(String(size), 'prom-client, rendered', await all(() => renderedBy(registry)));
  }
  add('', 'client_golang', await exporter());
  return lines.join('\n');
}

/** /metrics of so many checks on a port of this process, and somebody on the other core who asks. */
async function serve(size: number) {
  const { config, metrics } = ours(size);
  const app = new Hono();
  prometheusApi(app, { config: () => config, metrics });
  const listener = createListener(app.fetch, { maxConnections: 10 }, systemClock());
  const started = await listener.start({ host: '127.0.0.1', port: 0 });
  if ('refused' in started) throw new Error(started.refused);
  const url = `http://127.0.0.1:${started.port}/metrics`;
  const scraper = start(PROBER_CORE, ['node', 'bench/scraper.ts'], { ipc: true });
  return {
    text: async () => (await fetch(url)).text(),
    async scraped(format: string): Promise<Scraped> {
      scraper.child.send({ url, format });
      const [scraped] = (await once(scraper.child, 'message')) as [Scraped];
      return scraped;
    },
    async stop() {
      await scraper.stop();
      await listener.stop();
    },
  };
}

function ours(size: number) {
  const clock = systemClock();
  const checks = Array.from({ length: size }, (_, n) => checkOf(`check-${n}`));
  const config = {
    ...{ channels: new Map(), responders: new Map(), escalations: new Map(), location: null },
    checks: new Map(checks.map((check) => [check.id, check])),
  } as unknown as Config;
  const board = emptyBoard(1);
  const metrics = createMetrics({
    board: () => board,
    config: () => config,
    probes: new Map([['http', httpsProbe]]),
    version: '0',
    outboxPending: () => new Map(),
    load: {
      scheduler: { load: () => ({ lanes: [], waiting: 0, leftOut: { unfinished: 0, late: 0 } }) },
      resolvers: { looks: { pending: 0 }, pages: { pending: 0 } },
      log: { dropped: () => 0 },
    },
    clock,
  });
  for (const { id: check, generation } of checks) {
    const [at, tookMs, status, reason, brief] = [clock.now(), 12, 'up', null, ''] as const;
    const state = {
      ...{ check, generation, status, since: at, reason, brief, window: [], successes: 0 },
      ...{ firstFailedAt: null, lookedAt: at, tookMs, lastStatus: status },
    };
    board.checks.set(check, state);
    const verdict = {
      check,
      generation,
      from: '',
      at,
      tookMs,
      status,
      findings: [],
      reason,
      brief,
    };
    metrics.observe({ type: 'looked', verdict, state, facts: {} });
  }
  return { config, metrics };
}

function checkOf(id: string): Check {
  return {
    ...{ id, name: id, says: null, type: 'http', target: `https://${id}.example/`, options: {} },
    ...{ generation: 'g', rhythm: { everyMs: 3_600_000 }, timeoutMs: 5_000, heartbeat: null },
    ...{ confirm: { fail: 3, of: 3, recheckMs: 10_000, recover: 2 }, severity: 'major' },
    ...{ escalation: 'on-call', dependsOn: [], tags: { team: 'web' }, runbook: null },
  };
}

/** The same series, as gauges. */
function asRegistry(text: string): Registry {
  const registry = new Registry();
  const gauges = new Map<string, Gauge>();
  for (const line of text.split('\n')) {
    const [, name = '', pairs = '', value = ''] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (name === '') continue;
    const found = pairs.matchAll(/(\w+)="([^"]*)"/g).map(([, key, of]) => [key ?? '', of ?? '']);
    const labels = Object.fromEntries(found) as Record<string, string>;
    const labelNames = Object.keys(labels);
    const gauge =
      gauges.get(name) ?? new Gauge({ name, help: 'A number.', labelNames, registers: [registry] });
    gauges.set(name, gauge);
    gauge.set(labels, Number(value));
  }
  return registry;
}

async function renderedBy(registry: Registry): Promise<Scraped> {
  const began = performance.now();
  const text = await registry.metrics();
  return { tookMs: performance.now() - began, samples: samplesIn(text) };
}

/** The first one too, which finds nothing compiled. */
async function all(scraped: () => Promise<Scraped>): Promise<Found> {
  const each: (Scraped & { readonly heldMs: number })[] = [];
  for (let n = 0; n < SCRAPES; n++) each.push(await timed(scraped));
  return {
    samples: each[0]?.samples ?? 0,
    tookMs: each.map(({ tookMs }) => tookMs),
    heldMs: each.map(({ heldMs }) => heldMs),
  };
}

function both(ms: readonly number[]): string {
  return ms.length === 0 ? '' : `${median(ms).toFixed(1)} / ${Math.max(...ms).toFixed(1)}`;
}

/** The loop is held for as long as nobody else has a turn. */
async function timed(
  scraped: () => Promise<Scraped>,
): Promise<Scraped & { readonly heldMs: number }> {
  let [heldMs, isOver] = [0, false];
  let turnedAt = performance.now();
  const turn = (): void => {
    const now = performance.now();
    heldMs = Math.max(heldMs, now - turnedAt);
    turnedAt = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const found = await scraped();
  isOver = true;
  await new Promise((resolve) => setImmediate(resolve));
  return { ...found, heldMs };
}

function samplesIn(text: string): number {
  return text.match(/^[^#\n]/gm)?.length ?? 0;
}

/** CPU time, over HTTP: of so few series it is the better part. */
async function exporter(): Promise<Found> {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-bench-scrape-'));
  const { port, program } = await startExporter(directory, { http: { prober: 'http' } });
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await ask();
  const before = cpuMsOf(program.pid);
  let samples = 0;
  for (let n = 0; n < EXPORTER_SCRAPES; n++) samples += samplesIn(await ask());
  const cpuMs = cpuMsOf(program.pid) - before;
  await program.stop();
  rmSync(directory, { recursive: true });
  return {
    samples: Math.round(samples / EXPORTER_SCRAPES),
    tookMs: [cpuMs / EXPORTER_SCRAPES],
    heldMs: [],
  };
}
