import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCollector, type Collector } from '../standins/otlp.ts';
import { freePorts, startDaemonProcess, type DaemonProcess } from './daemon-process.ts';

let folder: string;
let file: string;
let collector: Collector;
let daemon: DaemonProcess;
/** What the target was told: one line a request. */
let told: (string | undefined)[];
const shop = createServer((request, response) => {
  told.push(request.headers['traceparent'] as string | undefined);
  response.statusCode = 503;
  response.end();
});

beforeEach(async () => {
  told = [];
  folder = mkdtempSync(join(tmpdir(), 'tocsin-traces-'));
  file = join(folder, 'checks.yml');
  collector = await startCollector();
  shop.listen(0, '127.0.0.1');
  await once(shop, 'listening');
  const { port } = shop.address() as AddressInfo;
  const [operator, pub] = await freePorts(2);
  writeFileSync(
    file,
    `version: 1
listen: { operator: "127.0.0.1:${String(operator)}", public: "127.0.0.1:${String(pub)}" }
defaults: { every: 500ms, timeout: 400ms, confirm: { fail: 1, recheck: 200ms } }
checks:
  shop: { http: "http://127.0.0.1:${port}/", traceparent: true }
`,
  );
});
afterEach(async () => {
  await daemon.kill('SIGKILL');
  await collector.close();
  shop.close();
  rmSync(folder, { recursive: true });
});

test('a look and a page are spans, and the log and the target name them', async () => {
  daemon = startDaemonProcess(file, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a-key-that-is-secret',
    OTEL_SERVICE_NAME: 'pager',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  const delivery = await daemon.waitFor(({ event }) => event === 'delivery accepted');
  const { spans, resource } = await collector.waitFor(({ spans: them }) =>
    them.some(({ name }) => name === 'deliver page'),
  );
  expect(resource['service.name']).toBe('pager');
  expect(spans.find(({ name }) => name === 'deliver page')).toMatchObject({
    traceId: delivery['trace_id'],
    attributes: { 'tocsin.notification': delivery['notification'], 'tocsin.channel': 'console' },
  });
  const turned = await daemon.waitFor(({ event }) => event === 'turned');
  const looks = collector.requests.flatMap(({ spans: them }) => them);
  const look = looks.find(({ traceId }) => traceId === turned['trace_id']);
  expect(look).toMatchObject({
    name: 'look http',
    status: { code: 2, message: 'status' },
    attributes: { 'tocsin.check': 'shop', probe_http_status_code: 503 },
  });
  expect(told).toContain(`00-${look?.traceId}-${look?.spanId}-01`);
  expect(await daemon.kill('SIGTERM')).toBe(0);
  const seen = daemon.lines.filter(({ event }) => event === 'looked');
  const recorded = new Set(collector.requests.flatMap((each) => each.spans).map((s) => s.traceId));
  expect(seen.filter(({ trace_id: id }) => !recorded.has(String(id)))).toEqual([]);
  expect(JSON.stringify(daemon.lines)).not.toContain('a-key-that-is-secret');
});

test('a collector that is dead costs nothing but a line; without one nobody is told of a trace', async () => {
  const url = collector.url;
  await collector.close();
  daemon = startDaemonProcess(file, {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  await daemon.waitFor(({ event }) => event === 'traces are not taken');
  await daemon.waitFor(({ event }) => event === 'delivery accepted');
  expect(await daemon.kill('SIGTERM')).toBe(0);

  told = [];
  daemon = startDaemonProcess(file, { OTEL_EXPORTER_OTLP_ENDPOINT: '' });
  await daemon.waitFor(({ event }) => event === 'looked');
  expect(await daemon.kill('SIGTERM')).toBe(0);
  expect(daemon.lines.filter((line) => 'trace_id' in line)).toEqual([]);
  expect(told.filter((header) => header !== undefined)).toEqual([]);
  collector = await startCollector();
});
