/**
 * Twilio's package over our transport: no socket, no deadline, no proxy and no host name of its own
 * choosing (it reads TWILIO_EDGE, TWILIO_REGION and HTTP_PROXY). What a call came to is read off
 * the wire; the package's exceptions are dropped, because they may hold the Authorization header.
 */
import type { Twilio } from 'twilio';
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import type { Instant } from '../system/clock.ts';
import type { Answer, NetworkFailure } from '../system/transport.ts';
import {
  jsonObject,
  outcomeOfFailure,
  outcomeOfStatus,
  retryAfter,
  type Trouble,
} from './_outcome.ts';
import type { Line } from './channel.ts';

export interface TwilioAccount {
  readonly account_sid: string;
  readonly auth_token?: string | undefined;
  readonly api_key_sid?: string | undefined;
  readonly api_key_secret?: string | undefined;
  readonly base_url: string;
}

/** The last thing that was heard; null: nothing was asked. */
export interface Wire {
  heard: Answer | NetworkFailure | null;
}

type HttpClient = NonNullable<NonNullable<ConstructorParameters<typeof Twilio>[2]>['httpClient']>;
type Asked = Parameters<HttpClient['request']>[0];

/** Error codes: https://www.twilio.com/docs/api/errors */
const BAD_ADDRESS = new Set([
  21211, 21214, 21217, 21408, 21608, 21610, 21612, 21614, 21635, 30004, 30005, 30006, 30007, 30034,
]);
/** Whoever has the phone has said so. */
const OPTED_OUT = 21610;
const BAD_ACCOUNT = new Set([20003, 20005, 20008, 30002]);
const TOO_MANY = new Set([14107, 20429, 21611, 30001]);

/** What became of a message that was taken, in a few words. */
const WORDS: ReadonlyMap<number, string> = new Map([
  [21610, 'the recipient has opted out'],
  [30001, 'too many are queued'],
  [30002, 'the account is suspended'],
  [30003, 'unreachable handset'],
  [30004, 'blocked'],
  [30005, 'unknown handset'],
  [30006, 'a landline, or an unreachable carrier'],
  [30007, 'filtered by the carrier'],
  [30008, 'unknown error'],
  [30034, 'the sender is not registered'],
  [30036, 'too late to be of use'],
]);

/** The package loads its parts at their first use, 30 ms that no first page should wait for. */
export async function loadTwilio(): Promise<unknown> {
  const { default: twilio } = await import('twilio');
  const client = twilio(`AC${'0'.repeat(32)}`, 'never used');
  return [client.messages, client.calls, client.api.v2010.accounts];
}

/** A base of one's own may be a proxy: it leads to Twilio all the same. */
export function twilioReaches({ base_url }: TwilioAccount): readonly string[] {
  return [base_url, 'https://api.twilio.com'];
}

/** A client whose every call goes over this line and ends with its deadline. */
export async function ride(account: TwilioAccount, line: Line) {
  const { default: twilio } = await import('twilio');
  const wire: Wire = { heard: null };
  const username = account.api_key_sid ?? account.account_sid;
  const password = account.api_key_secret ?? account.auth_token ?? '';
  const client = twilio(username, password, {
    accountSid: account.account_sid,
    httpClient: clientOver(account.base_url, line, wire),
    // Empty, not absent: absent means the environment's.
    edge: '',
    region: '',
    logLevel: 'none',
  });
  return { client, wire };
}

/**
 * Is the account known and in good standing? A key may not ask for that; that it may read is what it
 * can show. https://www.twilio.com/docs/iam/api/account
 */
export async function checkAccount(account: TwilioAccount, line: Line): Promise<Outcome> {
  const { client, wire } = await ride(account, line);
  try {
    if (account.api_key_sid === undefined) {
      const { status } = await client.api.v2010.accounts(account.account_sid).fetch();
      if (status === 'active') return { outcome: 'accepted', reference: null };
      if (typeof status === 'string')
        return refused('auth', 'Twilio says the account is not active');
    } else {
      const { instances } = await client.messages.page({ pageSize: 1 });
      if (Array.isArray(instances)) return { outcome: 'accepted', reference: null };
    }
    return troubleOn(wire, line.clock.now());
  } catch {
    return troubleOn(wire, line.clock.now());
  }
}

