/**
 * Stand-ins of webhooks into chats: Discord, Teams (a workflow) and Mattermost. The URL is the
 * password; they refuse keys that they do not know, text that is too long, and, where the vendor
 * would let it wake everybody, a mention.
 */
import { isType, JSON_TYPE, parseObject, startStandin } from './_standin.ts';
import type { Received, Reply, Standin } from './_standin.ts';

export interface ChatRecord {
  readonly text: string;
}

type Take = (post: Record<string, unknown>, asked: Received) => Reply<ChatRecord> | null;

function startChat(
  path: string,
  stranger: Reply<ChatRecord>,
  bad: Reply<ChatRecord>,
  take: Take,
  about: object | null = null,
): Promise<Standin<ChatRecord>> {
  return startStandin<ChatRecord>(0, {
    tooMany: () => json(429, { message: 'You are being rate limited.', retry_after: 7 }),
    answer(asked) {
      if (asked.path !== path) return stranger;
      if (asked.method === 'GET' && about !== null) return json(200, about);
      const isPost = asked.method === 'POST' && isType(asked.headers, 'application/json');
      const post = isPost ? parseObject(asked.body) : null;
      return (post && take(post, asked)) ?? bad;
    },
  });
}

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= max;

const has = (object: Record<string, unknown>, ...keys: string[]) =>
  Object.keys(object).every((key) => keys.includes(key));

/** https://discord.com/developers/docs/resources/webhook#execute-webhook */
export function startDiscord(path: string): Promise<Standin<ChatRecord>> {
  const stranger = json(401, { message: 'Invalid Webhook Token', code: 50027 });
  const bad = json(400, { message: 'Invalid Form Body', code: 50035 });
  const take: Take = (post, { query }) => {
    const { content, allowed_mentions: mentions } = post;
    if (!has(post, 'content', 'allowed_mentions', 'flags') || !isText(content, 2_000)) return null;
    const { parse } = (mentions ?? {}) as { parse?: unknown[] };
    if (parse?.length !== 0 || query.get('wait') !== 'true') return null;
    return { ...json(200, { id: '1234567890', content }), taken: { text: content } };
  };
  return startChat(path, stranger, bad, take, { id: '1234567890', type: 1 });
}

/** The answers are Power Automate's. */
export function startTeams(path: string): Promise<Standin<ChatRecord>> {
  const stranger = json(401, { error: { code: 'DirectApiAuthorizationRequired' } });
  const bad = json(400, { error: { code: 'TriggerInputSchemaMismatch' } });
  return startChat(path, stranger, bad, (post, { body }) => {
    if (!has(post, 'type', 'attachments') || Buffer.byteLength(body) > 28 * 1024) return null;
    const [card] = post['attachments'] as Record<string, unknown>[];
    const content = card?.['content'] as Record<string, unknown> | undefined;
    if (card?.['contentType'] !== 'application/vnd.microsoft.card.adaptive') return null;
    if (content?.['type'] !== 'AdaptiveCard' || content['version'] !== '1.4') return null;
    const blocks = content['body'] as { type: string; text: unknown }[];
    if (!blocks.every(({ type, text }) => type === 'TextBlock' && isText(text, 28_000)))
      return null;
    const text = blocks.map((block) => block.text).join('\n');
    return { status: 202, body: '', taken: { text } };
  });
}

/** https://developers.mattermost.com/integrate/webhooks/incoming/ */
export function startMattermost(path: string): Promise<Standin<ChatRecord>> {
  const id = (what: string) => `web.incoming_webhook.${what}.app_error`;
  const stranger = json(400, { id: id('invalid'), message: 'Invalid webhook.', status_code: 400 });
  const bad = json(400, { id: id('parse'), message: 'Unable to parse.', status_code: 400 });
  return startChat(path, stranger, bad, (post) => {
    const { text } = post;
    if (!has(post, 'text') || !isText(text, 16_383)) return null;
    if (/@(?:all|channel|here|everyone)\b/.test(text)) return null;
    return { status: 200, body: 'ok', headers: { 'content-type': 'text/plain' }, taken: { text } };
  });
}

function json(status: number, body: object): Reply<ChatRecord> {
  return { status, body: JSON.stringify(body), headers: JSON_TYPE };
}
