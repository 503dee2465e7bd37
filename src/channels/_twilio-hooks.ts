/**
 * What Twilio calls to say: that somebody answered, and what became of a message. Whatever is not
 * signed with the auth token, over the URL that Twilio was given, was said by somebody else.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
import type { Outcome } from '../incident/notification.ts';
import type { Call, CallAnswer, Heard, Refusal } from './channel.ts';

interface Called {
  readonly account_sid: string;
  readonly auth_token?: string | undefined;
  readonly from?: string | undefined;
  readonly messaging_service_sid?: string | undefined;
}

/** TwiML that says nothing: the answer is a message of its own. */
const SILENCE = twiml('');
/** Twilio sends some twenty. */
const PARAMETERS_MAX = 200;
const SID = /^[A-Z]{2}[0-9A-Za-z]{1,62}$/;

export async function hearCall(
  call: Call,
  options: Called,
  fate: (reference: string, status: string, errorCode: number | null) => Outcome,
): Promise<Heard | Refusal> {
  const read = await readCall(call, options, 'MessageSid');
  if ('refusal' in read) return read;
  const { form, reference } = read;
  if (call.what === 'status') {
    const errorCode = Number(form.get('ErrorCode')) || null;
    const outcome = fate(reference, form.get('MessageStatus') ?? '', errorCode);
    return { spoken: [], fates: [{ reference, outcome }], answer: () => SILENCE };
  }
  if (call.what !== 'sms' || !isOurs(form, options)) return { refusal: 'another' };
  const said = { from: form.get('From') ?? '', text: form.get('Body') ?? '' };
  return { spoken: [{ ...said, sentAt: call.at, reference }], fates: [], answer: () => SILENCE };
}

/** What Twilio, and nobody else, has said about the message or call whose id is in the field `sid`. */
export async function readCall(
  { url, headers, body }: Call,
  { auth_token: token, account_sid }: Pick<Called, 'auth_token' | 'account_sid'>,
  sid: 'MessageSid' | 'CallSid',
): Promise<{ readonly form: URLSearchParams; readonly reference: string } | Refusal> {
  const form = new URLSearchParams(body);
  // Anybody may send it, and checking the signature sorts and joins all of it.
  if (form.size > PARAMETERS_MAX) return { refusal: 'signature' };
  const { default: twilio } = await import('twilio');
  const params = Object.fromEntries([...form.keys()].map((key) => [key, form.getAll(key)]));
  const signature = headers['x-twilio-signature'] ?? '';
  if (token === undefined || !twilio.validateRequest(token, signature, url, params)) {
    return { refusal: 'signature' };
  }
  const reference = form.get(sid) ?? '';
  const isOfAccount = SID.test(reference) && form.get('AccountSid') === account_sid;
  return isOfAccount ? { form, reference } : { refusal: 'another' };
}

export function twiml(verbs: string): CallAnswer {
  return {
    type: 'text/xml; charset=utf-8',
    body: `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`,
  };
}

/** Two channels may share an account: a reply is for the one whose number it was sent to. */
function isOurs(form: URLSearchParams, { from, messaging_service_sid: service }: Called): boolean {
  return from === undefined ? form.get('MessagingServiceSid') === service : form.get('To') === from;
}
