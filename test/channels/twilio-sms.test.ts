import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Line, Spoken } from '../../src/channels/channel.ts';
import { twilioSms } from '../../src/channels/twilio-sms.ts';
import type { Clock } from '../../src/system/clock.ts';
import { hands } from '../contract/hands.ts';
import { startTwilio, type TwilioStandin } from '../standins/twilio.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { ACCOUNT_SID, ANAS_NUMBER, letter, OUR_NUMBER, SECRETS } from './letters.ts';

const MORNING = Date.UTC(2026, 10, 23, 4, 12);
const MINUTE = 60_000;

const { transport, run } = hands();
afterAll(() => transport.close());

let clock: VirtualClock;
let twilio: TwilioStandin;
beforeEach(async () => {
  clock = new VirtualClock(MORNING);
  twilio = await startTwilio({
    accountSid: ACCOUNT_SID,
    password: SECRETS.twilio,
    number: OUR_NUMBER,
    now: () => clock.now(),
  });
});
afterEach(() => twilio.close());

function options(changes: object = {}) {
  const { url } = twilio;
  const minimal = { account_sid: ACCOUNT_SID, auth_token: SECRETS.twilio, from: OUR_NUMBER };
  const given = { ...minimal, base_url: url, ...changes };
  return twilioSms.options.parse(given) as Parameters<typeof twilioSms.send>[1];
}

function line(by: Clock = clock): Line {
  return { clock: by, transport, run, signal: new AbortController().signal };
}

