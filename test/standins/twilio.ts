/**
 * A stand-in of Twilio's Messages API, stricter than the vendor: an unknown parameter is refused,
 * where Twilio would ignore it. It takes SMS, shows them in its list newest first, and lets a test
 * be the person who answers (`receive`) and the carrier who delivers (`progress`).
 * https://www.twilio.com/docs/messaging/api/message-resource
 */
import { randomUUID } from 'node:crypto';
import { septets } from '../../src/message/gsm7.ts';
import {
  isType,
  JSON_TYPE,
  startStandin,
  type Received,
  type Reply,
  type Standin,
} from './_standin.ts';

export interface TwilioSettings {
  readonly port?: number;
  readonly accountSid: string;
  /** The account's SID and its token, unless an API key is used. */
  readonly username?: string;
  readonly password: string;
  /** The number that replies come to. */
  readonly number: string;
  readonly now?: () => number;
}

export interface SmsRecord {
  readonly sid: string;
  readonly to: string;
  readonly from: string | null;
  readonly body: string;
  readonly direction: 'inbound' | 'outbound-api';
  /** Of the body; more than 160 is more than one segment, Infinity is not GSM-7. */
  readonly septets: number;
  readonly messagingServiceSid: string | null;
  readonly at: number;
  /** As posted. */
  readonly form: Readonly<Record<string, string>>;
  status: string;
  errorCode: number | null;
}

export interface TwilioStandin extends Standin<SmsRecord> {
  /** Somebody's phone sends an SMS to our number. */
  receive(from: string, body: string): SmsRecord;
  /** The carrier says what became of one. */
  progress(sid: string, status: string, errorCode?: number): void;
}

export const MESSAGE_PARAMETERS = {
  required: ['To'],
  optional: ['From', 'MessagingServiceSid', 'Body', 'ValidityPeriod', 'StatusCallback'],
};
export const LIST_PARAMETERS = [
  'To',
  'From',
  'DateSent',
  'DateSent<',
  'DateSent>',
  'PageSize',
  'Page',
  'PageToken',
];

const BODY_MAX = 1_600;
const PAGE_SIZE_DEFAULT = 50;
const PAGE_SIZE_MAX = 1_000;

export async function startTwilio(settings: TwilioSettings): Promise<TwilioStandin> {
  const messages: SmsRecord[] = [];
  const now = settings.now ?? Date.now;
  const base = `/2010-04-01/Accounts/${settings.accountSid}/Messages`;
  const one = new RegExp(`^${base}/(SM[0-9a-f]{32})\\.json$`);

  const answer = (asked: Received): Reply<SmsRecord> => {
    const username = settings.username ?? settings.accountSid;
    const basic = Buffer.from(`${username}:${settings.password}`).toString('base64');
    if (asked.headers.authorization !== `Basic ${basic}`) {
      return fault(401, 20003, 'Authenticate');
    }
    if (
      asked.path === `/2010-04-01/Accounts/${settings.accountSid}.json` &&
      asked.method === 'GET'
    ) {
      return account(settings.accountSid);
    }
    const sid = one.exec(asked.path)?.[1];
    if (sid !== undefined && asked.method === 'GET') {
      const found = messages.find((message) => message.sid === sid);
      if (found !== undefined) return json(200, render(found, settings));
    }
    if (asked.path !== `${base}.json`) {
      return fault(404, 20404, `The requested resource ${asked.path} was not found`);
    }
    if (asked.method === 'GET') return list(asked, messages, `${base}.json`, settings);
    if (asked.method === 'POST') return create(asked, messages, now(), settings);
    return fault(405, 20004, 'Method not allowed');
  };

  const standin = await startStandin<SmsRecord>(settings.port ?? 0, {
    answer(asked) {
      const reply = answer(asked);
      return { ...reply, headers: { ...reply.headers, date: new Date(now()).toUTCString() } };
    },
    tooMany: () => fault(429, 20429, 'Too Many Requests'),
  });
  return {
    ...standin,
    receive(from, body) {
      const at = now();
      const message = record({ To: settings.number, From: from, Body: body }, 'inbound', at);
      messages.unshift(message);
      return message;
    },
    progress(sid, status, errorCode) {
      const message = messages.find((candidate) => candidate.sid === sid);
      if (message === undefined) throw new Error(`no message ${sid}`);
      message.status = status;
      message.errorCode = errorCode ?? null;
    },
  };
}

/** https://www.twilio.com/docs/iam/api/account */
export function account<R>(accountSid: string): Reply<R> {
  const about = { sid: accountSid, friendly_name: 'Stand-in', status: 'active', type: 'Full' };
  return { status: 200, body: JSON.stringify(about), headers: JSON_TYPE };
}

function create(
  { headers, body }: Received,
  messages: SmsRecord[],
  at: number,
  settings: TwilioSettings,
): Reply<SmsRecord> {
  if (!isType(headers, 'application/x-www-form-urlencoded')) {
    return fault(415, 20415, 'Unsupported media type');
  }
  const entries = [...new URLSearchParams(body)];
  const form = Object.fromEntries(entries);
  const wrong = refusal(form, entries.length);
  if (wrong !== null) return wrong;
  const message = record(form, 'outbound-api', at);
  messages.unshift(message);
  return { ...json(201, render(message, settings)), taken: message };
}

