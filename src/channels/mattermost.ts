/**
 * Mattermost by an incoming webhook. The URL is the password. Marks are escaped, and an `@` is kept
 * from being the beginning of a mention, or a check named `@channel` would wake everybody.
 * https://developers.mattermost.com/integrate/webhooks/incoming/
 */
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import { linkTitle } from '../message/drill.ts';
import { httpUrl } from '../system/values.ts';
import { jsonObject, outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import { fit, postJson } from './_post.ts';
import type { Channel, Letter, Line } from './channel.ts';

const options = z.strictObject({ webhook_url: httpUrl().meta({ secret: true }) });
type Options = z.infer<typeof options>;

interface Post {
  readonly text: string;
}

/** A longer one is cut into several posts. */
const TEXT_MAX = 16_383;
const INVALID = 'web.incoming_webhook.invalid.app_error';

export const mattermost: Channel<Options, Post> = {
  type: 'mattermost',
  options,
  address: null,
  reaches: ({ webhook_url }) => [webhook_url],
  render({ notification, reader }: Letter): Post {
    const { title, lines } = chat(notification.facts, notification.kind, reader);
    const link = reader.link === null ? '' : `\n[${linkTitle(notification.facts)}](${reader.link})`;
    const head = `**${escape(title)}**`;
    const body = fit(lines, TEXT_MAX - head.length - link.length - 1, escape);
    return { text: `${head}${body === '' ? '' : `\n${body}`}${link}` };
  },
  async send(post, { webhook_url }, line: Line): Promise<Outcome> {
    const answer = await postJson(webhook_url, post, line);
    if ('failure' in answer) return outcomeOfFailure(answer);
    const { status, body } = answer;
    if (status === 200 && body.trim() === 'ok') return { outcome: 'accepted', reference: null };
    if (status === 400 && jsonObject(body)?.['id'] === INVALID) {
      return { outcome: 'refused', reason: 'auth', detail: 'HTTP 400 (no such webhook)' };
    }
    return outcomeOfStatus(answer, line.clock.now());
  },
};

function escape(text: string): string {
  return text.replace(/[\\`*_~|[\]()#!]/g, '\\$&').replaceAll('@', '@\u200B');
}
