/**
 * Discord by a webhook. The URL is the password. No name of a check mentions anybody: marks are
 * escaped, and `allowed_mentions` is empty, for `@everyone` would wake all. Asked to `wait`, Discord
 * says whether the message is there, not only that it was read.
 * https://discord.com/developers/docs/resources/webhook#execute-webhook
 */
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import { httpUrl } from '../system/values.ts';
import { get, outcomeOfCheck } from './_check.ts';
import { jsonObject, outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import { fit, postJson } from './_post.ts';
import type { Channel, Letter, Line } from './channel.ts';

const options = z.strictObject({ webhook_url: httpUrl().meta({ secret: true }) });
type Options = z.infer<typeof options>;

interface Post {
  readonly content: string;
  readonly allowed_mentions: { readonly parse: readonly never[] };
  readonly flags: number;
}

const CONTENT_MAX = 2_000;
const SUPPRESS_EMBEDS = 4;

export const discord: Channel<Options, Post> = {
  type: 'discord',
  options,
  address: null,
  reaches: ({ webhook_url }) => [webhook_url, 'https://discord.com'],
  render({ notification, reader }: Letter): Post {
    const { title, lines } = chat(notification.facts, notification.kind, reader);
    const link = reader.link === null ? '' : `\n<${reader.link}>`;
    const head = `**${escape(title)}**`;
    const body = fit(lines, CONTENT_MAX - head.length - link.length - 1, escape);
    return {
      content: `${head}${body === '' ? '' : `\n${body}`}${link}`,
      allowed_mentions: { parse: [] },
      flags: SUPPRESS_EMBEDS,
    };
  },
  async send(post, { webhook_url }, line: Line): Promise<Outcome> {
    const url = new URL(webhook_url);
    url.searchParams.set('wait', 'true');
    const answer = await postJson(url.href, post, line);
    if ('failure' in answer) return outcomeOfFailure(answer);
    const said = jsonObject(answer.body);
    if (answer.status === 200 && typeof said?.['id'] === 'string') {
      return { outcome: 'accepted', reference: said['id'].slice(0, 64) };
    }
    const code = said?.['code'];
    const known = Number.isInteger(code) && code !== 0 ? `Discord ${String(code)}` : '';
    return outcomeOfStatus(answer, line.clock.now(), known);
  },
  /** https://discord.com/developers/docs/resources/webhook#get-webhook-with-token */
  async check({ webhook_url }, line): Promise<Outcome> {
    const { origin, pathname } = new URL(webhook_url);
    const answer = await get(`${origin}${pathname}`, line);
    return outcomeOfCheck(answer, line, ({ id }) => typeof id === 'string');
  },
};

/** https://support.discord.com/hc/en-us/articles/210298617 */
function escape(text: string): string {
  return text.replace(/[\\`*_~|[\]()<>#]/g, '\\$&');
}
