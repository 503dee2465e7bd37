/**
 * `npm run demo`: a small shop breaks, and the terminal tells what Tocsin does about it. The daemon
 * is the real one, in a process of its own; the vendors are stand-ins on loopback. Every line is told
 * because it happened: what the daemon logged, what a vendor received. It ends by itself.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, startDaemonProcess, type LogLine } from '../test/e2e/daemon-process.ts';
import { startNtfy } from '../test/standins/ntfy.ts';
import { startSendgrid } from '../test/standins/sendgrid.ts';
import { openShop } from '../test/standins/shop.ts';
import { startTwilio, type SmsRecord } from '../test/standins/twilio.ts';

const ANA = '+351912345678';
const BEN = '+447700900123';
const NAMES: Readonly<Record<string, string>> = { [ANA]: 'Ana', [BEN]: 'Ben' };
const ACCOUNT = `AC${'0'.repeat(32)}`;
const TOKEN = 'demo-auth-token';
const NUMBER = '+15005550006';
/** Far beyond what it takes: a demo that hangs should say so instead. */
const PATIENCE_MS = 55_000;

const began = performance.now();
const giveUp = setTimeout(() => {
  tell('!', 'This takes too long: something is wrong.');
  process.exit(1);
}, PATIENCE_MS);

const [operatorPort, publicPort] = await freePorts(2);
const shop = await openShop();
const twilio = await startTwilio({ accountSid: ACCOUNT, password: TOKEN, number: NUMBER });
const ntfy = await startNtfy({ topic: 'demo' });
const sendgrid = await startSendgrid({ apiKey: 'SG.demo' });
const folder = mkdtempSync(join(tmpdir(), 'tocsin-demo-'));
const file = join(folder, 'checks.yml');
writeFileSync(
  file,
  `version: 1
listen: { operator: "127.0.0.1:${String(operatorPort)}", public: "127.0.0.1:${String(publicPort)}" }
checks:
  shop:
    name: Shop home page
    http: ${shop.url}
    every: 2s
    timeout: 1s
    confirm: { fail: 3, recheck: 1s, recover: 2 }
channels:
  sms: { type: twilio-sms, account_sid: ${ACCOUNT}, auth_token: ${TOKEN}, from: "${NUMBER}", base_url: "${twilio.url}" }
  email: { type: sendgrid, api_key: SG.demo, from: alerts@example.com, base_url: "${sendgrid.url}" }
  lifeline: { type: ntfy, url: "${ntfy.url}", topic: demo }
responders:
  ana: { name: Ana Silva, sms: "${ANA}", email: ana@example.com, timezone: Europe/Lisbon }
  ben: { name: Ben Okoro, sms: "${BEN}", timezone: Europe/London }
escalations:
  on-call:
    post: [lifeline]
    steps: [{ page: [ana], by: [sms] }, { after: 6s, page: [ben], by: [sms] }]
`,
);

tell('*', 'A shop on loopback, watched by Tocsin. Ana is on call, and Ben is next.');
const daemon = startDaemonProcess(file);
daemon.onLine(narrate);
showPhones();
showLifeline();
showMails();

await daemon.waitFor(({ event, to }) => event === 'turned' && to === 'up');
shop.answerWith(503);
tell('*', 'The shop breaks: from now on it answers 503.');

const page = await twilio.waitFor(
  ({ to, direction }) => to === ANA && direction === 'outbound-api',
);
await ntfy.waitFor(({ title, message }) => `${title} ${message}`.includes('DOWN'));
const code = page.body.split(' ')[0] ?? '';
twilio.progress(page.sid, 'undelivered', 30003);
tell('*', "Ana's phone is off: the carrier cannot deliver.");

await sendgrid.waitFor(({ subject }) => subject.includes('DOWN'));
const next = await twilio.waitFor(({ to }) => to === BEN);
twilio.progress(next.sid, 'delivered');
tell('>', `Ben answers the SMS: ${code}`);
twilio.receive(BEN, code);

await daemon.waitFor(({ event }) => event === 'acknowledged');
await sendgrid.waitFor(({ text }) => text.includes('has it'));
shop.answerWith(200);
tell('*', 'Ben has mended the shop: it answers 200 again.');

const isOver = ({ body }: SmsRecord): boolean => body.includes(code) && body.includes(' OK ');
await Promise.all([
  sendgrid.waitFor(({ subject }) => subject.includes(' OK ')),
  twilio.waitFor((sms) => sms.to === BEN && isOver(sms)),
]);
await daemon.kill('SIGTERM');
await Promise.all([shop, twilio, ntfy, sendgrid].map((each) => each.close()));
rmSync(folder, { recursive: true });
clearTimeout(giveUp);
tell('*', 'Everyone who was paged knows that it is over. That was all of it.');

/** What the daemon's log says, for people. */
function narrate(line: LogLine): void {
  const { event, check, status, reason, incident, tookMs } = line;
  if (event === 'looked') {
    const took = `${String(Math.round(Number(tookMs)))} ms`;
    if (status === 'down') tell('·', `looked at ${String(check)}: ${String(reason)} (${took})`);
  } else if (event === 'turned') {
    tell('·', `confirmed: ${String(check)} is ${String(line['to'])}`);
  } else if (event === 'opened') {
    tell('·', `incident ${String(incident)} opened and stored`);
  } else if (event === 'delivery lost') {
    tell('·', `the SMS is lost (${String(line['detail'])}): another way`);
  } else if (event === 'escalated') {
    tell('·', `incident ${String(incident)} escalated: nobody has acknowledged it`);
  } else if (event === 'acknowledged' || event === 'resolved') {
    tell('·', `incident ${String(incident)} ${event}`);
  } else if (event === 'trouble') {
    tell('!', String(line['what']));
  }
}

/** Every SMS as it would look on a phone, at the moment when Twilio has it. */
function showPhones(): void {
  void twilio.waitFor((sms) => {
    if (sms.direction !== 'outbound-api') return false;
    tell('>', `SMS to ${NAMES[sms.to] ?? sms.to}`);
    for (const line of bubble(sms.body)) console.log(`                 ${line}`);
    return false;
  });
}

function showLifeline(): void {
  void ntfy.waitFor(({ title, message }) => {
    tell('>', `ntfy, out of band: ${title}: ${message.split('\n')[0] ?? ''}`);
    return false;
  });
}

function showMails(): void {
  void sendgrid.waitFor(({ to, subject }) => {
    tell('>', `mail to ${to.join(', ')}: ${subject}`);
    return false;
  });
}

function bubble(text: string): readonly string[] {
  const lines = text.match(/.{1,44}(?:\s|$)|.{1,44}/g) ?? [];
  const width = Math.max(...lines.map(({ length }) => length));
  const edge = '─'.repeat(width + 2);
  return [`╭${edge}╮`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `╰${edge}╯`];
}

function tell(mark: string, text: string): void {
  const seconds = ((performance.now() - began) / 1_000).toFixed(2).padStart(6);
  console.log(`${seconds} s  ${mark}  ${text}`);
}
