/**
 * Somebody's own receiver of webhooks, which believes only what is signed: the signature is checked
 * with the reference implementation of Standard Webhooks, its five minutes of tolerance included.
 */
import { Webhook } from 'standardwebhooks';
import { isType, parseObject, startStandin, type Reply, type Standin } from './_standin.ts';

export interface SinkSettings {
  readonly port?: number;
  readonly secret: string;
}

export interface WebhookRecord {
  /** The same for every repeat. */
  readonly id: string;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export function startWebhookSink({
  port = 0,
  secret,
}: SinkSettings): Promise<Standin<WebhookRecord>> {
  const verifier = new Webhook(secret);
  return startStandin<WebhookRecord>(port, {
    tooMany: () => plain(429, 'slow down'),
    answer({ method, headers, body }) {
      if (method !== 'POST') return plain(405, 'POST only');
      const isCloudEvent = isType(headers, 'application/cloudevents+json');
      if (!isCloudEvent && !isType(headers, 'application/json')) return plain(415, 'JSON only');
      try {
        verifier.verify(body, headers as Record<string, string>);
      } catch {
        return plain(401, 'the signature does not match');
      }
      const event = isCloudEvent ? dataOf(parseObject(body)) : parseObject(body);
      const id = headers['webhook-id'];
      if (event?.['version'] !== 1 || typeof event['type'] !== 'string' || typeof id !== 'string') {
        return plain(400, 'not an event of version 1');
      }
      return { ...plain(200, ''), taken: { id, type: event['type'], body: event } };
    },
  });
}

function plain(status: number, body: string): Reply<WebhookRecord> {
  return { status, body, headers: { 'content-type': 'text/plain' } };
}

/** null: not an event as CloudEvents 1.0 has it. */
function dataOf(event: Record<string, unknown> | null): Record<string, unknown> | null {
  const { specversion, id, source, type, time, datacontenttype, data } = event ?? {};
  const needed = [id, source, type];
  const isWell = needed.every((text) => typeof text === 'string' && text !== '');
  if (!isWell || specversion !== '1.0' || Number.isNaN(Date.parse(String(time)))) return null;
  return datacontenttype === 'application/json' ? (data as Record<string, unknown>) : null;
}
