/** The registry of channels: one line each. Configuration, commands and contract tests start here. */
import { alertmanager } from './alertmanager.ts';
import type { AnyChannel } from './channel.ts';
import { consoleChannel } from './console.ts';
import { discord } from './discord.ts';
import { exec } from './exec.ts';
import { mattermost } from './mattermost.ts';
import { ntfy } from './ntfy.ts';
import { pagerduty } from './pagerduty.ts';
import { pushover } from './pushover.ts';
import { sendgrid } from './sendgrid.ts';
import { slack } from './slack.ts';
import { smtp } from './smtp.ts';
import { teams } from './teams.ts';
import { telegram } from './telegram.ts';
import { twilioSms } from './twilio-sms.ts';
import { twilioVoice } from './twilio-voice.ts';
import { webhook } from './webhook.ts';

const all: readonly AnyChannel[] = [
  consoleChannel,
  twilioSms,
  twilioVoice,
  sendgrid,
  smtp,
  ntfy,
  pushover,
  telegram,
  slack,
  discord,
  teams,
  mattermost,
  pagerduty,
  alertmanager,
  webhook,
  exec,
];

/** By the value of `type:` in checks.yml. */
export const channels: ReadonlyMap<string, AnyChannel> = new Map(
  all.map((channel) => [channel.type, channel]),
);
