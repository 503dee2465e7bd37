import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pushover } from '../../src/channels/pushover.ts';
import type { Notification } from '../../src/incident/notification.ts';
import { hands } from '../contract/hands.ts';
import { EXAMPLES, facts, type Example } from '../message/facts.ts';
import { startPushover, type PushoverStandin } from '../standins/pushover.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { ANAS_PUSHOVER, letter, SECRETS } from './letters.ts';

const { transport, run } = hands();
afterAll(() => transport.close());
const MINUTE = 60_000;
const clock = new VirtualClock(Date.UTC(2026, 10, 23, 4, 13));
const line = { clock, transport, run, signal: new AbortController().signal };

let vendor: PushoverStandin;
let options: Parameters<typeof pushover.send>[1];
beforeEach(async () => {
  vendor = await startPushover({ token: SECRETS.pushover, users: [ANAS_PUSHOVER] });
  options = pushover.options.parse({
    token: SECRETS.pushover,
    base_url: vendor.url,
  }) as typeof options;
});
afterEach(() => vendor.close());

const named = (name: string) => EXAMPLES.find((example) => example.name === name)!;

async function send(example?: Example): Promise<Notification> {
  const written = letter(example, ANAS_PUSHOVER);
  const outcome = await pushover.send(pushover.render(written, options), options, line);
  if (outcome.outcome !== 'accepted') expect.fail(outcome.outcome);
  return { ...written.notification, reference: outcome.reference, acceptedAt: clock.now() };
}
const listen = (...awaited: Notification[]) =>
  pushover.listen!('silenced', options, line, awaited, []);

describe('pages by Pushover', () => {
  it('ring until they are acknowledged, a test does not', async () => {
    await send();
    await send(named('test'));
    expect(vendor.requests.map(({ priority }) => priority)).toEqual([2, 0]);
  });

  it('are acknowledged in the app: who pressed, and for which incident', async () => {
    const page = await send();
    const cursor = 'silenced';
    expect(await listen(page)).toEqual({ spoken: [], cursor });
    vendor.acknowledge(page.reference!, ANAS_PUSHOVER, 1_795_407_300);
    expect(await listen(page)).toEqual({
      spoken: [
        {
          from: ANAS_PUSHOVER,
          text: 'ACK 7K',
          sentAt: 1_795_407_300_000,
          reference: page.reference,
        },
      ],
      cursor,
    });
  });

  it('stop ringing once nobody is awaited, however it was answered, and whoever was asked before', async () => {
    const [one, two] = [await send(), await send(named('drill'))];
    const references = [one.reference!, two.reference!];
    vendor.script({ status: 500 }, 'ok');
    const first = await pushover.listen!(null, options, line, [], [one, two]);
    expect(first).toEqual({ spoken: [], cursor: `silenced ${references[1]!}` });
    const known = 'cursor' in first ? first.cursor : null;
    const second = await pushover.listen!(known, options, line, [], [one, two]);
    expect(second).toMatchObject({ cursor: `silenced ${references.toReversed().join(' ')}` });
    expect(vendor.silenced).toEqual(references.toReversed().map((each) => `${each}/cancel`));
    await clock.advance(11 * MINUTE);
    const later = await pushover.listen!(known, options, line, [], [one, two]);
    expect(later).toMatchObject({ cursor: 'silenced' });
  });

  it('about several ring on when the first of them has ended, or some', async () => {
    await send(named('bundle'));
    await send(named('resolved'));
    await send(named('bundle-resolved'));
    expect(vendor.silenced).not.toContain(vendor.requests[0]!.tags);
  });

  it('are not asked after when they have stopped ringing', async () => {
    const page = await send();
    await clock.advance(11 * MINUTE);
    await listen(page);
    expect(vendor.received.filter(({ method }) => method === 'GET')).toEqual([]);
  });

  it.each(['acknowledged', 'resolved'])('stop ringing when it is %s', async (name) => {
    const { tags } = (await send(), vendor.requests[0]!);
    await send(named(name));
    expect(vendor.silenced).toEqual([tags]);
  });

  it('say so when the receipt cannot be had, and one that can is heard all the same', async () => {
    const page = await send();
    vendor.script({ status: 500 });
    expect(await listen(page)).toEqual({ failure: 'HTTP 500' });
    vendor.acknowledge(page.reference!, ANAS_PUSHOVER, 1_795_407_300);
    vendor.script({ status: 500 }, 'ok');
    expect(await listen({ ...page, reference: 'gone' }, page)).toMatchObject({
      spoken: [{ text: 'ACK 7K' }],
    });
  });

  it('to somebody who is not there are refused for the address', async () => {
    const message = pushover.render(letter(undefined, 'nobody'), options);
    expect(await pushover.send(message, options, line)).toEqual({
      ...{ outcome: 'refused', reason: 'address', detail: 'HTTP 400 (user)' },
    });
  });

  it('can all go to one group', () => {
    const message = pushover.render(letter({ name: 'x', kind: 'post', facts: facts() }), {
      ...options,
      user: 'gGroup',
    });
    expect(message.push).toMatchObject({ user: 'gGroup', priority: 1 });
  });
});
