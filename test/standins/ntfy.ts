/**
 * A stand-in of an ntfy server, for messages published as JSON to its root. It refuses keys that
 * it does not know, where ntfy ignores them. https://docs.ntfy.sh/publish/#publish-as-json
 */
import { randomBytes } from 'node:crypto';
import {
  JSON_TYPE,
  parseObject,
  startStandin,
  type Received,
  type Reply,
  type Standin,
} from './_standin.ts';

export interface NtfySettings {
  readonly port?: number;
  readonly topic: string;
  /** Needed if given. */
  readonly token?: string;
}

export interface PushRecord {
  readonly id: string;
  readonly topic: string;
  readonly title: string;
  readonly message: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly click: string | null;
  /** What the buttons ask for: `POST https://…`. */
  readonly buttons: readonly string[];
}

const KEYS = ['topic', 'title', 'message', 'priority', 'tags', 'click', 'actions'];
/** https://docs.ntfy.sh/publish/#action-buttons */
const ACTIONS_MAX = 3;
const MESSAGE_MAX_BYTES = 4_096;

export function startNtfy({ port = 0, topic, token }: NtfySettings): Promise<Standin<PushRecord>> {
  const isLetIn = ({ headers }: Received) =>
    token === undefined || headers.authorization === `Bearer ${token}`;
  return startStandin<PushRecord>(port, {
    tooMany: () => fault(429, 42901, 'limit reached: too many requests'),
    answer(asked) {
      const isHealth = asked.path === '/v1/health' && asked.method === 'GET';
      if (isHealth && isLetIn(asked)) {
        return { status: 200, body: '{"healthy":true}', headers: JSON_TYPE };
      }
      if (asked.path !== '/' && !isHealth) return fault(404, 40401, 'page not found');
      if (asked.method !== 'POST' && asked.method !== 'PUT' && !isHealth) {
        return fault(405, 40501, 'method not allowed');
      }
      if (!isLetIn(asked)) {
        return fault(401, 40101, 'unauthorized');
      }
      return take(parseObject(asked.body), topic);
    },
  });
}

function take(push: Record<string, unknown> | null, wanted: string): Reply<PushRecord> {
  const unknown = Object.keys(push ?? {}).find((key) => !KEYS.includes(key));
  if (push === null || unknown !== undefined) {
    return fault(400, 40024, 'invalid request: request body must be valid JSON');
  }
  const { topic, title = '', message = 'triggered', priority = 3 } = push;
  const { tags = [], click = null, actions = [] } = push;
  if (typeof topic !== 'string' || !/^[-_A-Za-z0-9]{1,64}$/.test(topic)) {
    return fault(400, 40009, 'invalid request: topic invalid');
  }
  if (topic !== wanted) return fault(403, 40301, 'forbidden');
  if (!Number.isInteger(priority) || Number(priority) < 1 || Number(priority) > 5) {
    return fault(400, 40007, 'invalid request: priority invalid');
  }
  const words = [title, message];
  if (words.some((word) => typeof word !== 'string') || !isTexts(tags)) {
    return fault(400, 40024, 'invalid request: request body must be valid JSON');
  }
  if (click !== null && (typeof click !== 'string' || !URL.canParse(click))) {
    return fault(400, 40024, 'invalid request: click is not a URL');
  }
  const buttons = Array.isArray(actions) ? actions.map(buttonOf) : [null];
  if (buttons.length > ACTIONS_MAX || buttons.includes(null)) {
    return fault(400, 40018, 'invalid request: actions invalid');
  }
  if (Buffer.byteLength(String(message)) > MESSAGE_MAX_BYTES) {
    return fault(413, 41301, 'attachment too large, or bandwidth limit reached');
  }
  const id = randomBytes(9).toString('base64url');
  const taken: PushRecord = {
    id,
    topic,
    title: String(title),
    message: String(message),
    priority: Number(priority),
    tags,
    click,
    buttons: buttons.map(String),
  };
  const body = JSON.stringify({ id, time: 1, expires: 2, event: 'message', ...push });
  return { status: 200, body, headers: JSON_TYPE, taken };
}

/** null: not one that ntfy takes. */
function buttonOf(action: Record<string, unknown>): string | null {
  const { action: kind, label, url, method = 'POST', clear = false, ...unknown } = action;
  const isHttp = kind === 'http' && typeof url === 'string' && URL.canParse(url);
  const isWhole = typeof label === 'string' && label !== '' && typeof clear === 'boolean';
  return isHttp && isWhole && Object.keys(unknown).length === 0 ? `${String(method)} ${url}` : null;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function fault(status: number, code: number, error: string): Reply<PushRecord> {
  const link = 'https://ntfy.sh/docs/publish/';
  return { status, body: JSON.stringify({ code, http: status, error, link }), headers: JSON_TYPE };
}
