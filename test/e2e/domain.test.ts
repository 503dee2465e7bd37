/** The registration of a target's domain, from checks.yml to what people read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startRdap } from '../standins/rdap.ts';
import { openShop } from '../standins/shop.ts';
import { freePorts, startDaemonProcess, tocsin } from './daemon-process.ts';

const IN_TWELVE_DAYS = new Date(Date.now() + 12.5 * 86_400_000).toISOString();

test('one that ends soon is degraded and pages nobody; one that nobody knows of is up', async () => {
  const [rdap, shop] = await Promise.all([startRdap(), openShop()]);
  rdap.domains.set('shop.localhost', IN_TWELVE_DAYS);
  const { port } = new URL(shop.url);
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-domain-'));
  const file = join(directory, 'checks.yml');
  const [operator, customers] = await freePorts(2);
  writeFileSync(
    file,
    `
version: 1
listen: { operator: "127.0.0.1:${String(operator)}", public: "127.0.0.1:${String(customers)}" }
self: { rdap: "${rdap.bootstrap}" }
defaults: { every: 1s, timeout: 1s }
checks:
  shop: { http: "http://www.shop.localhost:${port}/", warn: { domain: 30d } }
  api: { tcp: "api.shop.localhost:${port}", warn: { domain: 7d } }
  odd: { tcp: "www.odd.localhost:${port}", warn: { domain: 30d } }
`,
  );
  const daemon = startDaemonProcess(file);
  onTestFinished(async () => {
    await daemon.kill('SIGKILL');
    await Promise.all([rdap.close(), shop.close()]);
    rmSync(directory, { recursive: true });
  });

  const turn = await daemon.waitFor(({ event, to }) => event === 'turned' && to === 'degraded');
  expect(turn).toMatchObject({ check: 'shop', reason: 'dns', brief: 'domain ends in 12d' });
  const unknown = 'the end of a registration is not known';
  expect(await daemon.waitFor(({ event }) => event === unknown)).toMatchObject({
    host: 'www.odd.localhost',
    why: 'not registered',
  });
  await daemon.waitFor(
    ({ event, host }) => event === 'registration' && host === 'api.shop.localhost',
  );
  const url = `http://127.0.0.1:${String(operator)}`;
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const ends = String(Date.parse(IN_TWELVE_DAYS) / 1_000);
  expect(metrics).toContain(
    `tocsin_domain_expiry_timestamp_seconds{instance="http://www.shop.localhost:${port}/",check="shop"} ${ends}\n`,
  );
  expect(rdap.asked().filter((name) => name === 'shop.localhost')).toHaveLength(1);
  expect(daemon.lines.some(({ event }) => event.startsWith('opened'))).toBe(false);

  const shown = await tocsin(['probe', 'odd', '--config', file]);
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toMatch(/^-- +domain +at least 30d left +not known: not registered/m);
  expect((await tocsin(['probe', 'shop', '--config', file])).out).toMatch(
    /^WARN +domain .*12d left/m,
  );
  expect(await daemon.kill('SIGTERM')).toBe(0);
});
