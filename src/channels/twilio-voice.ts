/**
 * A telephone call by Twilio, which says twice what is down. A call that was taken proves nothing: a
 * pocket or a child may have done it. Only a pressed key would, and that needs a webhook; so the
 * escalation goes another way unless somebody acknowledges by SMS. After a request whose answer was
 * lost it calls again: a call cannot be told from one about something else.
 * https://www.twilio.com/docs/voice/api/call-resource
 */
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import { call } from '../message/call.ts';
import { e164, httpUrl, secretText } from '../system/values.ts';
import { loadTwilio, ride, sid, troubleOn, twilioReaches } from './_twilio.ts';
import type { Channel, Letter } from './channel.ts';

const options = z.strictObject({
  account_sid: sid('AC'),
  auth_token: secretText(),
  from: e164(),
  base_url: httpUrl().default('https://api.twilio.com'),
});
type Options = z.infer<typeof options>;

interface Call {
  readonly to: string;
  readonly twiml: string;
}

/** Before most mailboxes answer. */
const RINGS_SECONDS = 25;
/** Of a status that ends a call: https://www.twilio.com/docs/voice/api/call-resource#call-status-values */
const NOT_REACHED = new Set(['busy', 'no-answer', 'failed', 'canceled']);

export const twilioVoice: Channel<Options, Call> = {
  type: 'twilio-voice',
  options,
  address: 'sms',
  pagesOnly: true,
  proof: () => 'receipt',
  reaches: twilioReaches,
  load: loadTwilio,
  render({ notification, to, reader }: Letter): Call {
    const words = escape(call(notification.facts, notification.kind, reader));
    const twiml = `<Response><Pause length="1"/><Say loop="2">${words}</Say></Response>`;
    return { to: to ?? '', twiml };
  },
  async send({ to, twiml }, given, line): Promise<Outcome> {
    const { client, wire } = await ride(given, line);
    try {
      const { sid: reference } = await client.calls.create({
        to,
        from: given.from,
        twiml,
        timeout: RINGS_SECONDS,
        machineDetection: 'Enable',
      });
      if (typeof reference === 'string') return { outcome: 'accepted', reference };
      return troubleOn(wire, line.clock.now());
    } catch {
      return troubleOn(wire, line.clock.now());
    }
  },
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
};

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
