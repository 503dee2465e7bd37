/**
 * A stand-in of Telegram's bots: messages with buttons, and updates that are confirmed by asking for
 * later ones. It refuses what it does not know, and HTML with any tag but <b>.
 * https://core.telegram.org/bots/api
 */
import { isType, JSON_TYPE, parseObject, startStandin } from './_standin.ts';
import type { Reply, Standin } from './_standin.ts';

export interface TelegramSettings {
  readonly token: string;
  readonly chats: readonly string[];
}

export interface TelegramRecord {
  readonly chat: string;
  readonly text: string;
  /** What the first button says to the bot when it is pressed. */
  readonly button: string | null;
}

export interface TelegramStandin extends Standin<TelegramRecord> {
  press(user: number, data: string): void;
  write(user: number, text: string, atSeconds: number): void;
  /** Presses that the bot has answered. */
  readonly answered: readonly string[];
  /** For how many seconds each question wanted to be held open; all are answered at once. */
  readonly heldOpen: readonly number[];
}

const KEYS = ['chat_id', 'text', 'parse_mode', 'link_preview_options', 'reply_markup'];

export async function startTelegram({ token, chats }: TelegramSettings): Promise<TelegramStandin> {
  let updates: { update_id: number; [kind: string]: unknown }[] = [];
  let nextId = 7_000;
  const answered: string[] = [];
  const heldOpen: number[] = [];
  const standin = await startStandin<TelegramRecord>(0, {
    tooMany: () => fault(429, 'Too Many Requests: retry after 7', { retry_after: 7 }),
    answer({ path, headers, body }) {
      const [, given, method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? [];
      if (given === undefined) return fault(404, 'Not Found');
      if (decodeURIComponent(given) !== token) return fault(401, 'Unauthorized');
      if (method === 'getMe') return well({ id: 110201543, is_bot: true });
      const asked = isType(headers, 'application/json') ? parseObject(body) : null;
      if (asked === null) return fault(400, 'Bad Request: not JSON');
      if (method === 'sendMessage') return take(asked);
      if (method === 'getUpdates') return well(updatesFrom(asked));
      if (method !== 'answerCallbackQuery') return fault(404, 'Not Found');
      answered.push(String(asked['callback_query_id']));
      return well(true);
    },
  });

  function updatesFrom({ offset, timeout }: Record<string, unknown>): unknown {
    heldOpen.push(Number(timeout));
    if (Number(offset) < 0) return updates.slice(Number(offset));
    updates = updates.filter(({ update_id }) => update_id >= Number(offset));
    return updates;
  }

  function take(post: Record<string, unknown>): Reply<TelegramRecord> {
    const { chat_id: chat, text, parse_mode: mode, reply_markup: markup } = post;
    if (Object.keys(post).some((key) => !KEYS.includes(key))) {
      return fault(400, 'Bad Request: unknown parameter');
    }
    if (!chats.includes(String(chat))) return fault(400, 'Bad Request: chat not found');
    if (typeof text !== 'string' || text === '') return fault(400, 'Bad Request: text is empty');
    if (text.length > 4_096) return fault(400, 'Bad Request: message is too long');
    if (mode !== 'HTML' || !isHtml(text)) return fault(400, "Bad Request: can't parse entities");
    const keyboard = (markup as { inline_keyboard?: unknown } | undefined)?.inline_keyboard;
    const [[first] = []] = (keyboard ?? []) as { text: string; callback_data: string }[][];
    const button = first?.callback_data ?? null;
    if (button !== null && (Buffer.byteLength(button) > 64 || button === '')) {
      return fault(400, 'Bad Request: BUTTON_DATA_INVALID');
    }
    return { ...well({ message_id: nextId++ }), taken: { chat: String(chat), text, button } };
  }

  return Object.assign(standin, {
    answered,
    heldOpen,
    press(user: number, data: string) {
      const id = String(nextId);
      updates.push({ update_id: nextId++, callback_query: { id, from: { id: user }, data } });
    },
    write(user: number, text: string, date: number) {
      updates.push({ update_id: nextId++, message: { from: { id: user }, text, date } });
    },
  });
}

function isHtml(text: string): boolean {
  return !/[<>]|&(?!(?:amp|lt|gt|quot);)/.test(text.replace(/<b>([^<]*)<\/b>/g, '$1'));
}

function well(result: unknown): Reply<TelegramRecord> {
  return { status: 200, body: JSON.stringify({ ok: true, result }), headers: JSON_TYPE };
}

function fault(status: number, description: string, parameters?: object): Reply<TelegramRecord> {
  const body = JSON.stringify({ ok: false, error_code: status, description, parameters });
  return { status, body, headers: JSON_TYPE };
}
