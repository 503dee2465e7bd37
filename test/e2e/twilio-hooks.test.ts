import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANA, BEN, openHouse, TOKEN } from './house.ts';

const PUBLIC_URL = 'https://status.example.com';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => {
  house = await openHouse({
    smsOptions: ', replies: webhook',
    more: () => `public_url: ${PUBLIC_URL}\n`,
  });
});
afterEach(() => house.close());

async function call(what: string, form: Record<string, string>, token = TOKEN): Promise<Response> {
  const said = Object.keys(form)
    .sort()
    .map((name) => `${name}${String(form[name])}`);
  const signature = createHmac('sha1', token)
    .update(`${PUBLIC_URL}/hooks/twilio/${what}${said.join('')}`)
    .digest('base64');
  return fetch(`${house.public}/hooks/twilio/${what}`, {
    method: 'POST',
    headers: { 'x-twilio-signature': signature },
    body: new URLSearchParams(form),
  });
}

test('a reply that Twilio brings acknowledges once, however often it comes', async () => {
  const daemon = await house.start();
  house.shop.answerWith(500);
  const page = await house.waitForSms(ANA, /DOWN/);
  expect(page.form['StatusCallback']).toBe(`${PUBLIC_URL}/hooks/twilio/status`);
  const code = page.body.split(' ')[0] ?? '';
  const account = { AccountSid: `AC${'0'.repeat(32)}` };

  const delivered = { MessageSid: page.sid, ...account, MessageStatus: 'delivered' };
  expect((await call('status', delivered)).status).toBe(200);
  await daemon.waitFor(({ event }) => event === 'delivery proven' || event === 'delivered');

  // In the list as well, as at Twilio: the next poll has it.
  const { sid } = house.twilio.receive(ANA, code);
  const reply = { MessageSid: sid, ...account, From: ANA, To: '+15005550006', Body: code };
  expect((await call('sms', reply, 'another token')).status).toBe(403);
  const answer = await call('sms', reply);
  expect([answer.status, await answer.text()]).toEqual([
    200,
    '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
  ]);
  expect((await call('sms', reply)).status).toBe(200);
  await house.waitForSms(ANA, /is yours/);
  await daemon.kill('SIGTERM');
  // After a restart it is polled from where it was heard: nothing is new.
  const again = await house.start();
  house.twilio.receive(BEN, `WHY ${code}`);
  await house.waitForSms(BEN, /Has it: Ana Silva/);
  expect(house.smsTo(ANA).filter((body) => body.includes('has it'))).toEqual([]);
  expect(house.smsTo(ANA).filter((body) => body.includes('is yours'))).toHaveLength(1);
  expect(await again.kill('SIGTERM')).toBe(0);
}, 90_000);
