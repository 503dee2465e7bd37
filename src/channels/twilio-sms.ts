/**
 * SMS by Twilio, with its own package to build and read requests and our transport to carry them.
 * The package's errors never leave this folder: they may hold the Authorization header. What became
 * of a message is read off the wire. 201 means queued: only a receipt proves that it arrived.
 * https://www.twilio.com/docs/messaging/api/message-resource
 */
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import { sms } from '../message/sms.ts';
import { e164, httpUrl, isLegible, secretText } from '../system/values.ts';
import { hearCall } from './_twilio-hooks.ts';
import { listenTo, remember } from './_twilio-replies.ts';
import { checkAccount, loadTwilio, lost, ride, sid, troubleOn, twilioReaches } from './_twilio.ts';
import type { Channel, Letter } from './channel.ts';

const options = z
  .strictObject({
    account_sid: sid('AC'),
    auth_token: secretText().optional(),
    /** Instead of the auth token: a key that can be revoked by itself. */
    api_key_sid: sid('SK').optional(),
    api_key_secret: secretText().optional(),
    from: sender().optional(),
    /** Instead of `from`: Twilio chooses a number of the service. */
    messaging_service_sid: sid('MG').optional(),
    /** Replies by `webhook` are polled as well, once a minute: none is lost while it cannot be reached. */
    replies: z.enum(['poll', 'webhook', 'none']).default('poll'),
    /** Routes without delivery receipts count as proven when Twilio has sent it. */
    proof: z.enum(['delivered', 'sent']).default('delivered'),
    base_url: httpUrl().default('https://api.twilio.com'),
  })
  .refine(
    ({ from, messaging_service_sid }) =>
      (from === undefined) !== (messaging_service_sid === undefined),
    { error: 'needs either "from" or "messaging_service_sid"', when: isLegible },
  )
  .refine(
    ({ auth_token, api_key_sid, api_key_secret }) =>
      auth_token === undefined
        ? api_key_sid !== undefined && api_key_secret !== undefined
        : api_key_sid === undefined && api_key_secret === undefined,
    {
      error: 'needs either "auth_token", or "api_key_sid" and "api_key_secret"',
      when: isLegible,
    },
  )
  .refine(({ replies, auth_token }) => replies !== 'webhook' || auth_token !== undefined, {
    error: 'replies by webhook need "auth_token": Twilio signs with it',
    when: isLegible,
  });
export type TwilioSmsOptions = z.infer<typeof options>;

export interface Sms {
  readonly to: string;
  readonly body: string;
  readonly statusCallback?: string;
}

/** A page that has waited for longer at a carrier would wake somebody for nothing. */
const VALIDITY_SECONDS = 600;
/** Twilio's clock may be behind ours. More would take an earlier, equal page for this one. */
const SKEW_MS = 5_000;
const PAGE_SIZE = 50;

export const twilioSms: Channel<TwilioSmsOptions, Sms> = {
  type: 'twilio-sms',
  options,
  address: 'sms',
  answerable: ({ replies, from = '' }) => replies !== 'none' && !isName(from),
  proof: () => 'receipt',
  caveat: ({ replies }, name, isReachable) =>
    replies === 'webhook' && !isReachable
      ? `replies: webhook of ${name} needs public_url: it is polled until there is one`
      : null,
  reaches: twilioReaches,
  load: loadTwilio,
  render({ notification, to, reader, callback }: Letter): Sms {
    const body = sms(notification.facts, notification.kind, reader);
    const asked = callback === null ? {} : { statusCallback: `${callback}/status` };
    return { to: to ?? '', body, ...asked };
  },
  async send({ to, body, ...asked }, options, line): Promise<Outcome> {
    const { client, wire } = await ride(options, line);
    try {
      const { sid, status } = await client.messages.create({
        to,
        body,
        ...asked,
        validityPeriod: VALIDITY_SECONDS,
        ...(options.messaging_service_sid === undefined
          ? { from: options.from ?? '' }
          : { messagingServiceSid: options.messaging_service_sid }),
      });
      return typeof sid === 'string' ? fate(sid, status, null) : troubleOn(wire, line.clock.now());
    } catch {
      return troubleOn(wire, line.clock.now());
    }
  },
  /** Not by DateSent: a message that is still queued may have none, and would be sent again. */
  async find({ to, body }, since, options, line): Promise<Outcome | null> {
    const { client, wire } = await ride(options, line);
    try {
      const page = await client.messages.page({ to, pageSize: PAGE_SIZE });
      const found = page.instances.find(
        (message) =>
          // Trial accounts put a sentence of their own before it.
          message.body.endsWith(body) &&
          message.direction.startsWith('outbound') &&
          message.dateCreated.getTime() >= since - SKEW_MS,
      );
      return found === undefined ? null : fate(found.sid, found.status, found.errorCode);
    } catch {
      const { outcome, reason, detail } = troubleOn(wire, line.clock.now());
      // A key that may send but not read: a second page is better than none.
      if (outcome === 'refused') return null;
      return { outcome: 'unconfirmed', reason, detail };
    }
  },
  check: checkAccount,
  async follow(reference, options, line): Promise<Outcome | null> {
    const { client, wire } = await ride(options, line);
    try {
      const { status, errorCode } = await client.messages(reference).fetch();
      return proven(options, reference, status, errorCode);
    } catch {
      const { outcome, reason, detail } = troubleOn(wire, line.clock.now());
      return outcome === 'refused' ? null : { outcome: 'unconfirmed', reason, detail };
    }
  },
  listen: listenTo,
  vendor: 'twilio',
  isCalled: ({ replies }) => replies === 'webhook',
  hear: (call, options) =>
    hearCall(call, options, (reference, status, errorCode) =>
      proven(options, reference, status, errorCode),
    ),
  remember,
};

function proven(
  { proof }: TwilioSmsOptions,
  reference: string,
  status: string,
  errorCode: number | null,
): Outcome {
  const isProven = proof === 'sent' && status === 'sent';
  return isProven ? { outcome: 'delivered', reference } : fate(reference, status, errorCode);
}

/** Life of a message: accepted, queued, sending, sent, delivered; or failed, undelivered. */
function fate(reference: string, status: string, errorCode: number | null): Outcome {
  if (status === 'delivered' || status === 'read') return { outcome: 'delivered', reference };
  const isLost = status === 'failed' || status === 'undelivered' || status === 'canceled';
  return isLost ? lost(status, errorCode) : { outcome: 'accepted', reference };
}

/** A number in E.164, a short code, or a name of up to 11 letters, which nobody can answer. */
function sender() {
  const number = e164();
  return z
    .string()
    .refine((text) => isName(text) || /^\d{3,6}$/.test(text) || number.safeParse(text).success, {
      error: ({ input }) => number.safeParse(input).error?.issues[0]?.message ?? '',
    });
}

/** https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id */
function isName(from: string): boolean {
  return /^(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}$/.test(from);
}
