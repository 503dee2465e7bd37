/** What channels are handed in contract tests: the real transport over loopback, and each one's stand-in. */
import type { Line } from '../../src/channels/channel.ts';
import { systemClock } from '../../src/system/clock.ts';
import { createTransport } from '../../src/system/network.ts';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import { programRunner } from '../../src/system/program.ts';
import {
  ACCOUNT_SID,
  ANAS_PUSHOVER,
  ANAS_TELEGRAM,
  OPTIONS,
  OUR_NUMBER,
  SECRETS,
} from '../channels/letters.ts';
import type { Standin } from '../standins/_standin.ts';
import { startAlertmanager } from '../standins/alertmanager.ts';
import { startDiscord, startMattermost, startTeams } from '../standins/chats.ts';
import { startNtfy } from '../standins/ntfy.ts';
import { startPagerduty } from '../standins/pagerduty.ts';
import { startPushover } from '../standins/pushover.ts';
import { startSendgrid } from '../standins/sendgrid.ts';
import { startSlack } from '../standins/slack.ts';
import { startTelegram } from '../standins/telegram.ts';
import { startTwilioCalls } from '../standins/twilio-calls.ts';
import { startTwilio } from '../standins/twilio.ts';
import { startWebhookSink } from '../standins/webhook-sink.ts';

export interface Vendor {
  /** The channel's type. */
  readonly type: string;
  start(): Promise<Standin<unknown>>;
  /** What is written for the URL of the vendor. */
  options(url: string): object;
  /** Options with which the vendor does not let us in. */
  wrongOptions(url: string): object;
  /** Where its messages go. */
  readonly to: string | null;
}

const vendor = (
  type: string,
  start: Vendor['start'],
  at: (url: string) => object,
  wrong: object,
  to: string | null = null,
): Vendor => ({
  type,
  start,
  to,
  options: (url) => ({ ...OPTIONS[type], ...at(url) }),
  wrongOptions: (url) => ({ ...OPTIONS[type], ...at(url), ...wrong }),
});

/** Whose URL is the password. */
const chatVendor = (
  type: string,
  start: (path: string) => ReturnType<Vendor['start']>,
  path: string,
): Vendor => ({
  type,
  start: () => start(path),
  to: null,
  options: (url) => ({ webhook_url: `${url}${path}` }),
  wrongOptions: (url) => ({ webhook_url: `${url}/elsewhere` }),
});

export const VENDORS: readonly Vendor[] = [
  vendor(
    'twilio-sms',
    () => startTwilio({ accountSid: ACCOUNT_SID, password: SECRETS.twilio, number: OUR_NUMBER }),
    (url) => ({ base_url: url }),
    { auth_token: 'not-the-token' },
    '+351912345678',
  ),
  vendor(
    'twilio-voice',
    () => startTwilioCalls({ accountSid: ACCOUNT_SID, password: SECRETS.twilio }),
    (url) => ({ base_url: url }),
    { auth_token: 'not-the-token' },
    '+351912345678',
  ),
  vendor(
    'sendgrid',
    () => startSendgrid({ apiKey: SECRETS.sendgrid }),
    (url) => ({ base_url: url }),
    { api_key: 'SG.not-the-key' },
    'ana@example.com',
  ),
  vendor(
    'ntfy',
    () => startNtfy({ topic: SECRETS.ntfyTopic, token: SECRETS.ntfyToken }),
    (url) => ({ url }),
    { token: 'tk_not_the_token' },
  ),
  vendor(
    'slack',
    () => startSlack({ path: SECRETS.slackPath }),
    (url) => ({ webhook_url: `${url}${SECRETS.slackPath}` }),
    {},
  ),
  vendor(
    'pagerduty',
    () => startPagerduty(SECRETS.pagerduty),
    (url) => ({ base_url: url }),
    { routing_key: 'anotherkey0123456789abcdef012345' },
  ),
  vendor(
    'pushover',
    () => startPushover({ token: SECRETS.pushover, users: [ANAS_PUSHOVER] }),
    (url) => ({ base_url: url, retry: '1m', expire: '10m' }),
    { token: 'anotherTokenOf30Letters0123456' },
    ANAS_PUSHOVER,
  ),
  vendor(
    'telegram',
    () => startTelegram({ token: SECRETS.telegram, chats: [ANAS_TELEGRAM] }),
    (url) => ({ base_url: url }),
    { token: '110201543:another' },
    ANAS_TELEGRAM,
  ),
  chatVendor('discord', startDiscord, SECRETS.discordPath),
  chatVendor('teams', startTeams, SECRETS.teamsPath),
  chatVendor('mattermost', startMattermost, SECRETS.mattermostPath),
  vendor(
    'alertmanager',
    () => startAlertmanager({ user: 'tocsin', password: SECRETS.alertmanager }),
    (url) => ({ url, expires: '24h' }),
    { password: 'another' },
  ),
  vendor(
    'webhook',
    () => startWebhookSink({ secret: SECRETS.webhook }),
    (url) => ({ url }),
    { secret: `whsec_${Buffer.from('another secret of 24 byt').toString('base64')}` },
  ),
];

const clock = systemClock();

/** One to share; whoever makes it closes its transport. */
export function hands(): Omit<Line, 'signal'> {
  const transport = createTransport({ clock, resolver: new OwnResolver({ clock }) });
  return { clock, transport, run: programRunner(clock) };
}
