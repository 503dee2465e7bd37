/** Where a page rides on what it reports about, and who can be paged by one thing alone. */
import { describe, expect, it } from 'vitest';
import { channels } from '../../src/channels/index.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { several } from '../../src/doctor/finding.ts';
import { reliance } from '../../src/doctor/reliance.ts';
import { sharedFates } from '../../src/doctor/shared-fate.ts';
import { createNaming, stakesOf, type Stakes } from '../../src/doctor/stakes.ts';
import { probes } from '../../src/probes/index.ts';
import { configOf } from '../config/fixture.ts';

const PEOPLE = `
responders:
  ana: { sms: "+351912345678", email: ana@example.com }
`;
const SMS = `
  sms: { type: twilio-sms, account_sid: "\${env:TWILIO_ACCOUNT_SID}", auth_token: "\${env:TWILIO_AUTH_TOKEN}", from: "+15005550006" }`;
const MAIL = `
  mail: { type: smtp, server: "mail.example.com:587", from: a@example.org }`;

const yaml = (checks: string, ways: string, by: string, more = '', people = PEOPLE) =>
  `version: 1${more}\nchecks: ${checks}\nchannels:${ways}${people}escalations:\n  on-call: { steps: [{ page: [ana], by: ${by} }] }\n`;

async function told(
  text: string,
  judge: typeof sharedFates = sharedFates,
  more: (stakes: Stakes) => Stakes = (stakes) => stakes,
): Promise<readonly string[]> {
  const config = await configOf(text, ENV);
  const naming = createNaming(config, { probes, channels });
  return judge(config, more(stakesOf(config)), naming).map(inShort);
}
const ENV = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'token-of-twilio',
  HIDDEN: 'https://shop.hidden.example/',
  HOOK: 'https://ops.hidden.example/hook/very-secret',
  KEY: 'a-key-that-is-secret',
};

const inShort = ({ at, what }: Finding): string => `${at?.join('.') ?? '-'}: ${what}`;

const SHOP = '{ shop: { http: "https://shop.example.com/" } }';
const ELSEWHERE = '{ shop: { http: "https://shop.example.net/" } }';

describe('a check and the ways by which it pages', () => {
  it('nothing is said where they have nothing in common', async () => {
    expect(await told(yaml(ELSEWHERE, SMS + MAIL, '[sms]'))).toEqual([]);
  });

  it('a channel in the domain of the check is lost with it', async () => {
    expect(await told(yaml(SHOP, SMS + MAIL, '[sms]'))).toEqual([
      'channels.mail: channel mail is lost with shop (example.com)',
    ]);
  });

  it('a check of the vendor is lost with what the vendor carries, wherever it is asked', async () => {
    const proxied = SMS.replace(' }', ', base_url: "http://proxy.internal:8080" }');
    const twilio = '{ vendor: { http: "https://api.twilio.com/" } }';
    expect(await told(yaml(twilio, proxied + MAIL, '[sms]'))).toEqual([
      'channels.sms: channel sms is lost with vendor (api.twilio.com)',
    ]);
  });

  it('whoever has no other way is named, and a mailbox in the domain is none', async () => {
    const sendgrid = `\n  mail: { type: sendgrid, api_key: "\${env:KEY}", from: a@example.org }`;
    expect(await told(yaml(SHOP, sendgrid, '[mail]'))).toEqual([
      'escalations.on-call: on-call reaches ana about shop only by ways that are lost with them (example.com)',
    ]);
  });

  it('what is declared counts like what is seen', async () => {
    const rack = SHOP.replace('} }', ', fate: [rack-7] } }').replace('example.com', 'example.net');
    const sms = SMS.replace(' }', ', fate: [rack-7] }');
    expect(await told(yaml(rack, sms, '[sms]', '', PEOPLE))).toEqual([
      'escalations.on-call: on-call reaches ana about shop only by ways that are lost with them (rack-7)',
    ]);
  });

  it('one address block is one fate, and so is one certificate', async () => {
    const text = yaml(ELSEWHERE, SMS + MAIL, '[sms]', '\npublic_url: https://status.example.org');
    const behind = (stakes: Stakes): Stakes => ({
      ...stakes,
      checks: new Map([['shop', ['block:203.0.113.0/24', 'certificate:a|b|1']]]),
      channels: new Map([['mail', ['block:203.0.113.0/24']]]),
      statusPage: ['certificate:a|b|1', 'block:203.0.113.0/24'],
    });
    expect(await told(text, sharedFates, behind)).toEqual([
      'channels.mail: channel mail is lost with shop (addresses 203.0.113.0/24)',
      'public_url: the status page is lost with shop (the same certificate)',
    ]);
  });

  it('a host that stands in a secret is not shown', async () => {
    const hidden = '{ shop: { http: "${env:HIDDEN}" } }';
    const hook = '\n  hook: { type: webhook, url: "${env:HOOK}", secret: "${env:KEY}" }';
    expect(await told(yaml(hidden, SMS + hook, '[sms, hook]'))).toEqual([
      'channels.hook: channel hook is lost with shop (***)',
    ]);
  });

  it('many checks are one finding, the first by name', async () => {
    const checks = Array.from({ length: 9 }, (_, i) => `c${i}: { tcp: "a${i}.example.com:80" }`);
    expect(await told(yaml(`{ ${checks.join(', ')} }`, SMS + MAIL, '[sms]'))).toEqual([
      'channels.mail: channel mail is lost with c0, c1, c2 and 6 more (example.com)',
    ]);
  });
});

