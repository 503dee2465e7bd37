/** How long a reply takes to acknowledge an incident, brought by Twilio's call or found by asking for it. */
import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { startTwilio } from '../test/standins/twilio.ts';
import type { SmsRecord } from '../test/standins/twilio.ts';
import { inScratch } from './program.ts';
import { ACCOUNT } from './scenario.ts';
import { startTocsin } from './tocsin.ts';
import { openWorld } from './world.ts';

const INCIDENTS = 20;
const PATIENCE_MS = 90_000;
const ASK_EVERY_MS = 5;
const FROM = '+15005550006';
const phoneOf = (i: number) => `+3519100000${String(i).padStart(2, '0')}`;
const PUBLIC_URL = 'https://status.example.com';

/** Each in ms, until the API says that it is acknowledged. */
export function timeAcks(replies: 'poll' | 'webhook'): Promise<readonly number[]> {
  return inScratch(async (directory) => {
    const world = await openWorld();
    const twilio = await startTwilio({ accountSid: ACCOUNT, password: 'secret', number: FROM });
    const ids = Array.from({ length: INCIDENTS }, (_, i) => i);
    const written = `
public_url: ${PUBLIC_URL}
defaults: { every: 1s, timeout: 500ms, confirm: { fail: 1, recover: 1, recheck: 1s } }
channels:
  sms: { type: twilio-sms, account_sid: ${ACCOUNT}, auth_token: secret, from: "${FROM}", replies: ${replies}, base_url: "${twilio.url}" }
responders:
${ids.map((i) => `  r${i}: { sms: "${phoneOf(i)}" }\n`).join('')}
escalations:
${ids.map((i) => `  e${i}: { steps: [{ page: [r${i}], by: [sms] }], group: 0s }\n`).join('')}
checks:
${ids.map((i) => `  c${i}: { http: "${world.url(i)}", page: e${i} }\n`).join('')}`;
    const { operator, open, stop } = await startTocsin(directory, written);
    const times: number[] = [];
    try {
      await world.untilSeen(ids.length, PATIENCE_MS);
      for (const i of ids) {
        world.failing.set(`c${i}`, null);
        const code = await codeOf(`c${i}`, operator);
        await twilio.waitFor(({ to }) => to === phoneOf(i));
        const said = twilio.receive(phoneOf(i), code);
        const at = performance.now();
        if (replies === 'webhook') await call(open, said);
        while ((await stateOf(code, operator)) !== 'acknowledged') {
          if (performance.now() - at > PATIENCE_MS) throw new Error(`${code} was not acknowledged`);
          await pause(ASK_EVERY_MS);
        }
        times.push(performance.now() - at);
      }
      return times;
    } finally {
      await stop();
      world.close();
      await twilio.close();
    }
  });
}

async function codeOf(check: string, operator: string): Promise<string> {
  for (;;) {
    const { incident } = (await json(`${operator}/api/v1/checks/${check}`)) as {
      readonly incident: string | null;
    };
    if (incident !== null) return incident;
    await pause(ASK_EVERY_MS);
  }
}

async function stateOf(code: string, operator: string): Promise<unknown> {
  return ((await json(`${operator}/api/v1/incidents/${code}`)) as { readonly state: unknown })
    .state;
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

/** Signed as https://www.twilio.com/docs/usage/webhooks/webhooks-security has it. */
async function call(open: string, { sid, from, to, body }: SmsRecord): Promise<void> {
  const path = '/hooks/twilio/sms';
  const form = { AccountSid: ACCOUNT, Body: body, From: from ?? '', MessageSid: sid, To: to };
  const signed = Object.entries(form).reduce(
    (text, [key, value]) => text + key + value,
    `${PUBLIC_URL}${path}`,
  );
  const signature = createHmac('sha1', 'secret').update(signed).digest('base64');
  const { status } = await fetch(`${open}${path}`, {
    method: 'POST',
    headers: { 'x-twilio-signature': signature },
    body: new URLSearchParams(form),
  });
  if (status !== 200) throw new Error(`the call was answered ${status}`);
}
