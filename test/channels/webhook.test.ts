import { Webhook } from 'standardwebhooks';
import { afterAll, describe, expect, it } from 'vitest';
import { webhook } from '../../src/channels/webhook.ts';
import { hands } from '../contract/hands.ts';
import { EXAMPLES } from '../message/facts.ts';
import { startWebhookSink } from '../standins/webhook-sink.ts';
import { letter, SECRETS } from './letters.ts';

const { clock, transport, run } = hands();
afterAll(() => transport.close());

const types = (name: string) => {
  const event = webhook.render(letter(EXAMPLES.find((example) => example.name === name)), {
    url: '',
    secret: '',
    envelope: 'none',
  });
  return (JSON.parse(event.body) as { type: string }).type;
};

describe('a webhook', () => {
  it.each([
    ['opened', 'incident.opened'],
    ['reopened', 'incident.opened'],
    ['escalated', 'incident.escalated'],
    ['still-down-away', 'incident.escalated'],
    ['acknowledged', 'incident.acknowledged'],
    ['updated', 'incident.updated'],
    ['resolved', 'incident.resolved'],
    ['drill', 'drill'],
    ['test', 'drill'],
  ])('about %s is of type %s', (name, type) => {
    expect(types(name)).toBe(type);
  });

  it.each([SECRETS.webhook, SECRETS.webhook.replace('whsec_', '')])(
    'keeps its id over retries, and is signed anew each time, with %s',
    async (secret) => {
      const sink = await startWebhookSink({ secret: SECRETS.webhook });
      const options = { url: `${sink.url}/hook`, secret, envelope: 'none' } as const;
      const line = { clock, transport, run, signal: new AbortController().signal };
      sink.script({ status: 503 }, 'ok');
      await webhook.send(webhook.render(letter(), options), options, line);
      const outcome = await webhook.send(webhook.render(letter(), options), options, line);
      const ids = sink.received.map(({ headers }) => headers['webhook-id']);
      expect(ids[0]).toBe(ids[1]);
      expect(outcome).toEqual({ outcome: 'accepted', reference: ids[0] });
      const [{ body, headers }] = sink.received as [(typeof sink.received)[number]];
      const at = new Date(Number(headers['webhook-timestamp']) * 1000);
      const expected = new Webhook(SECRETS.webhook).sign(String(ids[0]), at, body);
      expect(headers['webhook-signature']).toBe(expected);
      await sink.close();
    },
  );

  it('has another id for another notification', () => {
    const [one, two] = EXAMPLES.slice(0, 2).map((example) =>
      webhook.render(letter(example), { url: '', secret: '', envelope: 'none' }),
    );
    expect(one?.id).not.toBe(two?.id);
    expect(one?.id).toMatch(/^msg_[A-Za-z0-9_-]{27}$/);
  });

  it.each(EXAMPLES)('is a CloudEvent of every kind, if asked for: $name', async (example) => {
    const sink = await startWebhookSink({ secret: SECRETS.webhook });
    const options = { url: sink.url, secret: SECRETS.webhook, envelope: 'cloudevents' } as const;
    const message = webhook.render(letter(example), options);
    const line = { clock, transport, run, signal: new AbortController().signal };
    expect(await webhook.send(message, options, line)).toMatchObject({ outcome: 'accepted' });
    const { type, subject, id } = JSON.parse(message.body) as Record<string, string>;
    expect([type, id]).toEqual([`dev.tocsin.${types(example.name)}.v1`, message.id]);
    expect(subject).toBe('code' in example.facts ? '7K' : undefined);
    await sink.close();
  });
});
