/**
 * The shipped rules in a real Prometheus, through a real Alertmanager, to a receiver: what a team
 * gets that pages through Alertmanager. `for:` is cut short; all else is as shipped.
 */
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMixture } from './mixture.ts';
import { startAlertmanager, startPrometheus, until, type Program } from './prometheus.ts';

interface Alert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const folder = mkdtempSync(join(tmpdir(), 'tocsin-rules-'));
const received: Alert[] = [];
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request
    .on('data', (chunk: Buffer) => chunks.push(chunk))
    .on('end', () => {
      const { alerts } = JSON.parse(Buffer.concat(chunks).toString()) as { alerts: Alert[] };
      received.push(...alerts);
      response.end();
    });
});
let mixture: Awaited<ReturnType<typeof openMixture>>;
let programs: Program[] = [];

const arrived = (name: string, status: Alert['status'], check?: string) =>
  until(`${name} ${status}`, async () =>
    received.find(
      (alert) =>
        alert.labels['alertname'] === name &&
        alert.status === status &&
        (check === undefined || alert.labels['check'] === check),
    ),
  );

beforeAll(async () => {
  mixture = await openMixture();
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  const alertmanager = await startAlertmanager({
    route: {
      receiver: 'team',
      group_by: ['...'],
      group_wait: '0s',
      group_interval: '1s',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'team', webhook_configs: [{ url: `http://127.0.0.1:${port}/` }] }],
  });
  const rules = join(folder, 'tocsin.rules.yml');
  const shipped = readFileSync('alerts/tocsin.rules.yml', 'utf8');
  writeFileSync(rules, shipped.replaceAll(/^( +for:) \S+$/gm, '$1 2s'));
  const prometheus = await startPrometheus({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }],
    },
    scrape_configs: [
      {
        job_name: 'tocsin',
        honor_labels: true,
        static_configs: [{ targets: [`127.0.0.1:${mixture.operatorPort}`] }],
      },
    ],
  });
  programs = [prometheus, alertmanager];
});

afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  receiver.close();
  receiver.closeAllConnections();
  await mixture.close();
  rmSync(folder, { recursive: true });
});

test('the watchdog arrives, and nothing about Tocsin does while all is well', async () => {
  await arrived('TocsinWatchdog', 'firing');
  const aboutItself = received.filter(({ labels }) => !('check' in labels));
  expect(new Set(aboutItself.map(({ labels }) => labels['alertname']))).toEqual(
    new Set(['TocsinWatchdog']),
  );
});

test('a check that is down arrives with its severity and name, and its end after it', async () => {
  mixture.shop.answerWith(500);
  const alert = await arrived('TocsinCheckDown', 'firing', 'shop');
  expect(alert.labels).toMatchObject({ severity: 'warning', name: 'Shop', job: 'tocsin' });
  expect(alert.annotations['description']).toMatch(/^Shop \(shop\) is confirmed down by 127/);
  expect(alert.annotations['runbook_url']).toBe('docs/runbooks/TocsinCheckDown.md');
  mixture.shop.answerWith(200);
  await arrived('TocsinCheckDown', 'resolved', 'shop');
});

test('a refused reload arrives', async () => {
  appendFileSync(mixture.file, 'chekcs: {}\n');
  process.kill(mixture.daemon.pid, 'SIGHUP');
  const alert = await arrived('TocsinConfigReloadFailed', 'firing');
  expect(alert.labels).toMatchObject({ severity: 'warning' });
});

test('a Tocsin that was killed arrives', async () => {
  await mixture.daemon.kill('SIGKILL');
  const alert = await arrived('TocsinDown', 'firing');
  expect(alert.labels).toMatchObject({ severity: 'critical', job: 'tocsin' });
});
