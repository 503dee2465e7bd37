/** A call by the stand-in of Twilio, whose keys come back to the daemon's public listener, signed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTwilioCalls, type TwilioCallsStandin } from '../standins/twilio-calls.ts';
import { ANA, BEN, openHouse, TOKEN } from './house.ts';

const ACCOUNT = `AC${'0'.repeat(32)}`;

let house: Awaited<ReturnType<typeof openHouse>>;
let calls: TwilioCallsStandin;
beforeEach(async () => {
  calls = await startTwilioCalls({ accountSid: ACCOUNT, password: TOKEN });
  house = await openHouse({
    steps: '[{ page: [ana], by: [voice] }, { after: 5m, page: [ben], by: [sms] }]',
    more: (url) => `public_url: ${url}\ninclude: [voice.yml]\n`,
  });
  writeFileSync(
    join(house.folder, 'voice.yml'),
    `channels:
  voice: { type: twilio-voice, account_sid: ${ACCOUNT}, auth_token: "\${env:E2E_TOKEN}", from: "+15005550006", base_url: "${calls.url}" }
`,
  );
});
afterEach(async () => {
  await house.close();
  await calls.close();
});

interface Shown {
  readonly state: string;
  readonly acknowledgedBy: string | null;
  readonly notifications: readonly { readonly channel: string; readonly state: string }[];
}

async function incident(code: string): Promise<Shown> {
  const answer = await fetch(`${house.operator}/api/v1/incidents/${code}`);
  return (await answer.json()) as Shown;
}

async function rung() {
  const daemon = await house.start();
  house.shop.answerWith(503);
  const call = await calls.waitFor(({ to }) => to === ANA);
  const code = /\?code=([0-9A-Z]+)"/.exec(call.twiml)?.[1] ?? '';
  expect(call.twiml).toMatch(/Shop home page down\. HTTP 503/);
  // From then on the daemon knows which call it was.
  await daemon.waitFor(({ event }) => event === 'delivery accepted');
  return { daemon, call, code };
}

test('4 acknowledges, is said in the call and written to the same person, and proves the page', async () => {
  const { daemon, call, code } = await rung();
  const wrong = await calls.press(call.sid, '7');
  expect(wrong).toContain('Press 4 to acknowledge');
  expect(await incident(code)).toMatchObject({
    state: 'open',
    notifications: expect.arrayContaining([
      expect.objectContaining({ channel: 'voice', state: 'delivered' }),
    ]) as unknown,
  });
  const said = await calls.press(call.sid, '4');
  expect(said).toContain(`${code.split('').join(' ')} is yours for 2h: Shop home page. Goodbye.`);
  expect(await incident(code)).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ana' });
  await house.waitForSms(ANA, new RegExp(`^${code} is yours`));
  expect(calls.requests).toHaveLength(1);
  expect(await daemon.kill('SIGTERM')).toBe(0);
  expect(JSON.stringify([daemon.lines, daemon.other])).not.toContain(ANA);
});

test('6 has the next step paged at once; a key of somebody else does nothing', async () => {
  const { daemon, call, code } = await rung();
  const forged = await fetch(`${house.public}/hooks/twilio/voice?code=${code}`, {
    method: 'POST',
    headers: { 'x-twilio-signature': 'bm90IHNpZ25lZCBieSBUd2lsaW8h' },
    body: new URLSearchParams({ CallSid: call.sid, AccountSid: ACCOUNT, To: ANA, Digits: '4' }),
  });
  expect(forged.status).toBe(403);
  expect(await incident(code)).toMatchObject({ state: 'open' });
  expect(await calls.press(call.sid, '6')).toContain('escalated: the next step is being paged');
  await house.waitForSms(BEN, new RegExp(`^${code} DOWN`));
  expect(await daemon.kill('SIGTERM')).toBe(0);
});
