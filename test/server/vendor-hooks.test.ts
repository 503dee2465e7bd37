import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Call } from '../../src/channels/channel.ts';
import { createPublic } from '../../src/server/public.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { ask, MORNING, NOTHING_ELSE } from './house.ts';

let calls: (Call & { vendor: string })[];
let publicUrl: string | null;
let port: number;
let listener: ReturnType<typeof createPublic>;

beforeEach(async () => {
  calls = [];
  publicUrl = 'https://status.example.com/base';
  listener = createPublic({
    ...NOTHING_ELSE,
    page: () => ({ html: '', style: '' }),
    checkOf: () => undefined,
    hear: () => Promise.resolve(undefined),
    publicUrl: () => publicUrl,
    async called(vendor, call) {
      calls.push({ vendor, ...call });
      if (vendor !== 'twilio') return { refused: 'unknown' };
      if (call.headers['x-twilio-signature'] !== 'right') return { refused: 'signature' };
      return { type: 'text/xml', body: '<Response/>' };
    },
    emit: () => {},
    clock: new VirtualClock(MORNING),
  });
  const started = await listener.start({ host: '127.0.0.1', port: 0 });
  port = 'port' in started ? started.port : 0;
});
afterEach(() => listener.stop());

const RIGHT = { 'x-twilio-signature': 'right' };

it('carries what a vendor says to its channels, under the URL that the vendor was given', async () => {
  const { status, headers, text } = await ask(
    port,
    'POST',
    '/hooks/twilio/sms?a=%27',
    RIGHT,
    'B=7K',
  );
  expect([status, headers['content-type'], text]).toEqual([200, 'text/xml', '<Response/>']);
  expect(calls).toMatchObject([
    {
      vendor: 'twilio',
      what: 'sms',
      url: 'https://status.example.com/base/hooks/twilio/sms?a=%27',
      body: 'B=7K',
      at: MORNING,
    },
  ]);
});

it('403 for a signature that is not right, 404 for a vendor that nobody here knows', async () => {
  expect((await ask(port, 'POST', '/hooks/twilio/sms', {}, '')).status).toBe(403);
  expect((await ask(port, 'POST', '/hooks/acme/sms', RIGHT, '')).status).toBe(404);
});

it('without a public URL nobody can have been told to call', async () => {
  publicUrl = null;
  expect((await ask(port, 'POST', '/hooks/twilio/sms', RIGHT, '')).status).toBe(404);
  expect(calls).toEqual([]);
});

it('413 for more than a vendor has to say', async () => {
  expect((await ask(port, 'POST', '/hooks/twilio/sms', RIGHT, 'x'.repeat(70_000))).status).toBe(
    413,
  );
  expect(calls).toEqual([]);
});

it('large bodies share 16 MiB until it is known who speaks: the next is told to come again, a reply by SMS is heard', async () => {
  const bytes = 1024 * 1024;
  const large = 'x'.repeat(bytes - 1);
  const unfinished = Array.from({ length: 18 }, (): Socket => {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /hooks/sendgrid/events HTTP/1.1\r\nhost: x\r\ncontent-length: ${bytes}\r\n\r\n`,
    );
    socket.write(large);
    return socket.on('error', () => {});
  });
  const told = await Promise.race(unfinished.map((socket) => once(socket, 'data')));
  expect(String(told[0])).toMatch(/^HTTP\/1.1 503 [^]*retry-after: 5\r\n/i);
  expect((await ask(port, 'POST', '/hooks/twilio/sms', RIGHT, 'B=7K')).status).toBe(200);
  for (const socket of unfinished) socket.destroy();
  await expect
    .poll(async () => (await ask(port, 'POST', '/hooks/sendgrid/events', {}, large)).status)
    .toBe(404);
});
