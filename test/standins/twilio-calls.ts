/**
 * A stand-in of Twilio's Calls API, stricter than the vendor: unknown parameters are refused, and TwiML
 * with any verb but Pause, Say and a Gather of one key. A test says what became of a call (`end`), or is
 * the person who presses a key (`press`): then it calls back, signed, as Twilio does.
 * https://www.twilio.com/docs/voice/api/call-resource
 */
import { createHmac, randomUUID } from 'node:crypto';
import { isType, JSON_TYPE, startStandin, type Reply, type Standin } from './_standin.ts';
import { account } from './twilio.ts';

export interface CallRecord {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  twiml: string;
  status: string;
  answeredBy: string | null;
}

export interface TwilioCallsStandin extends Standin<CallRecord> {
  end(sid: string, status: string, answeredBy?: string): void;
  /** What the person hears next, as TwiML. Rejects unless our answer is such as Twilio would carry out. */
  press(sid: string, digit: string): Promise<string>;
}

const PARAMETERS = ['To', 'From', 'Twiml', 'Timeout', 'TimeLimit', 'MachineDetection'];
const SAY = '<Say loop="[1-9]">[^<>]+</Say>';
const GATHER = `<Gather numDigits="1" timeout="\\d+" action="([^"<>]+)">${SAY}</Gather>`;
const TWIML = new RegExp(
  `^<Response>(?:<Pause length="\\d+"/>)?(?:${GATHER})?(?:${SAY})*</Response>$`,
);
const PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>';
const TWIML_MAX = 4_000;

export async function startTwilioCalls(settings: {
  readonly accountSid: string;
  readonly password: string;
}): Promise<TwilioCallsStandin> {
  const calls = new Map<string, CallRecord>();
  const { accountSid, password } = settings;
  const basic = `Basic ${Buffer.from(`${accountSid}:${password}`).toString('base64')}`;
  const base = `/2010-04-01/Accounts/${accountSid}/Calls`;
  const standin = await startStandin<CallRecord>(0, {
    tooMany: () => fault(429, 20429, 'Too Many Requests'),
    answer({ method, path, headers, body }) {
      if (headers.authorization !== basic) return fault(401, 20003, 'Authenticate');
      if (method === 'GET' && path === `/2010-04-01/Accounts/${accountSid}.json`) {
        return account(accountSid);
      }
      const known = calls.get(path.slice(base.length + 1).replace('.json', ''));
      if (method === 'GET' && known !== undefined) return { ...json(200, shown(known)) };
      if (method !== 'POST' || path !== `${base}.json`) return fault(404, 20404, 'not found');
      const isForm = isType(headers, 'application/x-www-form-urlencoded');
      const form = Object.fromEntries(new URLSearchParams(isForm ? body : ''));
      const wrong = refusal(form);
      if (wrong !== null) return wrong;
      const sid = `CA${randomUUID().replaceAll('-', '')}`;
      const { To: to = '', From: from = '', Twiml: twiml = '' } = form;
      const call: CallRecord = { sid, to, from, twiml, status: 'queued', answeredBy: null };
      calls.set(sid, call);
      return { ...json(201, shown(call)), taken: call };
    },
  });
  const called = (sid: string): CallRecord => {
    const call = calls.get(sid);
    if (call === undefined) throw new Error(`no call ${sid}`);
    return call;
  };
  return Object.assign(standin, {
    end(sid: string, status: string, answeredBy?: string) {
      Object.assign(called(sid), { status, answeredBy: answeredBy ?? null });
    },
    async press(sid: string, Digits: string) {
      const call = called(sid);
      const action = TWIML.exec(call.twiml)?.[1];
      if (action === undefined) throw new Error('nobody waits for a key');
      const url = unescaped(action);
      const { to: To, from: From } = call;
      const form = { CallSid: sid, AccountSid: accountSid, To, From, Digits, msg: 'Gather End' };
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'x-twilio-signature': signatureOf(form, url, password) },
        body: new URLSearchParams(form),
      });
      const text = await answer.text();
      const twiml = text.slice(PROLOGUE.length);
      const isXml = answer.headers.get('content-type')?.startsWith('text/xml') === true;
      const isTwiml = text.startsWith(PROLOGUE) && twiml.length <= TWIML_MAX && TWIML.test(twiml);
      if (answer.status !== 200 || !isXml || !isTwiml) {
        throw new Error(`12100: an application error has occurred (${String(answer.status)})`);
      }
      call.twiml = twiml;
      return twiml;
    },
  });
}

/** https://www.twilio.com/docs/usage/webhooks/webhooks-security: the URL, then each parameter and its value in the order of their names. */
export function signatureOf(form: Record<string, string>, url: string, token: string): string {
  const said = Object.keys(form)
    .sort()
    .map((name) => `${name}${String(form[name])}`);
  return createHmac('sha1', token)
    .update(`${url}${said.join('')}`)
    .digest('base64');
}

function refusal(form: Record<string, string>): Reply<CallRecord> | null {
  const unknown = Object.keys(form).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) return fault(400, 20001, `Unknown parameter ${unknown}`);
  const { To = '', From = '', Twiml = '', Timeout = '60', TimeLimit = '14400' } = form;
  if (!/^\+[1-9]\d{6,14}$/.test(To)) return fault(400, 21217, 'Phone number is invalid');
  if (!/^\+[1-9]\d{6,14}$/.test(From)) return fault(400, 21212, "Invalid 'From'");
  if (Twiml.length > TWIML_MAX || !isTwiml(Twiml)) return fault(400, 21205, 'Invalid TwiML');
  if (!(Number(TimeLimit) <= 14_400)) return fault(400, 21221, 'Invalid TimeLimit');
  return Number(Timeout) <= 600 ? null : fault(400, 21220, 'Invalid Timeout');
}

function isTwiml(twiml: string): boolean {
  const match = TWIML.exec(twiml);
  return match !== null && (match[1] === undefined || URL.canParse(unescaped(match[1])));
}

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

function shown({ sid, to, status, answeredBy }: CallRecord): object {
  return { sid, to, status, answered_by: answeredBy, direction: 'outbound-api' };
}

function json(status: number, body: object): Reply<CallRecord> {
  return { status, body: JSON.stringify(body), headers: JSON_TYPE };
}

function fault(status: number, code: number, message: string): Reply<CallRecord> {
  const more_info = `https://www.twilio.com/docs/errors/${String(code)}`;
  return json(status, { code, message, more_info, status });
}
