import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import { createTransport } from '../../src/system/network.ts';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import type { Exchange } from '../../src/system/transport.ts';
import { dnsServer, nameservers, NXDOMAIN, systemFiles } from '../dns-server.ts';
import type { Answering } from '../dns-server.ts';
import { httpServer } from '../loopback.ts';

/** A transport whose names are told by this server. */
async function asking(answering: Answering) {
  const clock = systemClock();
  const files = systemFiles(nameservers(await dnsServer(answering)));
  const made = createTransport({ clock, resolver: new OwnResolver({ clock, files }) });
  onTestFinished(() => made.close());
  return made;
}

function to(url: string, more: Partial<Exchange> = {}): Exchange {
  return {
    url: new URL(url),
    method: 'GET',
    headers: {},
    body: null,
    maxBodyBytes: 1_024,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    tls: { verify: true, ca: null, serverName: null },
    ...more,
  };
}

describe('a name is resolved', () => {
  test('by the system where that is asked for, though our own resolver is silent', async () => {
    const port = await httpServer((_request, response) => response.end('ok'));
    const silent = { resolve: () => new Promise<never>(() => {}), close: () => {} };
    const servers = () => Promise.resolve([]);
    const made = createTransport({ clock: systemClock(), resolver: { ...silent, servers } });
    onTestFinished(() => made.close());
    const { timeoutMs, signal } = to('http://localhost/');
    const dialled = await made.connect({
      host: 'localhost',
      port,
      timeoutMs,
      signal,
      resolver: 'system',
    });
    if ('failure' in dialled) expect.fail(dialled.detail);
    dialled.socket.destroy();
    const url = `http://localhost:${port}/`;
    expect(await made.exchange(to(url, { resolver: 'system' }))).toMatchObject({ body: 'ok' });
  });

  test('not at all for an address, so that a silent resolver delays nothing', async () => {
    const port = await httpServer((_request, response) => response.end('ok'));
    const { exchange } = await asking(() => null);
    const stop = new AbortController();
    let over = 0;
    const lost = Array.from({ length: 100 }, (_, at) =>
      exchange(to(`http://shop${at}.test/`, { signal: stop.signal })).finally(() => over++),
    );
    expect(await exchange(to(`http://127.0.0.1:${port}/`))).toMatchObject({ body: 'ok' });
    expect(over).toBe(0);
    stop.abort();
    for (const each of await Promise.all(lost)) {
      expect(each).toMatchObject({ failure: 'dns', sent: false });
      expect('detail' in each ? each.detail : '').toMatch(/^DNS timeout \(shop\d+\.test:80\)$/);
    }
  });

  test('and what went wrong is in the detail', async () => {
    const { exchange } = await asking(() => NXDOMAIN);
    expect(await exchange(to('http://shop.test/'))).toMatchObject({
      failure: 'dns',
      detail: 'DNS nxdomain (shop.test:80)',
    });
  });
});
