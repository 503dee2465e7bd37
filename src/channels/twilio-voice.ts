/**
 * A telephone call by Twilio, which says twice what is down. A call that was taken proves nothing: a
 * pocket or a mailbox may have done it. Only a pressed key does, which Twilio brings to us where it can
 * reach us; else the escalation goes another way unless somebody acknowledges by SMS. After a request
 * whose answer was lost it calls again: a call cannot be told from one about something else.
 * https://www.twilio.com/docs/voice/api/call-resource
 */
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import { answered, byWriting, call, codeToPress, PRESS } from '../message/call.ts';
import { e164, httpUrl, secretText } from '../system/values.ts';
import { readCall, twiml } from './_twilio-hooks.ts';
import { checkAccount, loadTwilio, ride, sid, troubleOn, twilioReaches } from './_twilio.ts';
import type { Call, Channel, Heard, Letter, Refusal } from './channel.ts';

const options = z.strictObject({
  account_sid: sid('AC'),
  auth_token: secretText(),
  from: e164(),
  keys: z
    .boolean()
    .default(true)
    .describe(
      'Press 4 to acknowledge, where there is a public_url: false if Twilio cannot reach it',
    ),
  base_url: httpUrl().default('https://api.twilio.com'),
});
type Options = z.infer<typeof options>;

interface Ring {
  readonly to: string;
  readonly twiml: string;
}

/** Before most mailboxes answer. */
const RINGS_SECONDS = 25;
/** To hear it twice, and to find the keys: a pocket that presses one again and again is hung up on. */
const CALL_MAX_SECONDS = 180;
const FIND_KEYS_SECONDS = 10;
const CODE = /^[0-9A-Z]{2,6}$/;
const KEYS: ReadonlyMap<string, string> = new Map([
  ['4', 'ACK'],
  ['6', 'ESC'],
]);
/** Of a status that ends a call: https://www.twilio.com/docs/voice/api/call-resource#call-status-values */
const NOT_REACHED = new Set(['busy', 'no-answer', 'failed', 'canceled']);

export const twilioVoice: Channel<Options, Ring> = {
  type: 'twilio-voice',
  options,
  address: 'sms',
  pagesOnly: true,
  proof: () => 'receipt',
  reaches: twilioReaches,
  load: loadTwilio,
  render({ notification, to, reader, callback }: Letter): Ring {
    const { facts, kind } = notification;
    const code = callback === null ? null : codeToPress(facts, kind, reader);
    const words = call(facts, kind, reader, code !== null);
    const verbs =
      code === null
        ? say(words, 2)
        : gather(words, `${callback ?? ''}/voice?code=${code}`) + say(byWriting(code));
    return { to: to ?? '', twiml: `<Response><Pause length="1"/>${verbs}</Response>` };
  },
  async send({ to, twiml }, given, line): Promise<Outcome> {
    const { client, wire } = await ride(given, line);
    try {
      const { sid: reference } = await client.calls.create({
        to,
        from: given.from,
        twiml,
        timeout: RINGS_SECONDS,
        timeLimit: CALL_MAX_SECONDS,
        machineDetection: 'Enable',
      });
      if (typeof reference === 'string') return { outcome: 'accepted', reference };
      return troubleOn(wire, line.clock.now());
    } catch {
      return troubleOn(wire, line.clock.now());
    }
  },
  check: checkAccount,
  async follow(reference, given, line): Promise<Outcome | null> {
    const { client, wire } = await ride(given, line);
    try {
      const { status, answeredBy } = await client.calls(reference).fetch();
      return fate(reference, status, answeredBy);
    } catch {
      const { outcome, reason, detail } = troubleOn(wire, line.clock.now());
      return outcome === 'refused' ? null : { outcome: 'unconfirmed', reason, detail };
    }
  },
  vendor: 'twilio',
  isCalled: ({ keys }) => keys,
  hear,
};

/** A key was pressed while the call went on: whatever key it was, somebody is there. */
async function hear(asked: Call, given: Options): Promise<Heard | Refusal> {
  const read = await readCall(asked, given, 'CallSid');
  if ('refusal' in read) return read;
  const { form, reference } = read;
  const code = new URL(asked.url).searchParams.get('code') ?? '';
  const isOurs = asked.what === 'voice' && form.get('From') === given.from && CODE.test(code);
  if (!isOurs) return { refusal: 'another' };
  const digit = form.get('Digits') ?? '';
  const verb = KEYS.get(digit);
  if (verb === undefined) {
    const isPressed = /^[0-9*#]$/.test(digit);
    return {
      spoken: [],
      fates: isPressed ? [pressed(reference)] : [],
      answer: () => twiml(gather(PRESS, asked.url)),
    };
  }
  const words = { from: form.get('To') ?? '', text: `${verb} ${code}` };
  return {
    // Twilio may bring it twice: it is one word about one call.
    spoken: [{ ...words, sentAt: asked.at, reference: `${reference}.${digit}` }],
    fates: [pressed(reference)],
    answer: (said) => twiml(say(answered(said, code))),
  };
}

function pressed(reference: string) {
  return { reference, outcome: { outcome: 'delivered', reference } } as const;
}

function say(words: string, loop = 1): string {
  return `<Say loop="${String(loop)}">${escape(words)}</Say>`;
}

/** https://www.twilio.com/docs/voice/twiml/gather */
function gather(words: string, action: string): string {
  const timeout = String(FIND_KEYS_SECONDS);
  return `<Gather numDigits="1" timeout="${timeout}" action="${escape(action)}">${say(words, 2)}</Gather>`;
}

/** A machine that has answered has not been reached by the page, whatever it recorded. */
function fate(reference: string, status: string, answeredBy: string | null): Outcome {
  const isMachine = /^(?:machine|fax)/.test(answeredBy ?? '');
  if (!NOT_REACHED.has(status) && !isMachine) return { outcome: 'accepted', reference };
  const what = isMachine ? 'a machine answered' : status;
  return { outcome: 'refused', reason: 'address', detail: `Twilio says ${what}` };
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${String(letter.codePointAt(0))};`);
}
