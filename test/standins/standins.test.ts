/** The stand-ins are strict: what a vendor refuses, and what we must never send, they refuse. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSendgrid } from './sendgrid.ts';
import { startTwilio, type TwilioStandin } from './twilio.ts';

const SID = `AC${'a1'.repeat(16)}`;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const GOOD = { To: '+351912345678', From: '+15005550006', Body: '7K DOWN' };

let twilio: TwilioStandin;
beforeEach(async () => {
  twilio = await startTwilio({ accountSid: SID, password: 'token', number: '+15005550006' });
});
afterEach(() => twilio.close());

async function ask(path: string, init: RequestInit = {}, user = `${SID}:token`) {
  const authorization = `Basic ${Buffer.from(user).toString('base64')}`;
  const headers = { authorization, ...(init.headers as Record<string, string>) };
  const answer = await fetch(`${twilio.url}${path}`, { ...init, headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const post = (
  form: Record<string, string>,
  headers: Record<string, string> = FORM,
  user?: string,
) =>
  ask(
    `/2010-04-01/Accounts/${SID}/Messages.json`,
    { method: 'POST', headers, body: new URLSearchParams(form).toString() },
    user,
  );

describe('the stand-in of Twilio', () => {
  it('takes a good SMS, and shows it, newest first', async () => {
    expect((await post(GOOD)).status).toBe(201);
    twilio.receive('+351912345678', '7K');
    const { body } = await ask(`/2010-04-01/Accounts/${SID}/Messages.json?PageSize=1`);
    expect(body['messages']).toMatchObject([{ direction: 'inbound', body: '7K' }]);
    const next = await ask(String(body['next_page_uri']));
    expect(next.body).toMatchObject({ messages: [{ body: '7K DOWN' }], next_page_uri: null });
  });

  it.each([
    ['an unknown parameter', { ...GOOD, Priority: '1' }, 20001],
    ['no To', { From: GOOD.From, Body: 'x' }, 21604],
    ['a bad To', { ...GOOD, To: '912345678' }, 21211],
    ['no From', { To: GOOD.To, Body: 'x' }, 21603],
    ['a bad From', { ...GOOD, From: 'Tocsin' }, 21212],
    ['no Body', { To: GOOD.To, From: GOOD.From }, 21602],
    ['a Body that is too long', { ...GOOD, Body: 'x'.repeat(1_601) }, 21617],
    ['a ValidityPeriod of nothing', { ...GOOD, ValidityPeriod: '0' }, 21622],
  ])('refuses %s', async (_what, form, code) => {
    const { status, body } = await post(form);
    expect([status, body['code'], body['status']]).toEqual([400, code, 400]);
    expect(body['more_info']).toBe(`https://www.twilio.com/docs/errors/${String(code)}`);
    expect(twilio.requests).toHaveLength(0);
  });

  it('refuses another content type, credential or account', async () => {
    expect((await post(GOOD, { 'content-type': 'application/json' })).status).toBe(415);
    expect((await post(GOOD, FORM, `${SID}:wrong`)).body).toMatchObject({ code: 20003 });
    const other = await ask(`/2010-04-01/Accounts/AC${'b2'.repeat(16)}/Messages.json`);
    expect(other.body).toMatchObject({ code: 20404, status: 404 });
    expect((await ask(`/2010-04-01/Accounts/${SID}/Messages.json?Tos=x`)).status).toBe(400);
  });
});

describe('the stand-in of SendGrid', () => {
  it.each([
    ['an unknown key', { priority: 1 }, 'priority'],
    ['no subject', { subject: undefined }, 'subject'],
    ['no content', { content: [] }, 'content'],
    ['empty content', { content: [{ type: 'text/plain', value: '' }] }, 'content'],
    ['a bad sender', { from: { email: 'alerts' } }, 'from.email'],
    [
      'a bad recipient',
      { personalizations: [{ to: [{ email: 'ana' }] }] },
      'personalizations.0.to.0.email',
    ],
  ])('refuses %s', async (_what, changes, field) => {
    const sendgrid = await startSendgrid({ apiKey: 'SG.key' });
    const mail = {
      personalizations: [{ to: [{ email: 'ana@example.com' }] }],
      from: { email: 'alerts@example.com' },
      subject: 'x',
      content: [{ type: 'text/plain', value: 'x' }],
      ...changes,
    };
    const answer = await fetch(`${sendgrid.url}/v3/mail/send`, {
      method: 'POST',
      headers: { authorization: 'Bearer SG.key', 'content-type': 'application/json' },
      body: JSON.stringify(mail),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
    await sendgrid.close();
  });
});
