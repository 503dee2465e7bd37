/**
 * What a vendor says of a message, or does not: answers that are none, taken without a word, lost on
 * the way, receipts in any order. What may have been taken is looked for before it is sent again;
 * what is lost, or not proven in time, goes another way; and what arrived stays so.
 */
import { createHmac } from 'node:crypto';
import type { Behaviour } from '../standins/_standin.ts';
import { incidentAt } from './api.ts';
import { comeToRest } from './kills.ts';
import { ACCOUNT, mailOf, TOKEN, type Place } from './place.ts';
import { tell, type Outcome } from './story.ts';
import { isPage, troublesOf, type Trouble } from './troubles.ts';
import { breaks, breaksAndIsMailed, faultOf, paged, rest } from './vendors.ts';
import { eventually, within } from './within.ts';

const PAGE_MS = 10_000;
/** A vendor's deadline, a back-off or two, and a look for what may be there. */
const UNCLEAR_MS = 60_000;
const FAILOVER_MS = 5_000;
const TOLERANCE_MS = 5_000;

/** To the first attempt to page for a shop each; the next one is answered well. */
const ANSWERS: readonly Behaviour[] = [
  ...[500, 502, 503, 504].map((status) => ({ status, body: '<html>Bad gateway</html>' })),
  { status: 200, body: '' },
  { status: 201, body: '{"sid": "SM' },
  ...(['half', 'mute', 'reset'] as const),
];

/** Nobody hears a page twice, though some were taken and nobody said so. */
export function answersThatAreNone(): Promise<Outcome> {
  const settings = { shops: ANSWERS.length + 1 };
  return tell('answers of a vendor that are none', settings, async (place) => {
    const { twilio } = place;
    const run = await place.start();
    const [, ...broken] = troublesOf(place);
    const next = new Map(broken.map(({ phone }, n) => [phone, ANSWERS[n] ?? 'ok']));
    twilio.behave(({ method, body }) => {
      const to = new URLSearchParams(body).get('To') ?? '';
      const answer = (method === 'POST' && next.get(to)) || 'ok';
      if (method === 'POST') next.delete(to);
      return answer;
    });
    for (const it of broken) breaks(place, it);
    const { tookMs } = await within(UNCLEAR_MS, 'a page for each', paged(place, broken));
    if (next.size > 0) throw new Error(`${next.size} were never tried`);
    return { 'all paged, ms': tookMs, ...(await rest(place, run, troublesWith(place, broken))) };
  });
}

/** Taken without a word, and then the vendor does not say what it took: twice is better than not. */
export function nothingToReadBack(): Promise<Outcome> {
  return tell('taken without a word, and nothing to look it up by', { shops: 2 }, async (place) => {
    const { twilio } = place;
    const run = await place.start();
    const [it, ...well] = troublesOf(place);
    if (!it) throw new Error('too few shops');
    let attempts = 0;
    twilio.behave(({ method }) => {
      if (method !== 'POST') return { status: 503 };
      return attempts++ === 0 ? 'mute' : 'ok';
    });
    breaks(place, it);
    const isThere = async (): Promise<boolean> => attempts >= 2;
    await eventually(UNCLEAR_MS, 'another attempt', isThere);
    twilio.behave(() => 'ok');
    const judged = await comeToRest(run, place, [it, ...well], Promise.resolve());
    const pages = place.smsTo(it.phone).filter(({ body }) => isPage(body)).length;
    if (pages !== 2) throw new Error(`it was taken ${pages} times, by ${attempts} attempts`);
    return { taken: pages, duplicates: judged.duplicates };
  });
}

/** What Twilio refuses at once, and what carriers lose later: 30034 is one of both. */
const REFUSED = [21610, 21211, 21408, 21614];
const LOST = [30003, 30004, 30005, 30006, 30007, 30008, 30034];

/** Each of them goes another way at once. */
export function addressesThatFail(): Promise<Outcome> {
  const settings = { shops: REFUSED.length + LOST.length + 1, hasMail: true };
  return tell('SMS that are refused or lost for good', settings, async (place) => {
    const { twilio } = place;
    const run = await place.start();
    const troubles = troublesOf(place);
    const refused = new Map(REFUSED.map((code, n) => [troubles[n]?.phone ?? '', code]));
    const lost = troubles.slice(REFUSED.length, -1);
    twilio.behave(({ method, body }) => {
      const code = refused.get(new URLSearchParams(body).get('To') ?? '');
      return method === 'POST' && code !== undefined ? faultOf(400, code) : 'ok';
    });
    const isLost = lost.map(async ({ phone }, n) => {
      const { sid } = await twilio.waitFor(({ to }) => to === phone);
      twilio.progress(sid, 'undelivered', LOST[n]);
    });
    const broken = troubles.slice(0, -1);
    const mailedMs = await Promise.all(broken.map((it) => breaksAndIsMailed(place, it)));
    await Promise.all(isLost);
    return { 'page by mail, ms': Math.max(...mailedMs), ...(await rest(place, run, troubles)) };
  });
}

