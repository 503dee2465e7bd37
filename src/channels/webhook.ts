/**
 * A webhook of one's own: the incident as JSON, signed as Standard Webhooks prescribes. The id is
 * made from the notification's key, so that a repeat after an unconfirmed attempt can be told from
 * something new. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Notification, Outcome } from '../incident/notification.ts';
import { httpUrl, secretText } from '../system/values.ts';
import { outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import type { Channel, Letter, Line } from './channel.ts';

const options = z.strictObject({
  url: httpUrl(),
  /** Base64 after `whsec_`, as the specification has it; without that, base64 or any text. */
  secret: secretText().refine(
    (secret) => !secret.startsWith('whsec_') || isBase64(secret.slice('whsec_'.length)),
    'after whsec_ there must be base64, such as `echo whsec_$(openssl rand -base64 24)` prints',
  ),
});
type Options = z.infer<typeof options>;

interface Event {
  readonly id: string;
  readonly body: string;
}

type EventType =
  | 'incident.opened'
  | 'incident.acknowledged'
  | 'incident.escalated'
  | 'incident.updated'
  | 'incident.resolved'
  | 'drill';

const SECOND_MS = 1_000;

export const webhook: Channel<Options, Event> = {
  type: 'webhook',
  options,
  address: null,
  forMachines: true,
  render({ notification, incident }: Letter): Event {
    const at = new Date(notification.at).toISOString();
    const id = createHash('sha256').update(notification.key).digest('base64url').slice(0, 27);
    return {
      id: `msg_${id}`,
      body: JSON.stringify({ version: 1, type: typeOf(notification), at, incident }),
    };
  },
  async send({ id, body }, { url, secret }, { clock, transport, signal }: Line): Promise<Outcome> {
    const timestamp = String(Math.floor(clock.now() / SECOND_MS));
    const signed = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`);
    const answer = await transport.call({
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signed.digest('base64')}`,
      },
      body,
      signal,
    });
    if ('failure' in answer) return outcomeOfFailure(answer);
    if (answer.status >= 200 && answer.status < 300) return { outcome: 'accepted', reference: id };
    return outcomeOfStatus(answer, clock.now());
  },
};

/** Reopened is opened: whoever closed a ticket at the end needs one again. */
function typeOf({ kind, facts }: Notification): EventType {
  if (kind === 'drill') return 'drill';
  switch (facts.event) {
    case 'opened':
    case 'reopened':
      return 'incident.opened';
    case 'escalated':
    case 'still_down':
      return 'incident.escalated';
    case 'acknowledged':
      return 'incident.acknowledged';
    case 'resolved':
      return 'incident.resolved';
    case 'updated':
    case 'flapping':
    case 'answer':
    case 'notice':
      return 'incident.updated';
    case 'test':
      return 'drill';
  }
}

/** The bytes that base64 stands for; a secret that is not base64 is taken as it is. */
function keyOf(secret: string): Buffer {
  const encoded = secret.replace(/^whsec_/, '');
  return isBase64(encoded) ? Buffer.from(encoded, 'base64') : Buffer.from(secret);
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
