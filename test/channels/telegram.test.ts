import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { telegram } from '../../src/channels/telegram.ts';
import { hands } from '../contract/hands.ts';
import { EXAMPLES, facts } from '../message/facts.ts';
import { startTelegram, type TelegramStandin } from '../standins/telegram.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { ANAS_TELEGRAM, letter, SECRETS } from './letters.ts';

const { transport, run } = hands();
afterAll(() => transport.close());
const MORNING = Date.UTC(2026, 10, 23, 4, 13);
const clock = new VirtualClock(MORNING);
const line = { clock, transport, run, signal: new AbortController().signal };
const ROOM = '-1001234567890';
const page = letter(undefined, ANAS_TELEGRAM);

let vendor: TelegramStandin;
let options: Parameters<typeof telegram.send>[1];
beforeEach(async () => {
  vendor = await startTelegram({ token: SECRETS.telegram, chats: [ANAS_TELEGRAM, ROOM] });
  const given = { token: SECRETS.telegram, base_url: vendor.url };
  options = telegram.options.parse(given) as typeof options;
});
afterEach(() => vendor.close());

const listen = (cursor: string | null, awaited = [page.notification]) =>
  telegram.listen!(cursor, options, line, awaited, []);

async function cursorNow(): Promise<string> {
  const heard = await listen(null);
  return 'cursor' in heard ? heard.cursor : expect.fail(heard.failure);
}

const BUNDLES = ['bundle-resolved', 'bundle-acknowledged', 'bundle-updated'];

describe('a bot of Telegram', () => {
  it('sends a page with a button whose press acknowledges, and the press is answered', async () => {
    const cursor = await cursorNow();
    await telegram.send(telegram.render(page, options), options, line);
    const text = expect.stringMatching(/^<b>7K DOWN Shop home page<\/b>\n/) as string;
    expect(vendor.requests).toEqual([{ chat: ANAS_TELEGRAM, text, button: 'ACK 7K' }]);
    vendor.press(Number(ANAS_TELEGRAM), 'ACK 7K');
    const heard = await listen(cursor);
    expect(heard).toEqual({
      spoken: [
        { from: ANAS_TELEGRAM, text: 'ACK 7K', sentAt: MORNING, reference: expect.any(String) },
      ],
      cursor: expect.any(String),
    });
    expect(vendor.answered).toHaveLength(1);
    expect(await listen((heard as { cursor: string }).cursor)).toMatchObject({ spoken: [] });
  });

  it('hears words as well, at the time at which they were sent', async () => {
    const cursor = await cursorNow();
    vendor.write(Number(ANAS_TELEGRAM), 'why 7k', MORNING / 1_000 - 60);
    expect(await listen(cursor)).toMatchObject({
      spoken: [{ from: ANAS_TELEGRAM, text: 'why 7k', sentAt: MORNING - 60_000 }],
    });
  });

  it('hears nothing of what was said before it listened for the first time', async () => {
    vendor.write(Number(ANAS_TELEGRAM), 'ACK 7K', MORNING / 1_000);
    expect(await listen(null)).toMatchObject({ spoken: [] });
    expect(await listen(await cursorNow())).toMatchObject({ spoken: [] });
  });

  it('hears again what was not taken, and goes on when its cursor cannot be read', async () => {
    const cursor = await cursorNow();
    vendor.press(Number(ANAS_TELEGRAM), 'ACK 7K');
    expect(await listen(cursor)).toMatchObject({ spoken: [{ text: 'ACK 7K' }] });
    expect(await listen(cursor)).toMatchObject({ spoken: [{ text: 'ACK 7K' }] });
    expect(await listen('?')).toMatchObject({ cursor: expect.stringMatching(/^\d+$/) });
  });

  it('is held open only while a page waits for an answer', async () => {
    const cursor = await cursorNow();
    await listen(cursor);
    await listen(cursor, []);
    expect(vendor.heldOpen).toEqual([0, 4, 0]);
  });

  it('that something else reads from says so', async () => {
    vendor.script({ status: 409, body: '{"ok":false,"description":"Conflict"}' });
    expect(await listen('1')).toEqual({ failure: 'HTTP 409' });
  });

  it('posts to a group, with the button for whoever is a responder', async () => {
    const room = { ...options, chat: ROOM };
    const post = letter({ name: 'x', kind: 'post', facts: facts() });
    await telegram.send(telegram.render(post, room), room, line);
    expect(vendor.requests).toMatchObject([{ chat: ROOM, button: 'ACK 7K' }]);
  });

  it('offers no button where there is nothing to acknowledge', () => {
    const without = EXAMPLES.filter(
      (example) =>
        telegram.render(letter(example, ANAS_TELEGRAM), options).reply_markup === undefined,
    );
    expect(without.map(({ name }) => name)).toEqual([
      ...['updated', 'note', 'acknowledged', 'resolved', 'resolved-by-hand', 'resolved-removed'],
      ...['flapping', 'drill-begun', 'drill-over', ...BUNDLES, 'answer', 'notice', 'test'],
    ]);
  });

  it.each([
    [403, 'Forbidden: bot was blocked by the user', 'address'],
    [400, 'Bad Request: chat not found', 'address'],
    [401, 'Unauthorized', 'auth'],
    [404, 'Not Found', 'auth'],
    [400, 'Bad Request: message is too long', 'refused'],
  ])('refused with %d %s: %s', async (status, description, reason) => {
    vendor.script({ status, body: JSON.stringify({ ok: false, description }) });
    const outcome = await telegram.send(telegram.render(page, options), options, line);
    expect(outcome).toMatchObject({ outcome: 'refused', reason });
    expect(outcome).not.toMatchObject({ detail: expect.stringContaining(description) });
  });

  it('waits for as long as the answer itself says', async () => {
    const body = JSON.stringify({ ok: false, parameters: { retry_after: 11 } });
    vendor.script({ status: 429, body });
    const outcome = await telegram.send(telegram.render(page, options), options, line);
    expect(outcome).toMatchObject({ outcome: 'deferred', retryAfterMs: 11_000 });
  });
});
