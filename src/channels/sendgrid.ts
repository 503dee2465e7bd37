/**
 * Mail by SendGrid, with its own package to build the request and our transport to carry it: the
 * package's client has no deadline, and its errors hold the API key. 202 means queued, no more.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
 */
import type { MailDataRequired, MailService } from '@sendgrid/mail';
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import { mail, type Mail } from '../message/mail.ts';
import { httpUrl, mailbox, secretText } from '../system/values.ts';
import { get, outcomeOfCheck } from './_check.ts';
import { hearEvents, readEventsKey } from './_sendgrid-events.ts';
import { jsonObject, outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import { AUTOMATIC, threadOf, type Thread } from './_thread.ts';
import type { Answer, NetworkFailure } from '../system/transport.ts';
import type { Channel, Letter, Line } from './channel.ts';

type Client = Parameters<MailService['setClient']>[0];

const options = z.strictObject({
  api_key: secretText(),
  from: mailbox(),
  /** `https://api.eu.sendgrid.com` for the EU. */
  base_url: httpUrl().default('https://api.sendgrid.com'),
  /** The verification key of the account's signed event webhook. */
  events_key: z
    .string()
    .refine((text) => readEventsKey(text) !== null, {
      error: 'expected the verification key of a signed event webhook, as SendGrid shows it',
    })
    .optional(),
});
type Options = z.infer<typeof options>;

interface Addressed extends Mail, Pick<Thread, 'references'> {
  readonly to: string;
}

const load = () => import('@sendgrid/mail');

/** One of our own: what the package exports is one for the whole process. */
async function newMailService(): Promise<MailService> {
  const shared = (await load()).default;
  return new (shared.constructor as new () => MailService)();
}

export const sendgrid: Channel<Options, Addressed> = {
  type: 'sendgrid',
  options,
  address: 'email',
  reaches: ({ base_url }) => [base_url, 'https://api.sendgrid.com'],
  load,
  render({ notification, to, reader }: Letter, { from }): Addressed {
    const { references } = threadOf(notification, from);
    return { to: to ?? '', ...mail(notification.facts, notification.kind, reader), references };
  },
  async send(letter, options, line): Promise<Outcome> {
    const sdk = await newMailService();
    sdk.setClient(clientOver(options, line));
    let answer: Answer | NetworkFailure;
    try {
      answer = await ask(sdk, letter, options.from);
    } catch {
      // Only building the request can throw: the transport answers. The message may quote anything.
      return { outcome: 'refused', reason: 'refused', detail: 'not a mail that can be sent' };
    }
    if ('failure' in answer) return outcomeOfFailure(answer);
    if (answer.status === 202) {
      return { outcome: 'accepted', reference: answer.headers['x-message-id'] ?? null };
    }
    return outcomeOfStatus(answer, line.clock.now(), faultyField(answer.body));
  },
  /** A key that may not send is of no use, though it is known: https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions/retrieve-a-list-of-scopes-for-which-this-user-has-access */
  async check({ api_key, base_url }, line): Promise<Outcome> {
    const headers = { authorization: `Bearer ${api_key}` };
    const answer = await get(`${base_url.replace(/\/+$/, '')}/v3/scopes`, line, headers);
    return outcomeOfCheck(
      answer,
      line,
      ({ scopes }) => Array.isArray(scopes) && scopes.includes('mail.send'),
    );
  },
  vendor: 'sendgrid',
  isCalled: ({ events_key }) => events_key !== undefined,
  hear: async (call, { events_key = '' }) => hearEvents(call, events_key),
  caveat: ({ events_key }, name, isReachable) =>
    events_key !== undefined && !isReachable
      ? `events_key of ${name} needs public_url: nobody says that a mail was lost until there is one`
      : null,
};

/** What the SDK gives back is what its client gave it. */
async function ask(sdk: MailService, letter: Addressed, from: string) {
  const mail: MailDataRequired = {
    to: letter.to,
    from,
    subject: letter.subject,
    text: letter.text,
    html: letter.html,
    headers: {
      ...AUTOMATIC,
      ...(letter.references === null
        ? {}
        : { References: letter.references, 'In-Reply-To': letter.references }),
    },
    // No rewritten links: whoever holds one can acknowledge, and tracking servers fetch ahead.
    trackingSettings: {
      clickTracking: { enable: false, enableText: false },
      openTracking: { enable: false },
    },
  };
  return (await sdk.send(mail)) as unknown as Answer | NetworkFailure;
}

/** The one method of the SDK's client that its mail service calls, over our transport. */
function clientOver({ api_key, base_url }: Options, { transport, signal }: Line): Client {
  const client = {
    request: ({ url, body }: { url: string; body: unknown }) =>
      transport.call({
        url: `${base_url.replace(/\/+$/, '')}${url}`,
        method: 'POST',
        headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal,
      }),
  };
  return client as unknown as Client;
}

/** The name of the field that was refused; the message beside it may quote the address. */
function faultyField(body: string): string {
  const errors = jsonObject(body)?.['errors'];
  const first: unknown = Array.isArray(errors) ? errors[0] : null;
  if (typeof first !== 'object' || first === null || !('field' in first)) return '';
  const { field } = first;
  return typeof field === 'string' && /^[\w.[\]]{1,60}$/.test(field) ? field : '';
}
