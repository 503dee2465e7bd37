/**
 * What every HTTP channel in the registry promises, held against its vendor's stand-in over real
 * sockets. A new channel gets all of it with one entry in hands.ts.
 */
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyChannel } from '../../src/channels/channel.ts';
import { channels } from '../../src/channels/index.ts';
import type { Outcome } from '../../src/incident/notification.ts';
import { letter, SECRETS } from '../channels/letters.ts';
import { EXAMPLES, facts, HOSTILE_NAMES } from '../message/facts.ts';
import type { Behaviour, Standin } from '../standins/_standin.ts';
import { hands, VENDORS } from './hands.ts';

const { clock, transport, run } = hands();
afterAll(() => transport.close());

const NEVER = new AbortController().signal;
const HTML = '<html><body>Welcome to the hotel: please log in</body></html>';

/** Held against promises of their own in test/channels. */
const WITHOUT_HTTP = ['console', 'smtp', 'exec'];

it('is held against every channel that speaks HTTP', () => {
  const others = [...channels.keys()].filter((type) => !WITHOUT_HTTP.includes(type));
  expect(VENDORS.map(({ type }) => type).sort()).toEqual(others.sort());
});

describe.each(VENDORS)('$type', ({ type, start, options, wrongOptions, to }) => {
  const channel = channels.get(type)!;
  let standin: Standin<unknown>;
  beforeEach(async () => {
    standin = await start();
  });
  afterEach(() => standin.close());

  const sendTo = (given: object, signal = NEVER) =>
    channel.send(
      channel.render(letter(undefined, to), parsed(channel, given)),
      parsed(channel, given),
      {
        clock,
        transport,
        run,
        signal,
      },
    );
  const sendAfter = (...script: Behaviour[]) => {
    standin.script(...script);
    return sendTo(options(standin.url));
  };

  it('has its message accepted', async () => {
    expect(await sendAfter('ok')).toMatchObject({ outcome: 'accepted' });
    expect(standin.requests).toHaveLength(1);
  });

  it.each(EXAMPLES)('has a message of every kind accepted: $name', async (example) => {
    const given = parsed(channel, options(standin.url));
    const message: unknown = channel.render(letter(example, to), given);
    const line = { clock, transport, run, signal: NEVER };
    const outcome = await channel.send(message, given, line);
    expect(outcome).toMatchObject({ outcome: 'accepted' });
  });

  it.each(HOSTILE_NAMES)('has a message about a hostile name (%#) accepted', async (name) => {
    const given = parsed(channel, options(standin.url));
    const example = { name: 'hostile', kind: 'page', facts: facts({ name, says: name }) } as const;
    const message: unknown = channel.render(letter(example, to), given);
    const line = { clock, transport, run, signal: NEVER };
    const outcome = await channel.send(message, given, line);
    expect(outcome).toMatchObject({ outcome: 'accepted' });
  });

  it('is deferred for as long as a vendor with too much to do asks for', async () => {
    expect(await sendAfter({ retryAfter: 7 })).toEqual({
      outcome: 'deferred',
      reason: 'rate_limited',
      detail: expect.any(String),
      retryAfterMs: 7_000,
    });
    expect(standin.requests).toHaveLength(0);
  });

  it.each([500, 502, 503, 504])('is deferred by %d', async (status) => {
    const outcome = await sendAfter({ status, body: HTML });
    expect(outcome).toMatchObject({ outcome: 'deferred', reason: 'server' });
  });

  it('is refused by 400, and says nothing of what the vendor wrote', async () => {
    const outcome = await sendAfter({ status: 400, body: `no, ${to ?? ''} ${SECRETS.twilio}` });
    expect(outcome).toEqual({ outcome: 'refused', reason: 'refused', detail: 'HTTP 400' });
  });

  it('is refused for want of a right to send', async () => {
    const outcome = await sendAfter({ status: 401, body: HTML });
    expect(outcome).toMatchObject({ outcome: 'refused', reason: 'auth' });
  });

  it.skipIf(type === 'slack')('is refused with a wrong credential', async () => {
    const outcome = await sendTo(wrongOptions(standin.url));
    expect(outcome).toMatchObject({ outcome: 'refused', reason: 'auth' });
    expect(standin.requests).toHaveLength(0);
  });

  it('is unconfirmed when no answer comes by the deadline', async () => {
    const deadline = new AbortController();
    standin.script('mute');
    const sending = sendTo(options(standin.url), deadline.signal);
    await standin.waitFor(() => true);
    deadline.abort();
    expect(await sending).toMatchObject({ outcome: 'unconfirmed', reason: 'timeout' });
  });

  it('is unconfirmed when the connection is lost in the middle of the answer', async () => {
    expect(await sendAfter('half')).toMatchObject({ outcome: 'unconfirmed', reason: 'network' });
  });

  it('is unconfirmed when the connection is reset after it was sent', async () => {
    expect(await sendAfter('reset')).toMatchObject({ outcome: 'unconfirmed', reason: 'network' });
  });

  it('is deferred when nobody listens', async () => {
    await standin.close();
    const outcome = await sendTo(options(standin.url));
    expect(outcome).toMatchObject({ outcome: 'deferred', reason: 'network' });
    standin = await start();
  });

  it.skipIf(type === 'webhook')('is unconfirmed when a portal answers for the vendor', async () => {
    const outcome = await sendAfter({ status: 200, body: HTML });
    expect(outcome).toMatchObject({ outcome: 'unconfirmed', reason: 'server' });
  });

  it('is not carried along by a redirect', async () => {
    const headers = { location: `${standin.url}/elsewhere` };
    expect(await sendAfter({ status: 302, headers })).toMatchObject({ outcome: 'refused' });
    expect(standin.received).toHaveLength(1);
  });

  describe.skipIf(channel.check === undefined)('asked whether it would work', () => {
    const check = (given: object, signal = NEVER) =>
      channel.check?.(parsed(channel, given), { clock, transport, run, signal });

    it('says so, and sends nothing', async () => {
      expect(await check(options(standin.url))).toEqual({ outcome: 'accepted', reference: null });
      expect(standin.requests).toHaveLength(0);
      expect(standin.received).toHaveLength(1);
    });

    it('does not with a wrong credential', async () => {
      expect(await check(wrongOptions(standin.url))).toMatchObject({ outcome: 'refused' });
    });

    it.each([200, 401, 404, 429, 500])('does not when %d is a page for people', async (status) => {
      standin.script({ status, body: HTML });
      expect(await check(options(standin.url))).toHaveProperty('reason');
    });

    it('does not when the vendor says nothing by the deadline', async () => {
      const deadline = new AbortController();
      standin.script('hang');
      const checking = check(options(standin.url), deadline.signal);
      await expect.poll(() => standin.received.length).toBe(1);
      deadline.abort();
      expect(await checking).toMatchObject({ reason: 'timeout' });
    });

    it('does not when nobody listens', async () => {
      await standin.close();
      expect(await check(options(standin.url))).toMatchObject({ reason: 'network' });
      standin = await start();
    });
  });

  it('shows no secret and no address in anything that it says', async () => {
    const said: Outcome[] = [];
    for (const status of [200, 302, 400, 401, 403, 404, 429, 500]) {
      said.push(await sendAfter({ status, body: JSON.stringify({ ...SECRETS, to }) }));
    }
    for (const behaviour of ['ok', 'half', 'reset'] as const) said.push(await sendAfter(behaviour));
    said.push(await sendTo(wrongOptions(standin.url)));
    for (const given of [options(standin.url), wrongOptions(standin.url)]) {
      const line = { clock, transport, run, signal: NEVER };
      said.push(
        ...[await channel.check?.(parsed(channel, given), line)].filter((one) => one !== undefined),
      );
    }
    await standin.close();
    said.push(await sendTo(options(standin.url)));
    standin = await start();
    const text = inspect(said, { depth: Infinity, showHidden: true });
    for (const secret of [...Object.values(SECRETS), 'Basic ', 'Bearer ', to ?? 'Basic ']) {
      expect(text).not.toContain(secret);
    }
  });
});

/** As the configuration would hand them over: defaults filled in. */
function parsed(channel: AnyChannel, given: object): object {
  return channel.options.parse(given);
}
