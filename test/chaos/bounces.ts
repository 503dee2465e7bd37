/**
 * A mail that SendGrid takes and then says that it bounced, over and over, among the events of other
 * mail: the page has failed, and since SMS is refused as well, the next step is taken at once.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { incidentAt } from './api.ts';
import { KEEPER, type Place } from './place.ts';
import { tell, type Outcome } from './story.ts';
import { isPage, troublesOf } from './troubles.ts';
import { breaksAndIsMailed, faultOf, rest } from './vendors.ts';
import { within } from './within.ts';

const PAGE_MS = 10_000;
/** Far more than the page may take. */
const NEXT_STEP = '120s';
/** As often was one event once delivered. */
const REPEATS = 46;
const OPTED_OUT = 21610;

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const EVENTS_KEY = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

export function mailThatBounces(): Promise<Outcome> {
  const settings = {
    ...{ shops: 2, hasMail: true, mail: `, events_key: ${EVENTS_KEY}` },
    steps: `, { after: ${NEXT_STEP}, page: [keeper], by: [sms] }`,
    more: 'public_url: https://chaos.example.com\n',
  };
  return tell('a mail that is taken, and bounces', settings, async (place) => {
    const run = await place.start();
    const [it, ...well] = troublesOf(place);
    if (!it) throw new Error('too few shops');
    place.twilio.behave(({ method, body }) => {
      const isHers = new URLSearchParams(body).get('To') === it.phone;
      return method === 'POST' && isHers ? faultOf(400, OPTED_OUT) : 'ok';
    });
    await breaksAndIsMailed(place, it);
    const mail = place.mailsTo(it.shop).find(({ subject }) => isPage(subject));
    const isAccepted = run.daemon.waitFor(
      ({ event, channel, kind }) =>
        event === 'delivery accepted' && channel === 'mail' && kind === 'page',
    );
    await within(PAGE_MS, 'its answer', isAccepted);
    const next = within(
      PAGE_MS,
      'the next step',
      place.twilio.waitFor(({ to, body }) => to === KEEPER && isPage(body)),
    );
    const [bounce, other] = [mail?.id ?? '', 'another'].map((id) => ({
      event: 'bounce',
      sg_message_id: `${id}.recvd-1-0.0`,
    }));
    const told = await Promise.all(
      Array.from({ length: REPEATS }, () => call(place, [other, bounce, { event: 'open' }])),
    );
    if (told.some((status) => status !== 200)) throw new Error(`answers: ${told.join(', ')}`);
    const { tookMs, value } = await next;
    const incident = await incidentAt(place.operator, value.body.split(' ', 1)[0] ?? '');
    const page = incident?.notifications.find(({ channel }) => channel === 'mail');
    if (page?.state !== 'failed') throw new Error(`the mail is ${page?.state ?? 'not there'}`);
    return { 'next step after it, ms': tookMs, ...(await rest(place, run, [it, ...well])) };
  });
}

/** As SendGrid calls; resolves with the HTTP status. */
async function call(place: Place, events: readonly unknown[]): Promise<number> {
  const body = JSON.stringify(events);
  const timestamp = `${Math.floor(Date.now() / 1_000)}`;
  const signature = sign('sha256', Buffer.from(timestamp + body), privateKey);
  const answer = await fetch(`${place.public}/hooks/sendgrid/events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-timestamp': timestamp,
      'x-twilio-email-event-webhook-signature': signature.toString('base64'),
    },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}
