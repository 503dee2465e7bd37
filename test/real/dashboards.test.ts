import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { channels } from '../../src/channels/index.ts';
import { loadConfig } from '../../src/config/load.ts';
import { rebuild } from '../../src/incident/apply.ts';
import { createMetrics } from '../../src/observers/metrics.ts';
import { probes } from '../../src/probes/index.ts';
import { createScheduler } from '../../src/schedule/scheduler.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { VirtualClock } from '../virtual-clock.ts';

interface Panel {
  readonly title: string;
  readonly description: string;
  readonly targets: readonly { readonly expr: string }[];
}

const folder = mkdtempSync(join(tmpdir(), 'tocsin-dashboards-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const boards = globSync('dashboards/*.json').map((file) => ({
  file,
  board: JSON.parse(readFileSync(file, 'utf8')) as { uid: string; panels: readonly Panel[] },
}));
const plain = (expr: string) =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'tocsin');

async function metricNames(): Promise<ReadonlySet<string>> {
  const loaded = await loadConfig({ file: 'checks.yml', env: {}, probes, channels });
  if ('problems' in loaded) throw new Error('checks.yml is broken');
  const clock = new VirtualClock(Date.UTC(2026, 0, 5));
  const board = rebuild(await memoryStore({ clock }).load(), clock.now());
  const metrics = createMetrics({
    board: () => board,
    config: () => loaded.config,
    probes,
    version: '0',
    outboxPending: () => new Map(),
    load: {
      scheduler: createScheduler({ clock, look: () => Promise.resolve() }),
      resolvers: { looks: { pending: 0 }, pages: { pending: 0 } },
      log: { dropped: () => 0 },
    },
    clock,
  });
  const body = (await Array.fromAsync(metrics.render())).join('');
  const always = [...body.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1] ?? '');
  const ofLooks = [...probes.values()].flatMap(({ gauges }) => gauges.map(({ name }) => name));
  return new Set([...always, ...ofLooks, 'probe_success', 'probe_duration_seconds']);
}

describe.each(boards)('$file', ({ board }) => {
  test('every expression is PromQL that promtool reads', async () => {
    const rules = board.panels.flatMap(({ targets }) =>
      targets.map(({ expr }, n) => ({ record: `panel:expr:n${String(n)}`, expr: plain(expr) })),
    );
    const file = join(folder, `${board.uid}.yml`);
    writeFileSync(file, JSON.stringify({ groups: [{ name: board.uid, rules }] }));
    await promisify(execFile)('promtool', ['check', 'rules', '--lint=none', file]);
  });

  test('every panel says what it shows, of metrics that Tocsin has', async () => {
    const names = await metricNames();
    for (const { title, description, targets } of board.panels) {
      expect(description, title).not.toBe('');
      for (const { expr } of targets) {
        const used = [...expr.matchAll(/\b((?:tocsin|probe)_\w+?)(?:_bucket)?\{/g)];
        expect(used.length, title).toBeGreaterThan(0);
        for (const [, name = ''] of used) expect(names, title).toContain(name);
      }
    }
  });
});
