import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { twilioVoice } from '../../src/channels/twilio-voice.ts';
import { hands } from '../contract/hands.ts';
import { startTwilioCalls, type TwilioCallsStandin } from '../standins/twilio-calls.ts';
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
    ...{ from: OUR_NUMBER, base_url: twilio.url },
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
