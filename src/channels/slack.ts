/**
 * Slack by an incoming webhook. The URL is the password. `& < >` are escaped everywhere, or a check
 * named `<!channel>` would wake everybody; `text` is what the phone's notification shows.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import { linkTitle } from '../message/drill.ts';
import { httpUrl } from '../system/values.ts';
import { outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import type { Channel, Letter, Line } from './channel.ts';

const options = z.strictObject({ webhook_url: httpUrl().meta({ secret: true }) });
type Options = z.infer<typeof options>;

interface Section {
  readonly type: 'section';
  readonly text: { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true };
}

interface Post {
  readonly text: string;
  readonly blocks: readonly Section[];
}

const SECTION_MAX = 3_000;

export const slack: Channel<Options, Post> = {
  type: 'slack',
  options,
  address: null,
  reaches: ({ webhook_url }) => [webhook_url, 'https://hooks.slack.com'],
  render({ notification, reader }: Letter): Post {
    const { title, lines } = chat(notification.facts, notification.kind, reader);
    const link =
      reader.link === null ? [] : [`<${escape(reader.link)}|${linkTitle(notification.facts)}>`];
    const body = [...lines.map(escape), ...link].join('\n');
    return {
      text: escape(title),
      blocks: [section(`*${escape(title)}*`), ...(body === '' ? [] : [section(body)])],
    };
  },
  async send(post, { webhook_url }, { clock, transport, signal }: Line): Promise<Outcome> {
    const answer = await transport.call({
      url: webhook_url,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(post),
      signal,
    });
    if ('failure' in answer) return outcomeOfFailure(answer);
    const said = answer.body.trim();
    if (answer.status === 200 && said === 'ok') return { outcome: 'accepted', reference: null };
    return outcomeOfStatus(answer, clock.now(), /^[a-z_]{1,40}$/.test(said) ? said : '');
  },
};

/** `verbatim`: no name of a channel or a person in it becomes a mention. */
function section(text: string): Section {
  return {
    type: 'section',
    text: { type: 'mrkdwn', text: cutEscaped(text), verbatim: true },
  };
}

/** Never in the middle of an entity. */
function cutEscaped(text: string): string {
  if (text.length <= SECTION_MAX) return text;
  return `${text.slice(0, SECTION_MAX - 3).replace(/&[a-z]*$/, '')}...`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
