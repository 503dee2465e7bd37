/** The registry of channels: one line each. Configuration, commands and contract tests start here. */
import type { AnyChannel } from './channel.ts';
import { consoleChannel } from './console.ts';
import { ntfy } from './ntfy.ts';
import { pagerduty } from './pagerduty.ts';
import { pushover } from './pushover.ts';
import { sendgrid } from './sendgrid.ts';
import { slack } from './slack.ts';
import { smtp } from './smtp.ts';
import { telegram } from './telegram.ts';
import { twilioSms } from './twilio-sms.ts';
import { webhook } from './webhook.ts';

const all: readonly AnyChannel[] = [
  consoleChannel,
  twilioSms,
  sendgrid,
  smtp,
  ntfy,
  pushover,
  telegram,
  slack,
  pagerduty,
  webhook,
];

/** By the value of `type:` in checks.yml. */
export const channels: ReadonlyMap<string, AnyChannel> = new Map(
  all.map((channel) => [channel.type, channel]),
);
