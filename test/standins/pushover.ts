/**
 * A stand-in of Pushover: messages, receipts, and silencing by tag. It refuses parameters that it
 * does not know, where the vendor ignores them. https://pushover.net/api
 */
import { isType, JSON_TYPE, parseObject, startStandin } from './_standin.ts';
import type { Received, Reply, Standin } from './_standin.ts';

export interface PushoverSettings {
  readonly token: string;
  readonly users: readonly string[];
}

export interface PushoverRecord {
  readonly user: string;
  readonly message: string;
  readonly priority: number;
  readonly tags: string;
  readonly receipt: string | null;
}

export interface PushoverStandin extends Standin<PushoverRecord> {
  /** Somebody presses Acknowledge in the app. */
  acknowledge(receipt: string, by: string, atSeconds: number): void;
  /** Tags that were told to stop ringing. */
  readonly silenced: readonly string[];
}

const KEYS = ['token', 'user', 'title', 'message', 'priority', 'timestamp', 'retry', 'expire'];
const MORE_KEYS = ['tags', 'url', 'url_title'];

export async function startPushover({ token, users }: PushoverSettings): Promise<PushoverStandin> {
  const acknowledged = new Map<string, { by: string; at: number }>();
  const receipts = new Set<string>();
  const silenced: string[] = [];
  const standin = await startStandin<PushoverRecord>(0, {
    tooMany: () => fault(429, {}, 'over the limit'),
    answer(asked) {
      const [, what = '', rest = ''] =
        /^\/1\/(messages|receipts|apps)(?:\/(.*))?\.json$/.exec(asked.path) ?? [];
      if (what === 'apps' && rest === 'limits' && asked.method === 'GET') {
        return asked.query.get('token') === token
          ? well({ limit: 10_000, remaining: 9_000, reset: 1 })
          : fault(400, { token: 'invalid' }, 'token is invalid');
      }
      if (what === 'receipts' && asked.method === 'GET') return receiptOf(rest, asked);
      const body = isType(asked.headers, 'application/json') ? parseObject(asked.body) : null;
      if (asked.method !== 'POST' || what === '') return fault(404, {}, 'not found');
      if (body?.['token'] !== token) return fault(400, { token: 'invalid' }, 'token is invalid');
      if (what === 'receipts') {
        silenced.push(rest.replace('cancel_by_tag/', ''));
        return well({ canceled: 1 });
      }
      return take(body);
    },
  });

  function receiptOf(receipt: string, { query }: Received): Reply<PushoverRecord> {
    if (query.get('token') !== token) return fault(400, { token: 'invalid' }, 'token is invalid');
    if (!receipts.has(receipt)) return fault(404, { receipt: 'not found' }, 'receipt not found');
    const by = acknowledged.get(receipt);
    return well({
      acknowledged: by === undefined ? 0 : 1,
      acknowledged_at: by?.at ?? 0,
      acknowledged_by: by?.by ?? '',
      expired: 0,
    });
  }

  function take(push: Record<string, unknown>): Reply<PushoverRecord> {
    const { user, title = '', message, priority = 0, retry, expire, tags = '', url = '' } = push;
    if (Object.keys(push).some((key) => ![...KEYS, ...MORE_KEYS].includes(key))) {
      return fault(400, {}, 'unknown parameter');
    }
    if (!users.includes(String(user))) {
      return fault(400, { user: 'invalid' }, 'user identifier is not a valid user');
    }
    if (typeof message !== 'string' || message.trim() === '' || message.length > 1_024) {
      return fault(400, { message: 'cannot be blank' }, 'message cannot be blank');
    }
    if (String(title).length > 250 || String(url).length > 512) return fault(400, {}, 'too long');
    const isEmergency = priority === 2;
    if (isEmergency && !(Number(retry) >= 30)) return fault(400, { retry: 'invalid' }, 'retry');
    if (isEmergency && !(Number(expire) <= 10_800))
      return fault(400, { expire: 'invalid' }, 'expire');
    const receipt = isEmergency ? `r${String(receipts.size).padStart(29, '0')}` : null;
    if (receipt !== null) receipts.add(receipt);
    const taken = {
      user: String(user),
      message,
      priority: Number(priority),
      tags: String(tags),
      receipt,
    };
    return { ...well(receipt === null ? {} : { receipt }), taken };
  }

  return Object.assign(standin, {
    silenced,
    acknowledge: (receipt: string, by: string, at: number) => {
      acknowledged.set(receipt, { by, at });
    },
  });
}

const REQUEST = '647d2300-702c-4b38-8b2f-d56326ae460b';

function well(more: object): Reply<PushoverRecord> {
  const body = JSON.stringify({ status: 1, request: REQUEST, ...more });
  return { status: 200, body, headers: JSON_TYPE };
}

function fault(status: number, more: object, error: string): Reply<PushoverRecord> {
  const body = JSON.stringify({ status: 0, request: REQUEST, errors: [error], ...more });
  return { status, body, headers: JSON_TYPE };
}
