import { createServer } from 'node:https';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import { createTransport } from '../../src/system/network.ts';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import type { TlsFacts } from '../../src/system/transport.ts';
import { pem, serve } from '../loopback.ts';

async function handshakeWith(sent: readonly string[], verify = true): Promise<TlsFacts | null> {
  const keys = { key: pem('leaf.key'), cert: sent.map((name) => pem(`${name}.pem`)).join('') };
  const port = await serve(createServer(keys));
  const clock = systemClock();
  const transport = createTransport({ clock, resolver: new OwnResolver({ clock }) });
  onTestFinished(() => transport.close());
  const { signal } = new AbortController();
  const tls = { verify, ca: verify ? pem('ca.pem') : null, serverName: null };
  const secure = { tls, starttls: null, alpn: [], withChain: false };
  const to = { host: 'localhost', port, timeoutMs: 5_000, signal };
  const dialled = await transport.connect({ ...to, secure });
  if ('failure' in dialled) throw new Error(dialled.detail);
  dialled.socket.destroy();
  return dialled.tls;
}

test('the end of a chain that was accepted is its earliest', async () => {
  const end = Date.UTC(2099, 0, 1);
  expect(await handshakeWith(['chain'])).toMatchObject({
    leafNotAfter: Date.UTC(2100, 0, 1),
    chainNotAfter: end,
    verifiedNotAfter: end,
  });
});

test('what was sent too much, and ended, is no part of what was accepted', async () => {
  const tls = await handshakeWith(['good', 'ended']);
  expect(tls?.chainNotAfter).toBeLessThan(Date.UTC(2026, 0, 1));
  expect(tls?.verifiedNotAfter).toBe(Date.UTC(2100, 0, 1));
});

test('one that nobody accepted is told of all the same', async () => {
  const tls = await handshakeWith(['self-signed'], false);
  expect(tls?.verifiedNotAfter).toBeNull();
  expect(tls?.cipher).toMatch(/^TLS_[A-Z0-9_]+$/);
  expect(tls?.leaf.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(tls?.leaf.serial).toMatch(/^([0-9a-f]{2})+$/);
  expect(tls?.leaf).toMatchObject({
    subject: expect.stringMatching(/^CN=/) as string,
    names: 'localhost',
  });
});

test('the same certificate is read once', async () => {
  const [first, second] = [await handshakeWith(['good']), await handshakeWith(['good'])];
  expect(second?.leaf).toBe(first?.leaf);
});
