import { expect, it } from 'vitest';
import type { Call } from '../../src/channels/channel.ts';
import { twilioSms, type TwilioSmsOptions } from '../../src/channels/twilio-sms.ts';
import { signatureOf } from '../standins/twilio-calls.ts';
import { ACCOUNT_SID, ANAS_NUMBER, letter, OUR_NUMBER, SECRETS } from './letters.ts';

const MORNING = Date.UTC(2026, 10, 23, 4, 12);
const BASE = 'https://status.example.com/hooks/twilio';
const SID = `SM${'0a'.repeat(16)}`;

const options = (changes: object = {}) =>
  twilioSms.options.parse({
    account_sid: ACCOUNT_SID,
    auth_token: SECRETS.twilio,
    from: OUR_NUMBER,
    replies: 'webhook',
    ...changes,
  }) as TwilioSmsOptions;

const REPLY = {
  MessageSid: SID,
  AccountSid: ACCOUNT_SID,
  From: ANAS_NUMBER,
  To: OUR_NUMBER,
  Body: ' 7k! é&=+ ',
  NumMedia: '0',
};

const sign = (form: Record<string, string>, url: string, token: string = SECRETS.twilio) =>
  signatureOf(form, url, token);

function call(what: string, form: Record<string, string>, changes: Partial<Call> = {}): Call {
  const url = `${BASE}/${what}`;
  const headers = { 'x-twilio-signature': sign(form, url) };
  const body = new URLSearchParams(form).toString();
  return { what, url, headers, body, at: MORNING, ...changes };
}

const hear = (asked: Call, by = options()) => twilioSms.hear?.(asked, by);

it('hears a reply, and answers with TwiML that says nothing', async () => {
  const heard = await hear(call('sms', REPLY));
  expect(heard).toMatchObject({
    spoken: [{ from: ANAS_NUMBER, text: ' 7k! é&=+ ', sentAt: MORNING, reference: SID }],
    fates: [],
  });
  expect(heard && 'answer' in heard && heard.answer('7K is yours')).toEqual({
    type: 'text/xml; charset=utf-8',
    body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
  });
});

it.each([
  ['no signature', {}],
  ['an empty one', { 'x-twilio-signature': '' }],
  ['one that is long', { 'x-twilio-signature': 'x'.repeat(5_000) }],
  ['one by another token', { 'x-twilio-signature': sign(REPLY, `${BASE}/sms`, 'another') }],
  ['one over another URL', { 'x-twilio-signature': sign(REPLY, `${BASE}/status`) }],
  [
    'one over another text',
    { 'x-twilio-signature': sign({ ...REPLY, Body: 'ACK 8M' }, `${BASE}/sms`) },
  ],
])('refuses %s', async (_, headers: Record<string, string>) => {
  expect(await hear(call('sms', REPLY, { headers }))).toEqual({ refusal: 'signature' });
});

it('a parameter that was added is not signed', async () => {
  const { body } = call('sms', REPLY);
  const more = call('sms', REPLY, { body: `${body}&Body=RES+7K` });
  expect(await hear(more)).toEqual({ refusal: 'signature' });
});

it('a reply to another number or of another account is for another channel', async () => {
  const another = { refusal: 'another' };
  expect(await hear(call('sms', { ...REPLY, To: '+15005550001' }))).toEqual(another);
  expect(await hear(call('sms', { ...REPLY, AccountSid: 'AC1' }))).toEqual(another);
  expect(await hear(call('voice', REPLY))).toEqual(another);
  expect(await hear(call('sms', { ...REPLY, MessageSid: 'not one' }))).toEqual(another);
});

it('a reply to a messaging service is for the channel that has it', async () => {
  const service = `MG${'0b'.repeat(16)}`;
  const by = options({ from: undefined, messaging_service_sid: service });
  const form = { ...REPLY, MessagingServiceSid: service };
  expect(await hear(call('sms', form), by)).toMatchObject({ spoken: [{ reference: SID }] });
  expect(await hear(call('sms', REPLY), by)).toEqual({ refusal: 'another' });
});

it.each([
  ['queued', 'accepted'],
  ['sent', 'accepted'],
  ['delivered', 'delivered'],
  ['undelivered', 'refused'],
  ['failed', 'refused'],
])('%s means %s', async (MessageStatus, outcome) => {
  const form = { MessageSid: SID, AccountSid: ACCOUNT_SID, MessageStatus, To: ANAS_NUMBER };
  expect(await hear(call('status', form))).toMatchObject({
    spoken: [],
    fates: [{ reference: SID, outcome: { outcome } }],
  });
});

it('sent is proof enough where the route has no receipts', async () => {
  const form = { MessageSid: SID, AccountSid: ACCOUNT_SID, MessageStatus: 'sent' };
  expect(await hear(call('status', form), options({ proof: 'sent' }))).toMatchObject({
    fates: [{ outcome: { outcome: 'delivered' } }],
  });
});

it('asks for receipts where Twilio can call', () => {
  const callback = BASE;
  const message = twilioSms.render({ ...letter(), callback }, options());
  expect(message.statusCallback).toBe(`${BASE}/status`);
  expect(twilioSms.render(letter(), options())).not.toHaveProperty('statusCallback');
});

it('needs the token that Twilio signs with', () => {
  const keys = { auth_token: undefined, api_key_sid: 'SK1', api_key_secret: 'secret' };
  expect(() => options(keys)).toThrow(/replies by webhook need/);
  expect(() => options({ ...keys, replies: 'poll' })).not.toThrow();
});
