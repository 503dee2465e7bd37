/**
 * A stand-in of Twilio's Calls API, stricter than the vendor: unknown parameters and TwiML with any
 * verb but Pause and Say are refused. A test says what became of a call (`end`).
 * https://www.twilio.com/docs/voice/api/call-resource
 */
import { randomUUID } from 'node:crypto';
import { isType, JSON_TYPE, startStandin, type Reply, type Standin } from './_standin.ts';
import { account } from './twilio.ts';

export interface CallRecord {
  readonly sid: string;
  readonly to: string;
  readonly twiml: string;
  status: string;
  answeredBy: string | null;
}

export interface TwilioCallsStandin extends Standin<CallRecord> {
  end(sid: string, status: string, answeredBy?: string): void;
}

const PARAMETERS = ['To', 'From', 'Twiml', 'Timeout', 'MachineDetection'];
const TWIML = /^<Response><Pause length="\d+"\/><Say loop="\d+">[^<>]+<\/Say><\/Response>$/;

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
      const { To: to = '', Twiml: twiml = '' } = form;
      const call: CallRecord = { sid, to, twiml, status: 'queued', answeredBy: null };
      calls.set(sid, call);
      return { ...json(201, shown(call)), taken: call };
    },
  });
  return Object.assign(standin, {
    end(sid: string, status: string, answeredBy?: string) {
      const call = calls.get(sid);
      if (call === undefined) throw new Error(`no call ${sid}`);
      Object.assign(call, { status, answeredBy: answeredBy ?? null });
    },
  });
}

function refusal(form: Record<string, string>): Reply<CallRecord> | null {
  const unknown = Object.keys(form).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) return fault(400, 20001, `Unknown parameter ${unknown}`);
  const { To = '', From = '', Twiml = '', Timeout = '60' } = form;
  if (!/^\+[1-9]\d{6,14}$/.test(To)) return fault(400, 21217, 'Phone number is invalid');
  if (!/^\+[1-9]\d{6,14}$/.test(From)) return fault(400, 21212, "Invalid 'From'");
  if (Twiml.length > 4_000 || !TWIML.test(Twiml)) return fault(400, 21205, 'Invalid TwiML');
  return Number(Timeout) <= 600 ? null : fault(400, 21220, 'Invalid Timeout');
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
