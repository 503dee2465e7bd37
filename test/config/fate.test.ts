/** What things stand or fall with, as their names alone tell it. */
import { expect, it } from 'vitest';
import { blockOf, declaredFates, fatesOf } from '../../src/config/fate.ts';
import { configOf } from './fixture.ts';

it.each([
  ['https://shop.example.com/basket?q=1', ['host:shop.example.com', 'domain:example.com']],
  ['HTTPS://Shop.Example.CO.UK:8443/', ['host:shop.example.co.uk', 'domain:example.co.uk']],
  ['wss://shop.example.com./', ['host:shop.example.com', 'domain:example.com']],
  ['shop.github.io', ['host:shop.github.io', 'domain:github.io']],
  ['db.internal:5432', ['host:db.internal', 'domain:db.internal']],
  ['db:5432', ['host:db']],
  ['203.0.113.7:25', ['host:203.0.113.7', 'block:203.0.113.0/24']],
  ['[2001:db8:1::5]:25', ['host:2001:db8:1::5', 'block:2001:db8:1::/48']],
  ['2001:db8::5', ['host:2001:db8::5', 'block:2001:db8:0::/48']],
  ['http://127.0.0.1:2586', ['machine:127.0.0.1:2586']],
  ['http://localhost/', ['machine:127.0.0.1:80']],
  ['https://[::1]/', ['machine:127.0.0.1:443']],
  ['localhost', ['machine:127.0.0.1:']],
  ['', []],
])('%s', (place, fates) => {
  expect(fatesOf(place)).toEqual(fates);
});

it.each([
  ['198.51.100.255', '198.51.100.0/24'],
  ['2001:0db8:00a0:1:2:3:4:5', '2001:db8:a0::/48'],
  ['::ffff:1', '0:0:0::/48'],
])('the block of %s is %s', (address, block) => {
  expect(blockOf(address)).toBe(block);
});

it('what is declared is a name of its own, or a domain where it is one that can be registered', () => {
  const names = ['aws-eu-west-1', 'cloudflare.com', 'www.cloudflare.com', 'rack.7'];
  expect(declaredFates(names)).toEqual([
    'declared:aws-eu-west-1',
    'domain:cloudflare.com',
    'declared:www.cloudflare.com',
    'declared:rack.7',
  ]);
});

const TEXT = `version: 1
fate: [rack-7]
listen: { hosts: [tocsin.example.net] }
defaults: { fate: [aws-eu-west-1] }
checks:
  shop: { http: "https://shop.example.com/" }
  twilio: { http: "https://status.twilio.com/", fate: [] }
  names: { dns: example.org, server: "192.0.2.53:53", fate: [ns] }
  job: { heartbeat: { every: 1h }, token: "\${env:BACKUP_TOKEN}" }
  pay:
    steps:
      - http: https://pay.example.com/
      - http: https://bank.example.net/
channels:
  sms:
    type: twilio-sms
    account_sid: "\${env:TWILIO_ACCOUNT_SID}"
    auth_token: "\${env:TWILIO_AUTH_TOKEN}"
    from: "+15005550006"
    base_url: http://proxy.internal:8080
    fate: [aws-eu-west-1]
  out: { type: console }
responders:
  ana: { sms: "+351912345678", email: ana@mail.example.com }
escalations:
  on-call: { steps: [{ page: [ana], by: [sms] }] }
`;

it('checks, channels, mailboxes and Tocsin itself have what is written of them, and what follows', async () => {
  const config = await configOf(TEXT);
  const of = (id: string) => config.checks.get(id)?.fate;
  expect(config.fate).toEqual(['host:tocsin.example.net', 'domain:example.net', 'declared:rack-7']);
  expect(of('shop')).toEqual([
    'host:shop.example.com',
    'domain:example.com',
    'declared:aws-eu-west-1',
  ]);
  expect(of('twilio')).toEqual(['host:status.twilio.com', 'domain:twilio.com']);
  expect(of('names')).toEqual([
    'host:example.org',
    'domain:example.org',
    'host:192.0.2.53',
    'block:192.0.2.0/24',
    'declared:ns',
  ]);
  expect(of('job')).toEqual(['declared:aws-eu-west-1']);
  expect(of('pay')).toContain('domain:example.com');
  expect(of('pay')).toContain('domain:example.net');
  expect(config.channels.get('sms')?.fate).toEqual([
    'host:proxy.internal',
    'domain:proxy.internal',
    'host:api.twilio.com',
    'domain:twilio.com',
    'declared:aws-eu-west-1',
  ]);
  expect(config.channels.get('out')?.fate).toEqual(['machine:127.0.0.1:']);
  expect(config.responders.get('ana')?.mailFate).toEqual([
    'host:mail.example.com',
    'domain:example.com',
  ]);
});

it('a check is not another one for what it stands or falls with', async () => {
  const generation = async (text: string) => (await configOf(text)).checks.get('shop')?.generation;
  expect(await generation(TEXT)).toBe(await generation(TEXT.replace('defaults: ', '# ')));
});
