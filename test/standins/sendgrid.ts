/**
 * A stand-in of SendGrid's Mail Send, stricter than the vendor: a key that it does not know is
 * refused. 202 with an empty body and the id in a header.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
 */
import { randomUUID } from 'node:crypto';
import {
  isType,
  JSON_TYPE,
  parseObject,
  startStandin,
  type Received,
  type Reply,
  type Standin,
} from './_standin.ts';

export interface SendgridSettings {
  readonly port?: number;
  readonly apiKey: string;
}

export interface MailRecord {
  readonly id: string;
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** As posted. */
  readonly body: Readonly<Record<string, unknown>>;
}

export const MAIL_PARAMETERS = {
  required: ['personalizations', 'from', 'subject', 'content'],
  optional: ['reply_to', 'headers', 'categories', 'tracking_settings'],
};
const PERSONALIZATION_PARAMETERS = ['to', 'cc', 'bcc', 'subject', 'headers'];

export function startSendgrid({
  port = 0,
  apiKey,
}: SendgridSettings): Promise<Standin<MailRecord>> {
  return startStandin<MailRecord>(port, {
    tooMany: () => fault(429, null, 'too many requests'),
    answer(asked) {
      const isScopes = asked.path === '/v3/scopes' && asked.method === 'GET';
      if (asked.path !== '/v3/mail/send' && !isScopes) return fault(404, null, 'Not Found');
      if (asked.method !== 'POST' && !isScopes) return fault(405, null, 'method not allowed');
      if (asked.headers.authorization !== `Bearer ${apiKey}`) {
        return fault(401, null, 'The provided authorization grant is invalid, expired, or revoked');
      }
      if (isScopes) {
        const scopes = JSON.stringify({ scopes: ['mail.send', 'sender_verification_eligible'] });
        return { status: 200, body: scopes, headers: JSON_TYPE };
      }
      return take(asked);
    },
  });
}

function take({ headers, body }: Received): Reply<MailRecord> {
  if (!isType(headers, 'application/json')) return fault(415, null, 'Content-Type is wrong');
  const mail = parseObject(body);
  if (mail === null) return fault(400, null, 'Bad Request');
  const known = [...MAIL_PARAMETERS.required, ...MAIL_PARAMETERS.optional];
  for (const name of Object.keys(mail)) {
    if (!known.includes(name)) return fault(400, name, 'unknown parameter');
  }
  for (const name of MAIL_PARAMETERS.required) {
    if (mail[name] === undefined) return fault(400, name, `The ${name} parameter is required.`);
  }
  const from = addressOf(mail['from']);
  if (from === null) {
    return fault(400, 'from.email', 'The from email does not contain a valid address.');
  }
  const to = recipients(mail['personalizations']);
  if (typeof to === 'string') return fault(400, to, 'Does not contain a valid address.');
  if (typeof mail['subject'] !== 'string' || mail['subject'] === '') {
    return fault(400, 'subject', 'The subject is required.');
  }
  const parts = contents(mail['content']);
  if (parts === null) return fault(400, 'content', 'text/plain first, then text/html, not empty');
  const id = randomUUID();
  const taken = { id, to, from, subject: mail['subject'], ...parts, body: mail };
  return { status: 202, body: '', headers: { 'x-message-id': id }, taken };
}

/** The addresses, or the path of the field that is wrong. */
function recipients(personalizations: unknown): string[] | string {
  if (!Array.isArray(personalizations) || personalizations.length === 0) return 'personalizations';
  const found: string[] = [];
  for (const [n, entry] of (personalizations as Record<string, unknown>[]).entries()) {
    const at = `personalizations.${String(n)}`;
    const unknown = Object.keys(entry).find((key) => !PERSONALIZATION_PARAMETERS.includes(key));
    if (unknown !== undefined) return `${at}.${unknown}`;
    const to = entry['to'];
    if (!Array.isArray(to) || to.length === 0) return `${at}.to`;
    for (const [m, person] of to.entries()) {
      const address = addressOf(person);
      if (address === null) return `${at}.to.${String(m)}.email`;
      found.push(address);
    }
  }
  return found;
}

function contents(content: unknown): { text: string; html: string } | null {
  if (!Array.isArray(content) || content.length === 0) return null;
  const parts = content as { type?: string; value?: string }[];
  if (parts.some(({ value }) => typeof value !== 'string' || value === '')) return null;
  const types = parts.map(({ type }) => type).join();
  if (types !== 'text/plain' && types !== 'text/plain,text/html') return null;
  return { text: parts[0]?.value ?? '', html: parts[1]?.value ?? '' };
}

function addressOf(person: unknown): string | null {
  if (typeof person !== 'object' || person === null || !('email' in person)) return null;
  const { email } = person;
  return typeof email === 'string' && /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(email) ? email : null;
}

function fault(status: number, field: string | null, message: string): Reply<MailRecord> {
  const body = JSON.stringify({ errors: [{ message, field, help: null }] });
  return { status, body, headers: JSON_TYPE };
}
