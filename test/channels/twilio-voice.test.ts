import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { twilioVoice } from '../../src/channels/twilio-voice.ts';
import type { Call } from '../../src/channels/channel.ts';
import { hands } from '../contract/hands.ts';
import { facts, HOSTILE_NAMES } from '../message/facts.ts';
import {
  signatureOf,
  startTwilioCalls,
  type TwilioCallsStandin,
} from '../standins/twilio-calls.ts';
import { ACCOUNT_SID, ANAS_NUMBER, letter, OUR_NUMBER, SECRETS } from './letters.ts';

const { clock, transport, run } = hands();
afterAll(() => transport.close());
const line = { clock, transport, run, signal: new AbortController().signal };

let twilio: TwilioCallsStandin;
let options: Parameters<typeof twilioVoice.send>[1];
beforeEach(async () => {
  twilio = await startTwilioCalls({ accountSid: ACCOUNT_SID, password: SECRETS.twilio });
  options = {
    ...{ account_sid: ACCOUNT_SID, auth_token: SECRETS.twilio },
    ...{ from: OUR_NUMBER, base_url: twilio.url, keys: true },
  };
});
afterEach(() => twilio.close());

async function placed(): Promise<string> {
  const message = twilioVoice.render(letter(undefined, ANAS_NUMBER), options);
  const outcome = await twilioVoice.send(message, options, line);
  return 'reference' in outcome ? String(outcome.reference) : expect.fail(outcome.detail);
}

describe('a call', () => {
  it('says twice what is down, and how to acknowledge', async () => {
    await placed();
    const [{ to, twiml }] = twilio.requests as unknown as [{ to: string; twiml: string }];
    expect(to).toBe(ANAS_NUMBER);
    expect(twiml).toMatch(/<Say loop="2">Tocsin\. Shop home page down\. HTTP 503, since 04:12/);
    expect(twiml).toContain('Acknowledge by SMS: the code is 7 K');
  });

  it.each([
    ['busy', undefined, 'Twilio says busy'],
    ['no-answer', undefined, 'Twilio says no-answer'],
    ['failed', undefined, 'Twilio says failed'],
    ['completed', 'machine_start', 'Twilio says a machine answered'],
    ['in-progress', 'machine_start', 'Twilio says a machine answered'],
    ['completed', 'fax', 'Twilio says a machine answered'],
  ])('that ends %s (%s) has not reached anybody', async (status, answeredBy, detail) => {
    const reference = await placed();
    twilio.end(reference, status, answeredBy);
    expect(await twilioVoice.follow?.(reference, options, line)).toEqual({
      ...{ outcome: 'refused', reason: 'address', detail },
    });
  });

  it.each([
    ['ringing', undefined],
    ['in-progress', 'human'],
    ['completed', 'human'],
    ['completed', 'unknown'],
  ])('that is %s (%s) proves nothing', async (status, answeredBy) => {
    const reference = await placed();
    twilio.end(reference, status, answeredBy);
    const outcome = await twilioVoice.follow?.(reference, options, line);
    expect(outcome).toEqual({ outcome: 'accepted', reference });
  });

  it('that cannot be asked after is neither lost nor proven', async () => {
    const reference = await placed();
    twilio.script({ status: 500 });
    expect(await twilioVoice.follow?.(reference, options, line)).toMatchObject({
      outcome: 'unconfirmed',
    });
    expect(await twilioVoice.follow?.('CAnone', options, line)).toBeNull();
  });
});

const HOOKS = 'https://status.example.com/hooks/twilio';
const MORNING = Date.UTC(2026, 10, 23, 4, 12);
const CALL_SID = `CA${'0a'.repeat(16)}`;

/** As Twilio brings a key that Ana has pressed in the call about 7K. */
function pressed(Digits: string, changes: Partial<Call> & { readonly form?: object } = {}): Call {
  const { form: others, ...more } = changes;
  const form: Record<string, string> = {
    ...{ CallSid: CALL_SID, AccountSid: ACCOUNT_SID, Digits, msg: 'Gather End' },
    ...{ To: ANAS_NUMBER, From: OUR_NUMBER, ...others },
  };
  const url = more.url ?? `${HOOKS}/voice?code=7K`;
  return {
    ...{ what: 'voice', url, body: new URLSearchParams(form).toString(), at: MORNING },
    headers: { 'x-twilio-signature': signatureOf(form, url, SECRETS.twilio) },
    ...more,
  };
}
const hear = (asked: Call) => twilioVoice.hear?.(asked, options);
const told = async (asked: Call, said: string | null) => {
  const heard = await hear(asked);
  return heard && 'answer' in heard ? heard.answer(said).body : expect.fail('refused');
};
const proof = { reference: CALL_SID, outcome: { outcome: 'delivered', reference: CALL_SID } };

