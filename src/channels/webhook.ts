/**
 * A webhook of one's own: the incident as JSON, signed as Standard Webhooks prescribes. The id is
 * made from the notification's key, so that a repeat after an unconfirmed attempt can be told from
 * something new. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import { httpUrl, secretText } from '../system/values.ts';
import { eventOf, type Event } from './_event.ts';
import { outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import type { Channel, Letter, Line } from './channel.ts';

const options = z.strictObject({
  url: httpUrl(),
  /** Base64 after `whsec_`, as the specification has it; without that, base64 or any text. */
  secret: secretText().refine(
    (secret) => !secret.startsWith('whsec_') || isBase64(secret.slice('whsec_'.length)),
    'after whsec_ there must be base64, such as `echo whsec_$(openssl rand -base64 24)` prints',
  ),
  envelope: z
    .enum(['none', 'cloudevents'])
    .default('none')
    .describe('cloudevents: the same event within CloudEvents 1.0, structured'),
});
type Options = z.infer<typeof options>;

interface Message {
  readonly id: string;
  readonly body: string;
}

const SECOND_MS = 1_000;

export const webhook: Channel<Options, Message> = {
  type: 'webhook',
  options,
  address: null,
  forMachines: true,
  reaches: ({ url }) => [url],
  render(letter: Letter, { envelope }): Message {
    const { key } = letter.notification;
    const digest = createHash('sha256').update(key).digest('base64url').slice(0, 27);
    const id = `msg_${digest}`;
    const event = eventOf(letter);
    return { id, body: JSON.stringify(envelope === 'cloudevents' ? wrapped(id, event) : event) };
  },
  async send(
    { id, body },
    { url, secret, envelope },
    { clock, transport, signal }: Line,
  ): Promise<Outcome> {
    const timestamp = String(Math.floor(clock.now() / SECOND_MS));
    const signed = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`);
    const answer = await transport.call({
      url,
      method: 'POST',
      headers: {
        'content-type':
          envelope === 'cloudevents' ? 'application/cloudevents+json' : 'application/json',
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

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
function wrapped(id: string, event: Event): object {
  const about = event.incident ?? event.drill;
  return {
    specversion: '1.0',
    id,
    source: 'urn:tocsin',
    type: `dev.tocsin.${event.type}.v1`,
    ...(about === undefined ? {} : { subject: about.code }),
    time: event.at,
    datacontenttype: 'application/json',
    data: event,
  };
}

/** The bytes that base64 stands for; a secret that is not base64 is taken as it is. */
function keyOf(secret: string): Buffer {
  const encoded = secret.replace(/^whsec_/, '');
  return isBase64(encoded) ? Buffer.from(encoded, 'base64') : Buffer.from(secret);
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
