import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHouse } from './house.ts';

const PATH = '/ping/5f1c0e9a-known-to-us-alone';

let house: Awaited<ReturnType<typeof openHouse>>;
let deadman: Server;
let pings: string[];
let status: number;
let pinged: PromiseWithResolvers<undefined>;

beforeEach(async () => {
  pings = [];
  status = 200;
  pinged = Promise.withResolvers();
  deadman = createServer((request, response) => {
    pings.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(status).end('OK');
    pinged.resolve(undefined);
  });
  await new Promise<void>((resolve) => deadman.listen(0, '127.0.0.1', resolve));
  const { port } = deadman.address() as AddressInfo;
  house = await openHouse({
    more: () => `heartbeat_to: "http://127.0.0.1:${String(port)}${PATH}"\n`,
  });
});
afterEach(async () => {
  await house.close();
  deadman.closeAllConnections();
  deadman.close();
});

const metrics = async () => (await fetch(`${house.operator}/metrics`)).text();

describe('the dead-man switch', () => {
  test('is told at once when all is well, and the log does not say where it is', async () => {
    const daemon = await house.start();
    await pinged.promise;
    expect(pings).toEqual([`GET ${PATH}`]);
    await expect.poll(metrics).toMatch(/^tocsin_pulse_last_success_timestamp_seconds 1\d{9}/m);
    expect(await metrics()).toContain('tocsin_channel_check_success{channel="sms"} 1');
    expect(JSON.stringify([daemon.lines, daemon.other])).not.toContain('known-to-us-alone');
    expect(await daemon.kill('SIGTERM')).toBe(0);
  });

  test('is not told while no vendor can be reached', async () => {
    await Promise.all([house.twilio.close(), house.ntfy.close()]);
    const daemon = await house.start();
    const line = await daemon.waitFor(({ event }) => event.startsWith('the self-test has failed'));
    expect(line['failed']).toEqual(['channels']);
    expect(await metrics()).toContain('tocsin_self_test_failed{part="channels"} 1');
    expect(await daemon.kill('SIGTERM')).toBe(0);
    expect(pings).toEqual([]);
  });

  test('that does not take it is said, without its address', async () => {
    status = 404;
    const daemon = await house.start();
    const line = await daemon.waitFor(({ event }) => event === 'the heartbeat is not taken');
    expect(line['why']).toBe('HTTP 404');
    expect(await daemon.kill('SIGTERM')).toBe(0);
    expect(JSON.stringify([daemon.lines, daemon.other])).not.toContain('known-to-us-alone');
  });
});
