import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Call } from '../../src/channels/channel.ts';
import { sendgrid } from '../../src/channels/sendgrid.ts';
import { OPTIONS } from './letters.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const EVENTS_KEY = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const MAIL = 'XBg2anf2TqCy6WXKQFhieQ';
const BOUNCE = {
  event: 'bounce',
  sg_message_id: `${MAIL}.recvd-5f9ff-1-673C6EB0-B.0`,
  email: 'a@b',
};

const options = (changes: object = {}) =>
  sendgrid.options.parse({ ...OPTIONS['sendgrid'], events_key: EVENTS_KEY, ...changes }) as never;

function call(events: unknown, changes: Partial<Call> = {}, key: KeyObject = privateKey): Call {
  const body = typeof events === 'string' ? events : JSON.stringify(events);
  const headers = {
    'x-twilio-email-event-webhook-timestamp': '1795546494',
    'x-twilio-email-event-webhook-signature': sign(
      'sha256',
      Buffer.from(`1795546494${body}`),
      key,
    ).toString('base64'),
  };
  const url = 'https://status.example.com/hooks/sendgrid/events';
  return { what: 'events', url, headers, body, at: 0, ...changes };
}

const hear = (asked: Call) => sendgrid.hear?.(asked, options());

it.each(['bounce', 'dropped'])('%s means that the mail is lost', async (event) => {
  const detail = `SendGrid says ${event}`;
  expect(await hear(call([{ ...BOUNCE, event }]))).toMatchObject({
    spoken: [],
    fates: [{ reference: MAIL, outcome: { outcome: 'refused', reason: 'address', detail } }],
  });
});

it('delivered means that it arrived; the rest means nothing', async () => {
  const events = ['processed', 'deferred', 'delivered', 'open', 'spamreport', 7, undefined];
  expect(await hear(call(events.map((event) => ({ ...BOUNCE, event }))))).toMatchObject({
    fates: [{ reference: MAIL, outcome: { outcome: 'delivered', reference: MAIL } }],
  });
});

it.each([
  ['not JSON', '{'],
  ['one event', BOUNCE],
  ['no events', [null, 3, 'bounce', []]],
  ['events of nothing', [{ event: 'bounce' }, { event: 'bounce', sg_message_id: '.x' }]],
])('%s means nothing', async (_, said) => {
  expect(await hear(call(said))).toMatchObject({ spoken: [], fates: [] });
});

it.each([
  ['no signature', { headers: {} }],
  ['a signature that is none', { headers: { 'x-twilio-email-event-webhook-signature': '%' } }],
  ['one over another text', { body: JSON.stringify([{ ...BOUNCE, sg_message_id: 'another.x' }]) }],
])('refuses %s', async (_, changes) => {
  expect(await hear(call([BOUNCE], changes))).toEqual({ refusal: 'signature' });
});

it('refuses another key, and what is not about events', async () => {
  const another = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  expect(await hear(call([BOUNCE], {}, another))).toEqual({ refusal: 'signature' });
  expect(await hear(call([BOUNCE], { what: 'inbound' }))).toEqual({ refusal: 'another' });
});

it('takes only a key as SendGrid shows it, and needs somewhere to be called', () => {
  expect(() => options({ events_key: 'not a key' })).toThrow(/verification key/);
  const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  const other = rsa.export({ format: 'der', type: 'spki' }).toString('base64');
  expect(() => options({ events_key: other })).toThrow(/verification key/);
  expect(sendgrid.isCalled?.(options())).toBe(true);
  expect(sendgrid.caveat?.(options(), 'email', false)).toContain('email needs public_url');
  expect(sendgrid.caveat?.(options(), 'email', true)).toBeNull();
  expect(sendgrid.isCalled?.(options({ events_key: undefined }))).toBe(false);
});