describe('a call where Twilio can reach us', () => {
  const render = (name = 'Shop home page') =>
    twilioVoice.render(
      {
        ...letter({ name: 'opened', kind: 'page', facts: facts({ name }) }, ANAS_NUMBER),
        callback: HOOKS,
      },
      options,
    ).twiml;

  it('says twice what is down and which keys to press, and the code for whoever presses none', () => {
    expect(render()).toMatch(
      /^<Response><Pause length="1"\/><Gather numDigits="1" timeout="10" action="https:\/\/status\.example\.com\/hooks\/twilio\/voice\?code=7K"><Say loop="2">Tocsin\. Shop home page down\. .* Press 4 to acknowledge, 6 to escalate\.<\/Say><\/Gather><Say loop="1">Acknowledge by SMS: the code is 7 K, again: 7 K\.<\/Say><\/Response>$/,
    );
  });

  it.each(HOSTILE_NAMES)('is TwiML with a hostile name (%#) too', async (name) => {
    const message = { to: ANAS_NUMBER, twiml: render(name) };
    expect(await twilioVoice.send(message, options, line)).toMatchObject({ outcome: 'accepted' });
  });

  it('is asked for only where keys are wanted', () => {
    expect(twilioVoice.isCalled?.(options)).toBe(true);
    expect(twilioVoice.isCalled?.({ ...options, keys: false })).toBe(false);
  });
});

describe('a key that Twilio brings', () => {
  it.each([
    ['4', 'ACK 7K'],
    ['6', 'ESC 7K'],
  ])('%s says "%s", and proves that somebody is there', async (digit, text) => {
    const reference = `${CALL_SID}.${digit}`;
    expect(await hear(pressed(digit))).toMatchObject({
      spoken: [{ from: ANAS_NUMBER, text, sentAt: MORNING, reference }],
      fates: [proof],
    });
  });

  it('is answered with what came of it, the code letter by letter', async () => {
    expect(await told(pressed('4'), '7K is yours for 2h: Shop <& home')).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Say loop="1">7 K is yours for 2h: Shop  &#38; home. Goodbye.</Say></Response>',
    );
    expect(await told(pressed('4'), null)).toContain('Tocsin has heard you. Goodbye.');
  });

  it.each(['1', '0', '*', '#'])(
    '%s means nothing, but somebody is there: asked again',
    async (digit) => {
      const asked = pressed(digit);
      expect(await hear(asked)).toMatchObject({ spoken: [], fates: [proof] });
      expect(await told(asked, null)).toContain(
        `action="${HOOKS}/voice?code=7K"><Say loop="2">Press 4 to acknowledge, 6 to escalate.</Say>`,
      );
    },
  );

  it.each(['', '44', 'constructor', 'hangup'])(
    'that is none (%j) proves nothing',
    async (digit) => {
      expect(await hear(pressed(digit))).toMatchObject({ spoken: [], fates: [] });
    },
  );

  it.each<[string, Call]>([
    ['no signature', pressed('4', { headers: {} })],
    ['one over another code', { ...pressed('4'), url: `${HOOKS}/voice?code=8M` }],
    ['one over another key', { ...pressed('4'), body: pressed('6').body }],
    [
      'one over another host',
      { ...pressed('4'), url: 'https://evil.example/hooks/twilio/voice?code=7K' },
    ],
  ])('is refused with %s', async (_how, asked) => {
    expect(await hear(asked)).toEqual({ refusal: 'signature' });
  });

  it.each<[string, Call]>([
    ['another account', pressed('4', { form: { AccountSid: 'AC1' } })],
    ['another number of ours', pressed('4', { form: { From: '+15005550001' } })],
    ['a call without an id', pressed('4', { form: { CallSid: 'not one' } })],
    ['no code', pressed('4', { url: `${HOOKS}/voice` })],
    ['no code that there can be', pressed('4', { url: `${HOOKS}/voice?code=7K%20RES%208M` })],
    ['something else', pressed('4', { what: 'status' })],
  ])('is for another channel if it is about %s', async (_what, asked) => {
    expect(await hear(asked)).toEqual({ refusal: 'another' });
  });
});
