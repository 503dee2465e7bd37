/**
 * Part 5: what a scrape of /metrics costs, and for how long at a time it holds the loop: ours, the
 * same series in a registry of prom-client, and client_golang's by blackbox_exporter's own /metrics.
 * Rendering alone, without HTTP, but for the exporter, which cannot be had without.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gauge, Registry } from 'prom-client';
import type { Check, Config } from '../src/config/config.ts';
import { emptyBoard } from '../src/incident/board.ts';
import { createMetrics } from '../src/observers/metrics.ts';
import type { AnyProbe } from '../src/probes/probe.ts';
import { systemClock } from '../src/system/clock.ts';
import { cpuMsOf, median } from './cost.ts';
import { startExporter } from './peers.ts';

const SIZES = [1_000, 10_000];
const SCRAPES = 7;
const EXPORTER_SCRAPES = 400;
const PHASES = new Map(
  ['resolve', 'connect', 'tls', 'processing', 'transfer'].map((p) => [p, 0.01]),
);
const PLAIN = ['status_code', 'redirects', 'ssl', 'version', 'content_length', 'last', 'expiry'];

/** With as many gauges as a look at an HTTPS target has. */
const probe = {
  gauges: [
    ...PLAIN.map((name) => ({ name: `probe_http_${name}`, help: 'A number.', read: () => 1.25 })),
    { name: 'probe_http_duration_seconds', help: 'Phases.', label: 'phase', read: () => PHASES },
  ],
} as unknown as AnyProbe;

interface Found {
  readonly samples: number;
  readonly totalMs: number;
  readonly heldMs: number;
}

/** Markdown. */
export async function scrape(): Promise<string> {
  const lines = [
    '| checks | rendered by | samples | total ms | loop held ms, longest | µs a sample |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  const add = (
    checks: string,
    by: string,
    { samples, totalMs, heldMs }: Found,
    cpuMs = totalMs,
  ) => {
    const held = Number.isNaN(heldMs) ? '' : heldMs.toFixed(1);
    const each = ((cpuMs * 1_000) / samples).toFixed(2);
    lines.push(`| ${checks} | ${by} | ${samples} | ${totalMs.toFixed(0)} | ${held} | ${each} |`);
    console.error(lines.at(-1));
  };
  lines.push('| 1000 | _bound_ | | 60 | 5 | |', '| 10000 | _bound_ | | 500 | 10 | |');
  for (const size of SIZES) {
    const text = await textOf(ours(size).render('text'));
    add(
      String(size),
      'Tocsin, text',
      await medianOf(() => Array.fromAsync(ours(size).render('text'))),
    );
    add(
      String(size),
      'Tocsin, OpenMetrics',
      await medianOf(() => Array.fromAsync(ours(size).render('openmetrics'))),
    );
    const registry = asRegistry(text);
    add(String(size), 'prom-client', await medianOf(async () => [await registry.metrics()]));
  }
  const found = await exporter();
  add('', 'client_golang, over HTTP', found);
  return lines.join('\n');
}

const made = new Map<number, ReturnType<typeof createMetrics>>();

function ours(size: number): ReturnType<typeof createMetrics> {
  const known = made.get(size);
  if (known !== undefined) return known;
  const clock = systemClock();
  const checks = Array.from({ length: size }, (_, n) => checkOf(`check-${n}`));
  const config = {
    checks: new Map(checks.map((check) => [check.id, check])),
    channels: new Map(),
    responders: new Map(),
    location: null,
  } as unknown as Config;
  const board = emptyBoard(1);
  const metrics = createMetrics({
    board: () => board,
    config: () => config,
    probes: new Map([['http', probe]]),
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
  made.set(size, metrics);
  return metrics;
}

function checkOf(id: string): Check {
  return {
    ...{ id, name: id, says: null, type: 'http', target: `https://${id}.example/`, options: {} },
    ...{ generation: 'g', rhythm: { everyMs: 3_600_000 }, timeoutMs: 5_000, heartbeat: null },
    ...{ confirm: { fail: 3, of: 3, recheckMs: 10_000, recover: 2 }, severity: 'major' },
    ...{ escalation: 'on-call', dependsOn: [], tags: { team: 'web' }, runbook: null },
  };
}

async function textOf(chunks: AsyncGenerator<string>): Promise<string> {
  return (await Array.fromAsync(chunks)).join('');
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

async function medianOf(render: () => Promise<string[]>): Promise<Found> {
  await render();
  const found: Found[] = [];
  for (let n = 0; n < SCRAPES; n++) found.push(await timed(render));
  const of = (field: keyof Found) => median(found.map((each) => each[field]));
  return { samples: of('samples'), totalMs: of('totalMs'), heldMs: of('heldMs') };
}

/** The loop is held for as long as nobody else has a turn. */
async function timed(render: () => Promise<string[]>): Promise<Found> {
  let [heldMs, isOver] = [0, false];
  const began = performance.now();
  let turnedAt = began;
  const turn = (): void => {
    const now = performance.now();
    heldMs = Math.max(heldMs, now - turnedAt);
    turnedAt = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const chunks = await render();
  isOver = true;
  const totalMs = performance.now() - began;
  await new Promise((resolve) => setImmediate(resolve));
  return { samples: samplesIn(chunks.join('')), totalMs, heldMs };
}

function samplesIn(text: string): number {
  return text.match(/^[^#\n]/gm)?.length ?? 0;
}

async function exporter(): Promise<Found> {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-bench-scrape-'));
  const { port, program } = await startExporter(directory, { http: { prober: 'http' } });
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await ask();
  const before = cpuMsOf(program.pid);
  let samples = 0;
  for (let n = 0; n < EXPORTER_SCRAPES; n++) samples += samplesIn(await ask());
  const totalMs = cpuMsOf(program.pid) - before;
  await program.stop();
  rmSync(directory, { recursive: true });
  return {
    samples: Math.round(samples / EXPORTER_SCRAPES),
    totalMs: totalMs / EXPORTER_SCRAPES,
    heldMs: NaN,
  };
}
