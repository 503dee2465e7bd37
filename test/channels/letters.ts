/** Letters to render and options to render them with, for tests of channels. */
import { alertmanager } from '../../src/channels/alertmanager.ts';
import type { Letter } from '../../src/channels/channel.ts';
import { pushover } from '../../src/channels/pushover.ts';
import type { Notification } from '../../src/incident/notification.ts';
import type { IncidentView } from '../../src/incident/view.ts';
import { facts, reader, SINCE, type Example } from '../message/facts.ts';

export const ACCOUNT_SID = `AC${'0123456789abcdef'.repeat(2)}`;
export const SECRETS = {
  twilio: 'twilio-auth-token-6f1e',
  sendgrid: 'SG.sendgrid-key-77aa',
  ntfyTopic: 'ntfy-topic-d0c5',
  ntfyToken: 'tk_ntfytoken9b3c',
  pagerduty: 'pagerdutykey0123456789abcdef0123',
  pushover: 'azGDORePK8gMaC0QOYAMyEEuzJnyUi',
  telegram: '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw',
  discordPath: '/api/webhooks/223704706495545344/discordsecret3d7b4',
  teamsPath: '/workflows/5a1f/triggers/manual/teamssecret8841',
  mattermostPath: '/hooks/mattermostsecret77',
  alertmanager: 'alertmanager-password-31c0',
  slackPath: '/services/T0001/B0001/slacksecret41d2',
  webhook: `whsec_${Buffer.from('a webhook secret of 24 b').toString('base64')}`,
};
export const OUR_NUMBER = '+15005550006';
export const ANAS_NUMBER = '+351912345678';
export const ANAS_PUSHOVER = 'uQiRzpo4DXghDmr9QzzfQu27cmVRsG';
export const ANAS_TELEGRAM = '123456789';

/** What each channel's schema would have made of a minimal entry in checks.yml. */
export const OPTIONS: Readonly<Record<string, object>> = {
  console: {},
  'twilio-sms': {
    account_sid: ACCOUNT_SID,
    auth_token: SECRETS.twilio,
    from: OUR_NUMBER,
    replies: 'poll',
    proof: 'delivered',
  },
  smtp: { server: { host: '127.0.0.1', port: 25 }, from: 'alerts@example.com' },
  sendgrid: { api_key: SECRETS.sendgrid, from: 'alerts@example.com' },
  ntfy: { topic: SECRETS.ntfyTopic, token: SECRETS.ntfyToken },
  slack: {},
  'twilio-voice': {
    ...{ account_sid: ACCOUNT_SID, auth_token: SECRETS.twilio, from: OUR_NUMBER, keys: true },
  },
  exec: { command: ['/usr/local/bin/tell'], env: {} },
  discord: {},
  teams: {},
  mattermost: {},
  alertmanager: alertmanager.options.parse({
    url: 'http://alerts.example.com',
    user: 'tocsin',
    password: SECRETS.alertmanager,
  }),
  telegram: { token: SECRETS.telegram },
  pushover: pushover.options.parse({ token: SECRETS.pushover }),
  pagerduty: { routing_key: SECRETS.pagerduty },
  webhook: { secret: SECRETS.webhook, envelope: 'none' },
};

/** What somebody may still acknowledge. */
const ASKING: ReadonlySet<string> = new Set([
  'opened',
  'escalated',
  'updated',
  'reopened',
  'flapping',
  'still_down',
]);

const INCIDENT: IncidentView = {
  id: '01HINCIDENT',
  code: '7K',
  state: 'open',
  severity: 'critical',
  title: 'Shop home page',
  checks: [{ id: 'shop', state: 'down', since: new Date(SINCE).toISOString(), reason: 'status' }],
  checksTotal: 1,
  openedAt: new Date(SINCE).toISOString(),
  acknowledgedAt: null,
  acknowledgedBy: null,
  silencedAt: null,
  resolvedAt: null,
  escalation: 'on-call',
  timeline: [{ at: new Date(SINCE).toISOString(), type: 'opened' }],
  notifications: [],
};

export function letter(
  example: Example = { name: 'opened', kind: 'page', facts: facts() },
  to: string | null = null,
  canAnswer = true,
): Letter {
  const { facts: told, kind } = example;
  const at = 'at' in told ? told.at : SINCE;
  const isPost = kind === 'post' || told.event === 'drill_begun' || told.event === 'drill_over';
  const isAboutNone = !('code' in told);
  const isAboutIncident = 'severity' in told;
  const notification: Notification = {
    key: `01HINCIDENT.${example.name}`,
    kind,
    about: isAboutNone ? [] : ['01HINCIDENT'],
    responder: isPost ? null : 'ana',
    channel: 'sms',
    state: 'queued',
    reason: null,
    facts: told,
    at,
    dueAt: at,
    attempts: 0,
    acceptedAt: null,
    proofDueAt: null,
    reference: null,
    standsInFor: null,
  };
  const asks = told.event === 'drill' || ((kind === 'page' || isPost) && ASKING.has(told.event));
  const link = asks ? 'https://status.example.com/a/6tf0mcz1xw9qk2v7ydnb3h5ja' : null;
  return {
    notification,
    to,
    reader: {
      ...reader({ link, canAnswer: canAnswer && !isPost }),
      name: isPost ? null : 'Ana Silva',
    },
    incident: isAboutIncident ? INCIDENT : null,
    callback: null,
  };
}
