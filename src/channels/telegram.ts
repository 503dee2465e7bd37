/**
 * Telegram by a bot of one's own: a message with a button that acknowledges. Presses and words are
 * asked for (getUpdates, held open while a page waits), so nothing has to be reachable from
 * outside; the bot must have no webhook and no second reader. The token is part of every URL.
 * https://core.telegram.org/bots/api
 */
import { z } from 'zod';
import type { Notification, Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import { httpUrl, secretText } from '../system/values.ts';
import type { Answer } from '../system/transport.ts';
import { get, outcomeOfCheck } from './_check.ts';
import { jsonObject, outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import { fit, postJson } from './_post.ts';
import type { Channel, Letter, Line, Spoken } from './channel.ts';

const options = z.strictObject({
  /** As BotFather gives it: `123456:ABC…`. */
  token: secretText(),
  /** A group's or channel's id: then no responder needs one. */
  chat: z
    .string({ error: () => 'expected the id of a chat in quotes, such as "-1001234567890"' })
    .refine((text) => /^(?:-?\d{1,20}|@\w{5,32})$/.test(text), 'expected the id of a chat')
    .optional(),
  base_url: httpUrl().default('https://api.telegram.org'),
});
type Options = z.infer<typeof options>;

interface Post {
  readonly chat_id: string;
  readonly text: string;
  readonly parse_mode: 'HTML';
  /** Whoever fetches the link for a preview would read it. */
  readonly link_preview_options: { readonly is_disabled: true };
  readonly reply_markup?: {
    readonly inline_keyboard: readonly (readonly {
      readonly text: string;
      readonly callback_data: string;
    }[])[];
  };
}

const TEXT_MAX = 4_096;
const SECOND_MS = 1_000;
/** Shorter than the patience of whoever listens. */
const HELD_OPEN_SECONDS = 4;

export const telegram: Channel<Options, Post> = {
  type: 'telegram',
  options,
  address: 'telegram',
  room: 'chat',
  answerable: () => true,
  reaches: ({ base_url }) => [base_url, 'https://api.telegram.org'],
  render({ notification, to, reader }: Letter, given): Post {
    const { title, lines } = chat(notification.facts, notification.kind, reader);
    const link = reader.link === null ? [] : [`Open: ${reader.link}`];
    const head = `<b>${escape(title)}</b>`;
    const body = fit([...lines, ...link], TEXT_MAX - head.length - 1, escape);
    return {
      chat_id: to ?? given.chat ?? '',
      text: body === '' ? head : `${head}\n${body}`,
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
      ...button(notification),
    };
  },
  async send(post, given, line): Promise<Outcome> {
    const answer = await postJson(at(given, 'sendMessage'), post, line);
    if ('failure' in answer) return outcomeOfFailure(answer);
    const said = jsonObject(answer.body);
    const { message_id: id } = objectIn(said, 'result');
    if (answer.status === 200 && said?.['ok'] === true && typeof id === 'number') {
      return { outcome: 'accepted', reference: String(id) };
    }
    return troubleOf(answer, line);
  },
  async check(given, line): Promise<Outcome> {
    return outcomeOfCheck(await get(at(given, 'getMe'), line), line, ({ ok }) => ok === true);
  },
  async listen(cursor, given, line, awaited) {
    const timeout = cursor !== null && awaited.length > 0 ? HELD_OPEN_SECONDS : 0;
    const asked = { offset: offsetOf(cursor), timeout, allowed_updates: UPDATES };
    const answer = await postJson(at(given, 'getUpdates'), asked, line);
    if ('failure' in answer) return { failure: outcomeOfFailure(answer).detail };
    const updates = jsonObject(answer.body)?.['result'];
    if (answer.status !== 200 || !Array.isArray(updates)) {
      return { failure: troubleOf(answer, line).detail };
    }
    const next = Math.max(offsetOf(cursor), ...updates.map((update) => idOf(update) + 1));
    if (cursor === null) return { spoken: [], cursor: String(Math.max(next, 0)) };
    const heard = updates.map((update) => heardIn(update, line.clock.now()));
    // Until then the button shows that it is busy; nothing else hangs on it.
    for (const { press } of heard) {
      if (press === null) continue;
      await postJson(at(given, 'answerCallbackQuery'), { callback_query_id: press }, line);
    }
    return { spoken: heard.flatMap(({ spoken }) => spoken ?? []), cursor: String(next) };
  },
};

const UPDATES = ['message', 'callback_query'];
/** The last one alone, to know where "from now on" begins. */
const LAST = -1;

function offsetOf(cursor: string | null): number {
  const offset = Number(cursor ?? LAST);
  return Number.isSafeInteger(offset) ? offset : LAST;
}

interface Heard {
  readonly spoken: Spoken | null;
  /** The id of the press of a button, which wants an answer. */
  readonly press: string | null;
}

/** A press has no time of its own: it counts from when it was heard. */
function heardIn(update: unknown, now: number): Heard {
  const { message, callback_query: query } = update as Record<string, unknown>;
  const said = objectIn({ said: query ?? message }, 'said');
  const from = textOf(objectIn(said, 'from')['id']);
  const reference = String(idOf(update));
  if (query !== undefined) {
    const spoken = { from, text: textOf(said['data']), sentAt: now, reference };
    return { spoken, press: textOf(said['id']) };
  }
  const { text, date } = said;
  if (typeof text !== 'string' || typeof date !== 'number') return { spoken: null, press: null };
  return { spoken: { from, text, sentAt: date * SECOND_MS, reference }, press: null };
}

function idOf(update: unknown): number {
  return Number((update as { readonly update_id?: unknown } | null)?.update_id);
}

const BUTTONS = ['opened', 'escalated', 'reopened', 'still_down', 'drill'];

function button({ facts, kind }: Notification): Pick<Post, 'reply_markup'> {
  if (!('code' in facts) || !['page', 'drill', 'post'].includes(kind)) return {};
  if (!BUTTONS.includes(facts.event)) return {};
  const text = facts.event === 'drill' ? `I got it: ${facts.code}` : `Acknowledge ${facts.code}`;
  const ack = { text, callback_data: `ACK ${facts.code}` };
  return { reply_markup: { inline_keyboard: [[ack]] } };
}

/** Its own descriptions are known words; nothing of them is repeated. */
function troubleOf(answer: Answer, line: Line) {
  const said = jsonObject(answer.body);
  const description = textOf(said?.['description']);
  const { status } = answer;
  const is = (reason: 'address' | 'auth', what: string) =>
    ({ outcome: 'refused', reason, detail: `HTTP ${String(status)} (${what})` }) as const;
  if (status === 403 && said !== null) return is('address', 'the bot may not write there');
  if (status === 400 && /chat not found|upgraded|deactivated/i.test(description)) {
    return is('address', 'no such chat');
  }
  if (status === 404 && said !== null) return is('auth', 'token');
  const trouble = outcomeOfStatus(answer, line.clock.now());
  const { retry_after: seconds } = objectIn(said, 'parameters');
  if (trouble.outcome !== 'deferred' || typeof seconds !== 'number') return trouble;
  return { ...trouble, retryAfterMs: seconds * SECOND_MS };
}

function objectIn(object: Readonly<Record<string, unknown>> | null, key: string) {
  const value = object?.[key];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function at({ base_url, token }: Options, method: string): string {
  return `${base_url.replace(/\/+$/, '')}/bot${encodeURIComponent(token)}/${method}`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