const PUBLIC_URL = 'https://chaos.example.com';

/** Taken, and never heard of again: another way when `failover` is over. */
export function neverDelivered(): Promise<Outcome> {
  const rules = `, failover: ${FAILOVER_MS / 1_000}s`;
  const settings = { shops: 2, hasMail: true, rules, sms: 'replies: poll' };
  return tell('taken, and never delivered', settings, async (place) => {
    const run = await place.start();
    const [it, ...well] = troublesOf(place);
    if (!it) throw new Error('too few shops');
    breaks(place, it);
    await within(PAGE_MS, 'a page by SMS', paged(place, [it]));
    const mail = place.sendgrid.waitFor(({ to }) => to.includes(mailOf(it.shop)));
    const { tookMs } = await within(FAILOVER_MS + TOLERANCE_MS, 'a page by mail', mail);
    if (tookMs < FAILOVER_MS - TOLERANCE_MS / 5)
      throw new Error(`a page by mail after ${tookMs} ms`);
    return { 'page by mail after it, ms': tookMs, ...(await rest(place, run, [it, ...well])) };
  });
}

const REPEATS = 46;

/** Receipts that come over and over, backwards, and of messages that nobody knows. */
export function receiptsInAnyOrder(): Promise<Outcome> {
  const rules = `, failover: ${FAILOVER_MS / 1_000}s`;
  const settings = {
    shops: 2,
    hasMail: true,
    rules,
    sms: 'replies: webhook',
    more: `public_url: ${PUBLIC_URL}\n`,
  };
  return tell('receipts in any order', settings, async (place) => {
    const run = await place.start();
    const [it, ...well] = troublesOf(place);
    if (!it) throw new Error('too few shops');
    breaks(place, it);
    await within(PAGE_MS, 'a page by SMS', paged(place, [it]));
    const [page] = place.smsTo(it.phone);
    const sid = page?.sid ?? '';
    it.code = page?.body.split(' ', 1)[0] ?? '';
    const unknown = `SM${'f'.repeat(32)}`;
    const told = await Promise.all([
      call(place, { MessageSid: sid, MessageStatus: 'delivered' }),
      ...['queued', 'sent', 'delivered', 'undelivered', 'failed'].flatMap((MessageStatus) =>
        Array.from({ length: REPEATS }, () => call(place, { MessageSid: sid, MessageStatus })),
      ),
      call(place, { MessageSid: unknown, MessageStatus: 'failed' }),
    ]);
    if (told.some((status) => status !== 200))
      throw new Error(`answers: ${[...new Set(told)].join()}`);
    if (!(await isDelivered(place, it))) throw new Error('it is not delivered any more');
    const judged = await rest(place, run, [it, ...well]);
    const mails = place.mailsTo(it.shop).length;
    if (mails > 0) throw new Error('what had arrived went another way as well');
    return { receipts: told.length, ...judged };
  });
}

async function isDelivered({ operator }: Place, { code }: Trouble): Promise<boolean> {
  const incident = await incidentAt(operator, code ?? '');
  const page = incident?.notifications.find(
    ({ channel, kind }) => channel === 'sms' && kind === 'page',
  );
  return page?.state === 'delivered';
}

/** As Twilio calls; resolves with the HTTP status. */
async function call(place: Place, said: Readonly<Record<string, string>>): Promise<number> {
  const form = { ...said, AccountSid: ACCOUNT };
  const pairs = Object.entries(form).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const signed = `${PUBLIC_URL}/hooks/twilio/status${pairs.flat().join('')}`;
  const signature = createHmac('sha1', TOKEN).update(signed).digest('base64');
  const answer = await fetch(`${place.public}/hooks/twilio/status`, {
    method: 'POST',
    headers: { 'x-twilio-signature': signature },
    body: new URLSearchParams(form),
  });
  await answer.arrayBuffer();
  return answer.status;
}

const troublesWith = (place: Place, known: readonly Trouble[]): readonly Trouble[] =>
  troublesOf(place).map((each) => known.find(({ shop }) => shop === each.shop) ?? each);