/** What a call came to that could not be read as what had been asked for. */
export function troubleOn({ heard }: Wire, now: Instant): Trouble {
  if (heard === null) return refused('refused', 'not a message that can be sent');
  if ('failure' in heard) return outcomeOfFailure(heard);
  const code = jsonObject(heard.body)?.['code'];
  if (typeof code !== 'number') return outcomeOfStatus(heard, now);
  const detail = `Twilio ${String(code)} (HTTP ${String(heard.status)})`;
  const known = refusalBy(code, detail);
  if (known) return known;
  if (TOO_MANY.has(code)) {
    const wish = retryAfter(heard.headers, now);
    return { outcome: 'deferred', reason: 'rate_limited', detail, ...wish };
  }
  return outcomeOfStatus(heard, now, `Twilio ${String(code)}`);
}

/**
 * A message that was taken and did not arrive. A handset that is off is no wrong address, and nor is
 * what nobody can tell. `code`: Twilio's; null: it gave none.
 */
export function lost(status: string, code: number | null): Trouble {
  if (code === null) return refused('network', `Twilio says ${status}`);
  const detail = `${WORDS.get(code) ?? `Twilio says ${status}`} (${String(code)})`;
  const reason = TOO_MANY.has(code) ? 'rate_limited' : 'network';
  return refusalBy(code, detail) ?? refused(reason, detail);
}

/** What a code says of the account or the number, at once or later; null: nothing for good. */
export function refusalBy(code: number, detail: string): Trouble | null {
  if (BAD_ACCOUNT.has(code)) return refused('auth', detail);
  if (!BAD_ADDRESS.has(code)) return null;
  const unreachable =
    code === OPTED_OUT
      ? 'that phone has texted STOP, and can take it back by START'
      : `Twilio does not deliver to that number (${String(code)})`;
  return { ...refused('address', detail), unreachable };
}

function refused(
  reason: 'refused' | 'address' | 'auth' | 'rate_limited' | 'network',
  detail: string,
) {
  return { outcome: 'refused', reason, detail } as const;
}

/** The one method of the package's HTTP client. It throws to stop the SDK; `wire` says why. */
function clientOver(baseUrl: string, { transport, signal }: Line, wire: Wire): HttpClient {
  const client = {
    async request(asked: Asked) {
      const answer = await transport.call({
        url: urlOf(asked, baseUrl),
        method: asked.method.toUpperCase() === 'POST' ? 'POST' : 'GET',
        headers: {
          ...(asked.headers as Record<string, string>),
          Authorization: `Basic ${Buffer.from(`${asked.username ?? ''}:${asked.password ?? ''}`).toString('base64')}`,
        },
        body: asked.data === undefined ? null : formOf(asked.data as object).toString(),
        signal,
      });
      wire.heard = answer;
      if ('failure' in answer) throw new Error('no answer');
      return { statusCode: answer.status, body: answer.body, headers: answer.headers };
    },
  };
  return client as unknown as HttpClient;
}

/** Behind the configured base, which may have a path: the SDK knows only hosts of its own shape. */
function urlOf({ uri, params }: Asked, baseUrl: string): string {
  const { pathname, search } = new URL(uri);
  const query = params === undefined ? search : `?${formOf(params).toString()}`;
  return `${baseUrl.replace(/\/+$/, '')}${pathname}${query === '?' ? '' : query}`;
}

function formOf(fields: object): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.append(name, String(value));
  }
  return form;
}

/** Twilio's own have 32 hexadecimal digits; stand-ins and proxies need not. */
export function sid(prefix: 'AC' | 'SK' | 'MG') {
  const shape = new RegExp(`^${prefix}[0-9A-Za-z_-]+$`);
  return z.string().refine((text) => shape.test(text), `expected a SID that begins with ${prefix}`);
}