describe('sending an SMS', () => {
  it('posts a form of exactly four parameters, good for ten minutes', async () => {
    const message = twilioSms.render(letter(undefined, ANAS_NUMBER), options());
    await twilioSms.send(message, options(), line());
    const [sent] = twilio.requests;
    expect(sent?.form).toEqual({
      To: ANAS_NUMBER,
      From: OUR_NUMBER,
      Body: message.body,
      ValidityPeriod: '600',
    });
    expect(sent?.septets).toBeLessThanOrEqual(160);
  });

  it('says which message it was', async () => {
    const outcome = await twilioSms.send({ to: ANAS_NUMBER, body: 'x' }, options(), line());
    expect(outcome).toEqual({ outcome: 'accepted', reference: twilio.requests[0]?.sid });
  });

  it('lets a messaging service choose the number', async () => {
    const messaging_service_sid = `MG${'0a'.repeat(16)}`;
    const changed = options({ from: undefined, messaging_service_sid });
    await twilioSms.send({ to: ANAS_NUMBER, body: 'x' }, changed, line());
    expect(twilio.requests[0]?.form).toMatchObject({ MessagingServiceSid: messaging_service_sid });
    expect(twilio.requests[0]?.form).not.toHaveProperty('From');
  });

  it('signs in with an API key, under the path of the account', async () => {
    const key = { api_key_sid: `SK${'1b'.repeat(16)}`, api_key_secret: 'key-secret' };
    const changed = options({ auth_token: undefined, ...key });
    await twilioSms.send({ to: ANAS_NUMBER, body: 'x' }, changed, line());
    const [asked] = twilio.received;
    const credentials = Buffer.from(`${key.api_key_sid}:key-secret`).toString('base64');
    expect(asked?.headers.authorization).toBe(`Basic ${credentials}`);
    expect(asked?.path).toBe(`/2010-04-01/Accounts/${ACCOUNT_SID}/Messages.json`);
  });

  it('goes where base_url says, a path and an unusual host included', async () => {
    const behindProxy = options({ base_url: `${twilio.url}/proxy/` });
    await twilioSms.send({ to: ANAS_NUMBER, body: 'x' }, behindProxy, line());
    expect(twilio.received[0]?.path).toMatch(/^\/proxy\/2010-04-01\//);
  });

  it('is told what the team has to know of a number', async () => {
    twilio.script({ status: 400, body: JSON.stringify({ code: 21610, status: 400 }) });
    const heard = await twilioSms.send({ to: ANAS_NUMBER, body: 'x' }, options(), line());
    expect(heard).toHaveProperty('unreachable', expect.stringContaining('has texted STOP'));
  });

  it.each([
    [30002, 'auth', undefined],
    [30003, 'network', undefined],
    [30007, 'address', 'Twilio does not deliver to that number (30007)'],
    [30008, 'network', undefined],
    [30034, 'address', 'Twilio does not deliver to that number (30034)'],
  ])('that was taken and is lost with code %d is %s', async (code, reason, unreachable) => {
    await twilioSms.send({ to: ANAS_NUMBER, body: 'x' }, options(), line());
    const { sid } = await twilio.waitFor(() => true);
    twilio.progress(sid, 'undelivered', code);
    expect(await twilioSms.follow?.(sid, options(), line())).toEqual({
      ...{ outcome: 'refused', reason, detail: expect.stringContaining(`(${code})`) as string },
      ...(unreachable !== undefined && { unreachable }),
    });
  });

  it.each([
    [400, 21211, 'refused', 'address'],
    [400, 21610, 'refused', 'address'],
    [400, 21408, 'refused', 'address'],
    [401, 20003, 'refused', 'auth'],
    [400, 21606, 'refused', 'refused'],
    [429, 20429, 'deferred', 'rate_limited'],
    [400, 21611, 'deferred', 'rate_limited'],
    [503, 20503, 'deferred', 'server'],
  ])('reads HTTP %d with code %d as %s, %s', async (status, code, outcome, reason) => {
    const said = `The 'To' number ${ANAS_NUMBER} is no good`;
    twilio.script({ status, body: JSON.stringify({ code, message: said, status }) });
    const heard = await twilioSms.send({ to: ANAS_NUMBER, body: 'x' }, options(), line());
    expect(heard).toMatchObject({ outcome, reason });
    expect(JSON.stringify(heard)).not.toContain(ANAS_NUMBER);
  });
});

describe('looking for an SMS that may have been taken', () => {
  const sms = { to: ANAS_NUMBER, body: '7K DOWN Shop home page: HTTP 503, since 04:12' };

  it('finds it, and what became of it', async () => {
    twilio.script('half');
    const outcome = await twilioSms.send(sms, options(), line());
    expect(outcome).toMatchObject({ outcome: 'unconfirmed' });
    const { sid: reference } = await twilio.waitFor(() => true);
    const find = () => twilioSms.find?.(sms, MORNING, options(), line());
    expect(await find()).toEqual({ outcome: 'accepted', reference });
    twilio.progress(reference, 'delivered');
    expect(await find()).toEqual({ outcome: 'delivered', reference });
    twilio.progress(reference, 'undelivered', 30005);
    expect(await find()).toMatchObject({ outcome: 'refused', reason: 'address' });
  });

  it('does not take an earlier page with the same words for it', async () => {
    await twilioSms.send(sms, options(), line());
    await clock.advance(30 * MINUTE);
    expect(await twilioSms.find?.(sms, clock.now(), options(), line())).toBeNull();
  });

  it('does not take what somebody sent to us for it', async () => {
    twilio.receive(ANAS_NUMBER, sms.body);
    const asked = { to: OUR_NUMBER, body: sms.body };
    expect(await twilioSms.find?.(asked, MORNING, options(), line())).toBeNull();
  });

  it('that cannot be looked for stays unconfirmed', async () => {
    twilio.script({ status: 503 });
    expect(await twilioSms.find?.(sms, MORNING, options(), line())).toMatchObject({
      outcome: 'unconfirmed',
      reason: 'server',
    });
  });

  it('may be sent again by a key that has no right to read', async () => {
    twilio.script({ status: 403 });
    expect(await twilioSms.find?.(sms, MORNING, options(), line())).toBeNull();
  });
});

describe('what became of an SMS that was accepted', () => {
  const sent = async () => {
    await twilioSms.send({ to: ANAS_NUMBER, body: 'x' }, options(), line());
    return twilio.requests[0]?.sid ?? '';
  };

  it('delivered proves it; all else is not known yet', async () => {
    const sid = await sent();
    const follow = (more: object = {}) => twilioSms.follow?.(sid, options(more), line());
    expect(await follow()).toEqual({ outcome: 'accepted', reference: sid });
    twilio.progress(sid, 'sent');
    expect(await follow()).toEqual({ outcome: 'accepted', reference: sid });
    expect(await follow({ proof: 'sent' })).toEqual({ outcome: 'delivered', reference: sid });
    twilio.progress(sid, 'delivered');
    expect(await follow()).toEqual({ outcome: 'delivered', reference: sid });
  });

  it.each([
    [30003, 'network', 'unreachable handset (30003)'],
    [30005, 'address', 'unknown handset (30005)'],
    [30007, 'address', 'filtered by the carrier (30007)'],
    [30001, 'rate_limited', 'too many are queued (30001)'],
    [30002, 'auth', 'the account is suspended (30002)'],
    [39999, 'network', 'Twilio says undelivered (39999)'],
    [undefined, 'network', 'Twilio says undelivered'],
  ])('lost on the way with %s is %s: %s', async (code, reason, detail) => {
    const sid = await sent();
    twilio.progress(sid, 'undelivered', code);
    const fate = await twilioSms.follow?.(sid, options(), line());
    expect(fate).toMatchObject({ outcome: 'refused', reason, detail });
  });

  it('a key that may send but not read knows nothing', async () => {
    const sid = await sent();
    expect(await twilioSms.follow?.(sid, options({ auth_token: 'wrong' }), line())).toBeNull();
  });
});

describe('listening for replies', () => {
  async function listen(cursor: string | null, given = options(), by: Clock = clock) {
    const heard = await twilioSms.listen?.(cursor, given, line(by), [], []);
    if (heard === undefined || 'failure' in heard) throw new Error(heard?.failure);
    return { ...heard, texts: heard.spoken.map(({ text }: Spoken) => text) };
  }

  it('begins from now on', async () => {
    twilio.receive(ANAS_NUMBER, 'before');
    await clock.advance(MINUTE);
    const { cursor, texts } = await listen(null);
    expect(texts).toEqual([]);
    await clock.advance(MINUTE);
    twilio.receive(ANAS_NUMBER, '7K');
    expect((await listen(cursor)).texts).toEqual(['7K']);
  });

  it('hears each reply once, oldest first, and says who, when and which', async () => {
    let { cursor } = await listen(null);
    await clock.advance(MINUTE);
    const first = twilio.receive(ANAS_NUMBER, 'ack 7k');
    await clock.advance(MINUTE);
    twilio.receive('+447700900123', 'OK');
    const heard = await listen(cursor);
    expect(heard.texts).toEqual(['ack 7k', 'OK']);
    expect(heard.spoken[0]).toEqual({
      from: ANAS_NUMBER,
      text: 'ack 7k',
      sentAt: MORNING + MINUTE,
      reference: first.sid,
    });
    ({ cursor } = heard);
    for (let minutes = 0; minutes < 20; minutes++) {
      await clock.advance(MINUTE);
      const again = await listen(cursor);
      expect(again.texts).toEqual([]);
      ({ cursor } = again);
    }
    expect(JSON.parse(cursor)).toEqual({ since: clock.now() - 5 * MINUTE, seen: [] });
  });

  it('hears what follows on a poll by a clock that was an hour ahead', async () => {
    const { cursor } = await listen(null);
    const ahead = new VirtualClock(clock.now() + 60 * MINUTE);
    const next = await listen(cursor, options(), ahead);
    await clock.advance(MINUTE);
    twilio.receive(ANAS_NUMBER, '7K');
    expect((await listen(next.cursor)).texts).toEqual(['7K']);
  });

  it('hears everything, however far ahead our clock is and stays', async () => {
    const ours = new VirtualClock(clock.now() + 10 * MINUTE);
    let { cursor } = await listen(null, options(), ours);
    for (const text of ['7K', '8M', '9F']) {
      twilio.receive(ANAS_NUMBER, text);
      await clock.advance(6 * MINUTE);
      await ours.advance(6 * MINUTE);
      const heard = await listen(cursor, options(), ours);
      expect(heard.texts).toEqual([text]);
      ({ cursor } = heard);
    }
  });

  it('gets back from a place that is still to come', async () => {
    const { cursor } = await listen(
      JSON.stringify({ since: clock.now() + 60 * MINUTE, seen: ['SM1'] }),
    );
    expect(JSON.parse(cursor)).toEqual({ since: clock.now() - 5 * MINUTE, seen: ['SM1'] });
    twilio.receive(ANAS_NUMBER, '7K');
    expect((await listen(cursor)).texts).toEqual(['7K']);
  });

  it('does not hear what we ourselves have said', async () => {
    const { cursor } = await listen(null);
    await twilioSms.send({ to: OUR_NUMBER, body: '7K' }, options(), line());
    expect((await listen(cursor)).texts).toEqual([]);
  });

  it('hears what was said while Tocsin was away, over several pages', async () => {
    const { cursor } = await listen(null);
    for (let n = 0; n < 450; n++) twilio.receive(ANAS_NUMBER, `reply ${String(n)}`);
    await clock.advance(360 * MINUTE);
    const { texts } = await listen(cursor);
    expect(texts).toHaveLength(450);
    expect(twilio.received.length).toBe(1 + 3);
  });

  it('ends, however much there is to hear', async () => {
    const { cursor } = await listen(null);
    for (let n = 0; n < 1_300; n++) twilio.receive(ANAS_NUMBER, 'flood');
    expect((await listen(cursor)).texts).toHaveLength(1_000);
  });

  it('says what went wrong, and keeps the place', async () => {
    const { cursor } = await listen(null);
    twilio.script({ status: 401 });
    expect(await twilioSms.listen?.(cursor, options(), line(), [], [])).toEqual({
      failure: 'HTTP 401',
    });
  });

  it('starts anew from a cursor that it cannot read', async () => {
    twilio.receive(ANAS_NUMBER, 'before');
    await clock.advance(MINUTE);
    expect((await listen('{"since":"x"}')).texts).toEqual([]);
  });
});
