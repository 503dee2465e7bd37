import { describe, expect, it } from 'vitest';
import { channels } from '../../src/channels/index.ts';
import { ACCOUNT_SID, OPTIONS, OUR_NUMBER, SECRETS } from './letters.ts';

const TWILIO = { account_sid: ACCOUNT_SID, auth_token: SECRETS.twilio, from: OUR_NUMBER };
const SLACK = { webhook_url: 'https://hooks.slack.com/services/T/B/X' };
const HOOK = { url: 'https://ops.example.com/hook', secret: SECRETS.webhook };

function problems(type: string, given: object): string[] {
  const parsed = channels.get(type)?.options.safeParse(given);
  return parsed?.error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
}

describe('options of channels', () => {
  it.each([
    ['console', {}],
    ['twilio-sms', TWILIO],
    ['twilio-sms', { ...TWILIO, replies: 'none', proof: 'sent', base_url: 'http://127.0.0.1:1' }],
    ['twilio-sms', { ...TWILIO, from: 'TOCSIN' }],
    ['twilio-sms', { ...TWILIO, from: '12345' }],
    ['webhook', { ...HOOK, secret: 'any text will do' }],
    ['sendgrid', { ...OPTIONS['sendgrid'], base_url: 'https://api.eu.sendgrid.com' }],
    ['ntfy', { topic: 'tocsin', url: 'https://ntfy.example.com' }],
    ['slack', SLACK],
    ['webhook', HOOK],
    ['webhook', { ...HOOK, secret: HOOK.secret.replace('whsec_', '') }],
  ])('of %s can be %j', (type, given) => {
    expect(problems(type, given)).toEqual([]);
  });

  it.each([
    ['console', { color: true }, /color/],
    [
      'twilio-sms',
      { ...TWILIO, account_sid: 'SK123' },
      /account_sid expected a SID that begins with AC/,
    ],
    ['twilio-sms', { ...TWILIO, from: '5550006' }, /^from /],
    ['twilio-sms', { ...TWILIO, from: undefined }, /needs either "from"/],
    ['twilio-sms', { ...TWILIO, messaging_service_sid: `MG${'0'.repeat(32)}` }, /needs either/],
    ['twilio-sms', { ...TWILIO, auth_token: undefined }, /"auth_token", or "api_key_sid"/],
    ['twilio-sms', { ...TWILIO, replies: 'carrier pigeon' }, /replies/],
    ['twilio-sms', { ...TWILIO, replies: 'maybe' }, /^replies /],
    ['twilio-sms', { ...TWILIO, repiles: 'poll' }, /repiles/],
    ['sendgrid', { api_key: 'SG.x', from: 'alerts' }, /^from expected a mail address/],
    ['ntfy', { topic: 'a topic' }, /^topic must be/],
    ['ntfy', {}, /^topic/],
    ['slack', { webhook_url: 'hooks.slack.com/x' }, /^webhook_url/],
    [
      'webhook',
      { ...HOOK, secret: 'whsec_not base64!' },
      /^secret after whsec_ there must be base64/,
    ],
    ['webhook', { ...HOOK, secret: '' }, /^secret must not be empty/],
  ])('of %s cannot be %j', (type, given, expected) => {
    expect(problems(type, given).join('\n')).toMatch(expected);
  });

  it.each([
    [TWILIO, true],
    [{ ...TWILIO, replies: 'none' }, false],
    [{ ...TWILIO, from: 'TOCSIN' }, false],
  ])('twilio-sms %j can be answered: %s', (given, expected) => {
    const options = channels.get('twilio-sms')?.options.parse(given);
    expect(channels.get('twilio-sms')?.answerable?.(options)).toBe(expected);
  });

  it('says in no problem what was given', () => {
    const given = { ...TWILIO, account_sid: 'secret-1', auth_token: '', from: 'secret-2' };
    expect(problems('twilio-sms', given).join('\n')).not.toContain('secret');
  });
});

describe('who can answer', () => {
  it('is whoever gets an SMS that is polled for', () => {
    const sms = channels.get('twilio-sms');
    expect(sms?.answerable?.({ ...TWILIO, replies: 'poll' })).toBe(true);
    expect(sms?.answerable?.({ ...TWILIO, replies: 'none' })).toBe(false);
    expect(channels.get('sendgrid')?.answerable).toBeUndefined();
  });
});
