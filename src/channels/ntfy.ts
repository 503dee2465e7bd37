/**
 * ntfy (ntfy.sh or one's own server): a push to every phone that knows the topic. The topic is
 * as good as a password, so it is a secret, and goes into the body, never into a URL.
 * https://docs.ntfy.sh/publish/#publish-as-json
 */
import { z } from 'zod';
import type { Notification, Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import { httpUrl, secretText } from '../system/values.ts';
import { get, outcomeOfCheck } from './_check.ts';
import { jsonObject, outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import type { Channel, Letter, Line } from './channel.ts';

const TOPIC = /^[A-Za-z0-9_-]{1,64}$/;

const options = z.strictObject({
  url: httpUrl().default('https://ntfy.sh'),
  topic: secretText().refine((topic) => TOPIC.test(topic), 'must be 1 to 64 of A-Z a-z 0-9 _ -'),
  /** An access token: `tk_…`. */
  token: secretText().optional(),
});
type Options = z.infer<typeof options>;

interface Push {
  readonly title: string;
  readonly message: string;
  /** 1 (min) to 5 (max). */
  readonly priority: number;
  readonly tags: readonly string[];
  readonly click?: string;
  readonly actions?: readonly Action[];
}

/** A button: https://docs.ntfy.sh/publish/#send-http-request */
interface Action {
  readonly action: 'http';
  readonly label: string;
  readonly url: string;
  readonly method: 'POST';
  /** Takes the push away once the request was answered well. */
  readonly clear: boolean;
}

/** A longer one becomes an attachment: bytes of UTF-8. */
const MESSAGE_MAX_BYTES = 4_096;
const PRIORITIES = { critical: 5, major: 4, minor: 3 } as const;
const PRIORITY_DEFAULT = 3;

export const ntfy: Channel<Options, Push> = {
  type: 'ntfy',
  options,
  address: null,
  reaches: ({ url }) => [url],
  render({ notification, reader }: Letter): Push {
    const { title, lines } = chat(notification.facts, notification.kind, reader);
    return {
      title,
      message: cutToBytes(lines.join('\n') || title, MESSAGE_MAX_BYTES),
      ...urgency(notification),
      ...(reader.link === null
        ? {}
        : { click: reader.link, actions: [acknowledge(reader.link, notification)] }),
    };
  },
  async send(push, given, { clock, transport, signal }: Line): Promise<Outcome> {
    const { url, topic } = given;
    const answer = await transport.call({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization(given) },
      body: JSON.stringify({ topic, ...push }),
      signal,
    });
    if ('failure' in answer) return outcomeOfFailure(answer);
    const said = jsonObject(answer.body);
    if (answer.status === 200 && typeof said?.['id'] === 'string') {
      return { outcome: 'accepted', reference: said['id'].slice(0, 64) };
    }
    const code = said?.['code'];
    const known = Number.isInteger(code) ? `ntfy ${String(code)}` : '';
    return outcomeOfStatus(answer, clock.now(), known);
  },
  /** A wrong token is refused here too: https://docs.ntfy.sh/config/#health-checks */
  async check(given, line): Promise<Outcome> {
    const asked = await get(
      `${given.url.replace(/\/+$/, '')}/v1/health`,
      line,
      authorization(given),
    );
    return outcomeOfCheck(asked, line, (said) => said['healthy'] === true);
  },
};

function authorization({ token }: Options): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function acknowledge(url: string, { facts }: Notification): Action {
  const label = facts.event === 'drill' ? 'I got it' : 'Acknowledge';
  return { action: 'http', label, url, method: 'POST', clear: true };
}

/** Tags that name an emoji are shown as it: https://docs.ntfy.sh/emojis/ */
function urgency({ facts }: Notification): Pick<Push, 'priority' | 'tags'> {
  switch (facts.event) {
    case 'opened':
    case 'escalated':
    case 'reopened':
    case 'still_down':
      return { priority: PRIORITIES[facts.severity], tags: ['rotating_light', facts.severity] };
    case 'updated':
    case 'flapping':
      return { priority: PRIORITY_DEFAULT, tags: ['warning', facts.severity] };
    case 'acknowledged':
      return { priority: PRIORITY_DEFAULT, tags: ['raised_hand'] };
    case 'resolved':
      return { priority: PRIORITY_DEFAULT, tags: ['white_check_mark'] };
    case 'drill':
      // As loud as what it stands for, or it would prove nothing.
      return { priority: PRIORITIES.critical, tags: ['test_tube', 'drill'] };
    case 'drill_begun':
    case 'drill_over':
      return { priority: PRIORITY_DEFAULT, tags: ['test_tube', 'drill'] };
    case 'notice':
      return { priority: PRIORITY_DEFAULT, tags: ['bell'] };
    case 'answer':
    case 'test':
      return { priority: PRIORITY_DEFAULT, tags: ['test_tube'] };
  }
}

function cutToBytes(text: string, max: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return text;
  return `${bytes
    .subarray(0, max - 8)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}...`;
}
