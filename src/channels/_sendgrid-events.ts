/**
 * What SendGrid calls to say of mails that it took: that they arrived, or bounced, or were dropped.
 * Events come for all mail of the account, over and over and in any order; what is not signed with
 * the key that SendGrid shows for its event webhook was said by somebody else.
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { Outcome } from '../incident/notification.ts';
import type { Call, Heard, Refusal } from './channel.ts';

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event */
const LOST: ReadonlySet<unknown> = new Set(['bounce', 'dropped']);

/** null: it is no key of the kind that SendGrid shows, DER in base64. */
export function readEventsKey(text: string): KeyObject | null {
  try {
    const der = Buffer.from(text, 'base64');
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ec' ? key : null;
  } catch {
    return null;
  }
}

export function hearEvents({ what, headers, body }: Call, eventsKey: string): Heard | Refusal {
  const key = readEventsKey(eventsKey);
  const signature = headers['x-twilio-email-event-webhook-signature'] ?? '';
  const signed = `${headers['x-twilio-email-event-webhook-timestamp'] ?? ''}${body}`;
  if (!key || !verify('sha256', Buffer.from(signed), key, Buffer.from(signature, 'base64'))) {
    return { refusal: 'signature' };
  }
  if (what !== 'events') return { refusal: 'another' };
  return { spoken: [], fates: fatesIn(body), answer: () => ({ type: 'text/plain', body: '' }) };
}

function fatesIn(body: string): Heard['fates'] {
  return eventsIn(body).flatMap(({ event, sg_message_id: id }) => {
    // What the answer to a mail called its id, and then how SendGrid went about it.
    const reference = typeof id === 'string' ? (id.split('.', 1)[0] ?? '') : '';
    const outcome = fate(event, reference);
    return outcome === null || reference === '' ? [] : [{ reference, outcome }];
  });
}

function fate(event: unknown, reference: string): Outcome | null {
  if (event === 'delivered') return { outcome: 'delivered', reference };
  if (!LOST.has(event)) return null;
  return { outcome: 'refused', reason: 'address', detail: `SendGrid says ${String(event)}` };
}

function eventsIn(body: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const parsed: unknown = JSON.parse(body);
    const all: readonly unknown[] = Array.isArray(parsed) ? parsed : [];
    return all.filter((each) => typeof each === 'object' && each !== null) as Record<
      string,
      unknown
    >[];
  } catch {
    return [];
  }
}
