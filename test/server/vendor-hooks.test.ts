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
  expect((await ask(port, 'POST', '/hooks/twilio/sms', RIGHT, 'x'.repeat(1_100_000))).status).toBe(
    413,
  );
  expect(calls).toEqual([]);
});
