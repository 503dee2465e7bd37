/**
 * A stand-in of Slack's incoming webhooks: the path is the password, errors are words in plain
 * text, success is `ok`. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
import { isType, parseObject, startStandin, type Reply, type Standin } from './_standin.ts';

export interface SlackSettings {
  readonly port?: number;
  /** Such as `/services/T000/B000/XXXX`. */
  readonly path: string;
}

export interface SlackRecord {
  readonly text: string;
  /** The text of each block. */
  readonly blocks: readonly string[];
}

const SECTION_MAX = 3_000;
const BLOCKS_MAX = 50;

export function startSlack({ port = 0, path }: SlackSettings): Promise<Standin<SlackRecord>> {
  return startStandin<SlackRecord>(port, {
    tooMany: () => word(429, 'rate_limited'),
    answer(asked) {
      if (asked.path !== path) return word(404, 'no_service');
      if (asked.method !== 'POST') return word(405, 'method_not_allowed');
      if (!isType(asked.headers, 'application/json')) return word(400, 'invalid_payload');
      return take(parseObject(asked.body));
    },
  });
}

function take(post: Record<string, unknown> | null): Reply<SlackRecord> {
  if (post === null) return word(400, 'invalid_payload');
  if (Object.keys(post).some((key) => !['text', 'blocks'].includes(key))) {
    return word(400, 'invalid_payload');
  }
  const { text, blocks = [] } = post;
  if (typeof text !== 'string' || text === '') return word(400, 'no_text');
  if (!Array.isArray(blocks) || blocks.length > BLOCKS_MAX) return word(400, 'invalid_blocks');
  const texts: string[] = [];
  for (const block of blocks as Record<string, unknown>[]) {
    const { type, text: part } = block;
    if (type !== 'section' || !isMarkdown(part)) return word(400, 'invalid_blocks');
    texts.push(part.text);
  }
  return { ...word(200, 'ok'), taken: { text, blocks: texts } };
}

function isMarkdown(part: unknown): part is { text: string } {
  if (typeof part !== 'object' || part === null) return false;
  if (!('type' in part) || part.type !== 'mrkdwn' || !('text' in part)) return false;
  const { text } = part;
  return typeof text === 'string' && text !== '' && text.length <= SECTION_MAX;
}

function word(status: number, body: string): Reply<SlackRecord> {
  return { status, body, headers: { 'content-type': 'text/html' } };
}