function refusal(form: Record<string, string>, count: number): Reply<SmsRecord> | null {
  const known = [...MESSAGE_PARAMETERS.required, ...MESSAGE_PARAMETERS.optional];
  for (const name of Object.keys(form)) {
    if (!known.includes(name)) return fault(400, 20001, `Unknown parameter ${name}`);
  }
  if (count !== Object.keys(form).length) return fault(400, 20001, 'A parameter given twice');
  const { To, From, MessagingServiceSid, Body, ValidityPeriod, StatusCallback } = form;
  if (To === undefined || To === '') return fault(400, 21604, "A 'To' phone number is required.");
  if (!isNumber(To)) return fault(400, 21211, `The 'To' number ${To} is not a valid phone number.`);
  if (From === undefined && MessagingServiceSid === undefined) {
    return fault(400, 21603, "A 'From' phone number is required.");
  }
  if (From !== undefined && !isNumber(From)) {
    return fault(400, 21212, `The 'From' number ${From} is not a valid phone number.`);
  }
  if (MessagingServiceSid !== undefined && !/^MG[0-9a-fA-F]{32}$/.test(MessagingServiceSid)) {
    return fault(400, 21701, 'The Messaging Service does not exist');
  }
  if (Body === undefined || Body === '') return fault(400, 21602, 'Message body is required.');
  if (Body.length > BODY_MAX) {
    return fault(400, 21617, 'The concatenated message body exceeds the 1600 character limit.');
  }
  if (ValidityPeriod !== undefined && !isWithin(ValidityPeriod, 1, 36_000)) {
    return fault(400, 21622, 'ValidityPeriod must be from 1 to 36000');
  }
  if (StatusCallback !== undefined && !URL.canParse(StatusCallback)) {
    return fault(400, 21609, 'Invalid StatusCallback URL');
  }
  return null;
}

function record(
  form: Record<string, string>,
  direction: SmsRecord['direction'],
  at: number,
): SmsRecord {
  const body = form['Body'] ?? '';
  return {
    sid: `SM${randomUUID().replaceAll('-', '')}`,
    to: form['To'] ?? '',
    from: form['From'] ?? null,
    body,
    direction,
    septets: septets(body),
    messagingServiceSid: form['MessagingServiceSid'] ?? null,
    at: Math.floor(at / 1000) * 1000,
    form,
    status: direction === 'inbound' ? 'received' : 'queued',
    errorCode: null,
  };
}

function list(
  { query }: Received,
  messages: readonly SmsRecord[],
  path: string,
  settings: TwilioSettings,
): Reply<SmsRecord> {
  for (const name of query.keys()) {
    if (!LIST_PARAMETERS.includes(name)) return fault(400, 20001, `Unknown parameter ${name}`);
  }
  const size = query.get('PageSize') ?? String(PAGE_SIZE_DEFAULT);
  if (!isWithin(size, 1, PAGE_SIZE_MAX)) return fault(400, 20006, 'Invalid PageSize');
  const dates = ['DateSent', 'DateSent<', 'DateSent>'].map((name) => query.get(name));
  if (dates.some((date) => date !== null && Number.isNaN(Date.parse(date)))) {
    return fault(400, 20001, 'Invalid DateSent');
  }
  const page = Number(query.get('Page') ?? 0);
  const found = messages.filter((message) => matches(message, query));
  const start = page * Number(size);
  const shown = found.slice(start, start + Number(size));
  const uri = (n: number, token?: string) => {
    const asked = new URLSearchParams(query);
    asked.set('PageSize', size);
    asked.set('Page', String(n));
    asked.delete('PageToken');
    if (token !== undefined) asked.set('PageToken', token);
    return `${path}?${asked.toString()}`;
  };
  const hasNext = found.length > start + shown.length;
  return json(200, {
    first_page_uri: uri(0),
    end: start + Math.max(0, shown.length - 1),
    previous_page_uri: page === 0 ? null : uri(page - 1),
    messages: shown.map((message) => render(message, settings)),
    uri: uri(page),
    page_size: Number(size),
    start,
    next_page_uri: hasNext ? uri(page + 1, `PA${shown.at(-1)?.sid ?? ''}`) : null,
    page,
  });
}

function matches(message: SmsRecord, query: URLSearchParams): boolean {
  const equals = (name: string, value: string | null) =>
    query.get(name) === null || query.get(name) === value;
  const date = (name: string) => Date.parse(query.get(name) ?? '');
  const day = new Date(message.at).toISOString().slice(0, 10);
  return (
    equals('To', message.to) &&
    equals('From', message.from) &&
    (!query.has('DateSent') || query.get('DateSent')?.slice(0, 10) === day) &&
    !(message.at < date('DateSent>')) &&
    !(message.at > date('DateSent<'))
  );
}

function render(message: SmsRecord, { accountSid }: TwilioSettings) {
  const date = new Date(message.at).toUTCString().replace('GMT', '+0000');
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}`;
  return {
    account_sid: accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: date,
    date_sent: date,
    date_updated: date,
    direction: message.direction,
    error_code: message.errorCode,
    error_message: message.errorCode === null ? null : 'Failed',
    from: message.from,
    messaging_service_sid: message.messagingServiceSid,
    num_media: '0',
    num_segments: message.septets <= 160 ? '1' : '2',
    price: null,
    price_unit: 'USD',
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: message.to,
    uri: `${uri}.json`,
  };
}

function isNumber(text: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(text);
}

function isWithin(text: string, min: number, max: number): boolean {
  return /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
}

function json(status: number, body: unknown): Reply<SmsRecord> {
  return { status, body: JSON.stringify(body), headers: JSON_TYPE };
}

function fault(status: number, code: number, message: string): Reply<SmsRecord> {
  const more_info = `https://www.twilio.com/docs/errors/${String(code)}`;
  return json(status, { code, message, more_info, status });
}