describe('posts, the status page, Tocsin', () => {
  it('posts are out of band if one of them is', async () => {
    const rooms = `\n  own: { type: mattermost, webhook_url: "https://chat.example.com/x" }\n  push: { type: ntfy, topic: t, url: "https://ntfy.example.net" }`;
    const text = (post: string) =>
      yaml(SHOP, SMS + rooms, '[sms]').replace('on-call: {', `on-call: { post: ${post},`);
    expect(await told(text('[own]'))).toEqual([
      'escalations.on-call.post: every post of on-call is lost with shop (example.com)',
    ]);
    expect(await told(text('[own, push]'))).toEqual([]);
  });

  it('the status page beside what it tells of', async () => {
    expect(
      await told(yaml(SHOP, SMS, '[sms]', '\npublic_url: https://status.example.com')),
    ).toEqual(['public_url: the status page is lost with shop (example.com)']);
  });

  it('but not for a check of the page itself', async () => {
    const checks = '{ page: { http: "https://status.example.com/" } }';
    expect(
      await told(yaml(checks, SMS, '[sms]', '\npublic_url: https://status.example.com')),
    ).toEqual([]);
  });

  it('what runs on the machine of Tocsin, or where both are said to be', async () => {
    const checks =
      '{ db: { tcp: "127.0.0.1:5432" }, shop: { tcp: "a.example.net:80", fate: [eu] } }';
    expect(await told(yaml(checks, SMS, '[sms]', '\nfate: [eu]'))).toEqual([
      'fate: Tocsin is lost with db (this machine)',
      'fate: Tocsin is lost with shop (eu)',
    ]);
  });

  it('but not where a dead-man switch elsewhere notices; one beside it is lost with it', async () => {
    const text = yaml('{ db: { tcp: "127.0.0.1:5432" } }', SMS, '[sms]');
    const elsewhere = (stakes: Stakes): Stakes => ({ ...stakes, deadMan: ['domain:example.io'] });
    expect(await told(text, sharedFates, elsewhere)).toEqual([]);
    const beside = (stakes: Stakes): Stakes => ({ ...stakes, deadMan: ['machine:127.0.0.1:80'] });
    expect(await told(text, sharedFates, beside)).toEqual([
      'checks.db: Tocsin is lost with db (this machine)',
      'heartbeat_to: the dead-man switch is lost with Tocsin (this machine)',
    ]);
  });

  it('whoever only prints to a console has other worries', async () => {
    const checks = '{ db: { tcp: "127.0.0.1:5432" } }';
    expect(await told(yaml(checks, '\n  out: { type: console }', '[out]'))).toEqual([]);
  });
});

describe('by one thing alone', () => {
  const SILENT = '-: nothing outside notices when Tocsin falls silent';

  it('one channel', async () => {
    const people = PEOPLE.replace(', email: ana@example.com', '');
    expect(await told(yaml(SHOP, SMS + MAIL, '[sms]', '', people), reliance)).toEqual([
      'escalations.on-call: on-call pages ana by sms alone',
      SILENT,
    ]);
  });

  it('one vendor behind two channels', async () => {
    const voice = SMS.replace('sms: {', 'voice: {').replace('twilio-sms', 'twilio-voice');
    const people = PEOPLE.replace(', email: ana@example.com', '');
    expect(await told(yaml(SHOP, SMS + voice, '[sms]', '', people), reliance)).toEqual([
      'escalations.on-call: on-call pages ana by api.twilio.com alone (sms and voice)',
      SILENT,
    ]);
  });

  it('a dead-man switch outside hears when Tocsin falls silent', async () => {
    const outside = (stakes: Stakes): Stakes => ({ ...stakes, deadMan: ['host:hc.example.io'] });
    expect(await told(yaml(SHOP, SMS + MAIL, '[sms]'), reliance, outside)).toEqual([]);
  });

  it('two vendors are two', async () => {
    expect(await told(yaml(SHOP, SMS + MAIL, '[sms]'), reliance)).toEqual([SILENT]);
  });
});

it.each([
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c', 'd'], 'a, b, c and d'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
])('%j is told as %s', (names, text) => {
  expect(several(names)).toBe(text);
});
