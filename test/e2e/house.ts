/**
 * A shop, the vendors' stand-ins and a checks.yml that joins them: what every end-to-end story here
 * begins with. `close` takes down whatever the story has not.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNtfy } from '../standins/ntfy.ts';
import { openShop } from '../standins/shop.ts';
import { startTwilio, type SmsRecord } from '../standins/twilio.ts';
import { freePorts, startDaemonProcess, tocsin, type DaemonProcess } from './daemon-process.ts';

export const ANA = '+351912345678';
export const BEN = '+447700900123';
const ACCOUNT = `AC${'0'.repeat(32)}`;
export const TOKEN = 'e2e-auth-token-that-is-secret';
const NUMBER = '+15005550006';

export async function openHouse(
  settings: {
    readonly steps?: string;
    /** More of checks.yml, and of the channel sms; `url` is that of the public listener. */
    readonly more?: (url: string) => string;
    readonly smsOptions?: string;
  } = {},
) {
  const [operatorPort = 0, publicPort = 0] = await freePorts(2);
  const shop = await openShop();
  const twilio = await startTwilio({ accountSid: ACCOUNT, password: TOKEN, number: NUMBER });
  const ntfy = await startNtfy({ topic: 'e2e' });
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-e2e-'));
  const file = join(folder, 'checks.yml');
  const steps =
    settings.steps ?? '[{ page: [ana], by: [sms] }, { after: 5m, page: [ben], by: [sms] }]';
  writeFileSync(
    file,
    `version: 1
listen: { operator: "127.0.0.1:${String(operatorPort)}", public: "127.0.0.1:${String(publicPort)}" }
checks:
  shop:
    name: Shop home page
    http: ${shop.url}
    every: 1s
    timeout: 900ms
    confirm: { fail: 3, recheck: 200ms, recover: 2 }
channels:
  sms: { type: twilio-sms, account_sid: ${ACCOUNT}, auth_token: "\${env:E2E_TOKEN}", from: "${NUMBER}", base_url: "${twilio.url}"${settings.smsOptions ?? ''} }
  lifeline: { type: ntfy, url: "${ntfy.url}", topic: e2e }
responders:
  ana: { name: Ana Silva, sms: "${ANA}", timezone: Europe/Lisbon }
  ben: { name: Ben Okoro, sms: "${BEN}" }
escalations:
  on-call:
    post: [lifeline]
    steps: ${steps}
${settings.more?.(`http://127.0.0.1:${String(publicPort)}`) ?? ''}`,
  );
  const daemons: DaemonProcess[] = [];
  const env = { E2E_TOKEN: TOKEN };
  return {
    shop,
    twilio,
    ntfy,
    file,
    folder,
    token: TOKEN,
    operator: `http://127.0.0.1:${String(operatorPort)}`,
    public: `http://127.0.0.1:${String(publicPort)}`,
    /** Resolves when the daemon is ready. */
    async start(more: Readonly<Record<string, string>> = {}): Promise<DaemonProcess> {
      const daemon = startDaemonProcess(file, { ...env, ...more });
      daemons.push(daemon);
      await daemon.waitFor(({ event }) => event === 'started');
      return daemon;
    },
    spawn(another = file): DaemonProcess {
      const daemon = startDaemonProcess(another, env);
      daemons.push(daemon);
      return daemon;
    },
    /** One that lacks a variable of its environment. */
    spawnWithout(variable: string): DaemonProcess {
      const { [variable]: _, ...rest } = env as Readonly<Record<string, string>>;
      const daemon = startDaemonProcess(file, rest);
      daemons.push(daemon);
      return daemon;
    },
    /** Puts something else into the file, which must hold what it replaces. */
    edit(from: string, to: string): void {
      const text = readFileSync(file, 'utf8');
      if (!text.includes(from)) throw new Error(`no "${from}" in the file`);
      writeFileSync(file, text.replace(from, to));
    },
    command: (...args: readonly string[]) => tocsin([...args, '--config', file], env),
    /** What was sent to a phone so far. */
    smsTo: (number: string): readonly string[] =>
      twilio.requests.filter(({ to }) => to === number).map(({ body }) => body),
    waitForSms: (number: string, words: RegExp): Promise<SmsRecord> =>
      twilio.waitFor(({ to, body }) => to === number && words.test(body)),
    waitForPush: (words: RegExp) =>
      ntfy.waitFor(({ title, message }) => words.test(`${title} ${message}`)),
    async close(): Promise<void> {
      await Promise.all(daemons.map((daemon) => daemon.kill('SIGKILL')));
      await Promise.all([shop.close(), twilio.close(), ntfy.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}
