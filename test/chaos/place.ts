/**
 * Where a daemon lives: a data directory, a street of shops, vendors that take pages, and the
 * checks.yml that joins them. Shops, vendors and their ledgers are of the process that injects the
 * faults, so that no fault reaches them. Each shop has a responder and an escalation of its own:
 * what is told of one never waits for another.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemonProcess, type DaemonProcess, type LogLine } from '../e2e/daemon-process.ts';
import { startSendgrid, type MailRecord } from '../standins/sendgrid.ts';
import { startTwilio, type SmsRecord } from '../standins/twilio.ts';
import { startWebhookSink } from '../standins/webhook-sink.ts';
import { openStreet } from './street.ts';

export const ACCOUNT = `AC${'0'.repeat(32)}`;
export const TOKEN = 'chaos-auth-token-that-is-secret';
const MAIL_KEY = 'SG.chaos-key-that-is-secret';
export const NUMBER = '+15005550006';
const SECRET = 'whsec_Y2hhb3MtY2hhb3MtY2hhb3MtY2hhb3M=';
/** So long may an answer take, too: this machine is a busy one. */
export const EVERY_MS = 2_000;
/** Where names are known by our own name server. */
export const ZONE = 'chaos.test';
/** Whoever is paged for Tocsin itself. */
export const KEEPER = '+447700900999';

export interface PlaceSettings {
  readonly shops: number;
  /** More of checks.yml. */
  readonly more?: string;
  /** What follows the first step of each shop's escalation, and what else it says. */
  readonly steps?: string;
  readonly rules?: string;
  /** How SMS are proven and answered. */
  readonly sms?: string;
  /** Another folder than one of /tmp. */
  readonly folder?: string;
  /** Responders have a mail address, too. */
  readonly hasMail?: boolean;
  /** More of how mail is sent. */
  readonly mail?: string;
  /** A sink believes nothing that is more than five minutes off: not where clocks are set. */
  readonly isPosted?: boolean;
  /** Every other shop, the first among them, goes by its name, and so does a witness. */
  readonly isNamed?: boolean;
}

export const mailOf = (shop: string): string => `${shop}@example.com`;

/** How one daemon is started. */
export interface Fault {
  /** Such as `strace …` or `prlimit …`. */
  readonly through?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One daemon from its start to its end. */
export interface Run {
  readonly daemon: DaemonProcess;
  /** When it ended, and by what; null while it runs. */
  end: { readonly at: number; readonly by: number | NodeJS.Signals } | null;
}

/** Of a network of our own: below those that outgoing connections take. */
let nextPort = 20_000;

export type Place = Awaited<ReturnType<typeof openPlace>>;

export async function openPlace(settings: PlaceSettings) {
  const [operatorPort, publicPort] = [nextPort++, nextPort++];
  const street = await openStreet();
  const twilio = await startTwilio({ accountSid: ACCOUNT, password: TOKEN, number: NUMBER });
  const sink = await startWebhookSink({ secret: SECRET });
  const sendgrid = await startSendgrid({ apiKey: MAIL_KEY });
  const folder = settings.folder ?? mkdtempSync(join(tmpdir(), 'tocsin-chaos-'));
  const data = join(folder, 'data');
  const { steps = '', rules = '', sms = 'proof: sent, replies: poll' } = settings;
  const { hasMail = false, isPosted = true, isNamed = false } = settings;
  const post = isPosted ? 'post: [hook], ' : '';
  const address = (shop: string): string => (hasMail ? `, email: ${mailOf(shop)}` : '');
  const file = join(folder, 'checks.yml');
  const shops = Array.from({ length: settings.shops }, (_, n) => `shop-${n + 1}`);
  const phones = new Map(shops.map((shop, n) => [shop, `+3519123${String(45_000 + n)}`]));
  const hostOf = (shop: string): string =>
    isNamed && shops.indexOf(shop) % 2 === 0 ? `${shop}.${ZONE}` : '127.0.0.1';
  const each = (line: (shop: string) => string): string => shops.map(line).join('\n');
  writeFileSync(
    file,
    `version: 1
listen: { operator: "127.0.0.1:${operatorPort}", public: "127.0.0.1:${publicPort}" }
data: ${data}
defaults: { every: ${EVERY_MS}ms, timeout: ${EVERY_MS}ms, confirm: { fail: 2, recheck: 300ms, recover: 1 }, severity: critical }
self: { page: keeper${isNamed ? `, witnesses: [{ dns: ${ZONE} }]` : ''} }
checks:
${each((shop) => `  ${shop}: { http: "${street.urlOf(shop, hostOf(shop))}", page: ${shop} }`)}
channels:
  sms: { type: twilio-sms, account_sid: ${ACCOUNT}, auth_token: ${TOKEN}, from: "${NUMBER}", base_url: "${twilio.url}", ${sms} }
  mail: { type: sendgrid, api_key: ${MAIL_KEY}, from: tocsin@example.com, base_url: "${sendgrid.url}"${settings.mail ?? ''} }
  hook: { type: webhook, url: "${sink.url}", secret: ${SECRET} }
responders:
  keeper: { name: The Keeper, sms: "${KEEPER}" }
${each((shop) => `  ${shop}: { name: "Of ${shop}", sms: "${phones.get(shop) ?? ''}"${address(shop)} }`)}
escalations:
  keeper: { ${post}steps: [{ page: [keeper], by: [sms] }], reopen: 0s }
${each(
  (shop) =>
    `  ${shop}: { ${post}steps: [{ page: [${shop}], by: [sms] }${steps}], reopen: 0s, group: 0s${rules} }`,
)}
${settings.more ?? ''}`,
  );
  const runs: Run[] = [];

  function spawn({ through, env = {} }: Fault = {}): Run {
    const daemon = startDaemonProcess(file, env, through);
    const run: Run = { daemon, end: null };
    runs.push(run);
    void daemon.ended.then((by) => (run.end = { at: Date.now(), by }));
    return run;
  }

  return {
    shops,
    phones,
    street,
    twilio,
    sendgrid,
    sink,
    folder,
    data,
    runs,
    operator: `http://127.0.0.1:${operatorPort}`,
    public: `http://127.0.0.1:${publicPort}`,
    spawn,
    /** Resolves when it is ready. */
    async start(fault: Fault = {}): Promise<Run> {
      const run = spawn(fault);
      await run.daemon.waitFor(({ event }) => event === 'started');
      return run;
    },
    smsTo: (phone: string): readonly SmsRecord[] =>
      twilio.requests.filter(({ to }) => to === phone),
    mailsTo: (shop: string): readonly MailRecord[] =>
      sendgrid.requests.filter(({ to }) => to.includes(mailOf(shop))),
    /** What all daemons here have said, oldest first. */
    lines: (): readonly LogLine[] => runs.flatMap(({ daemon }) => daemon.lines),
    async close(): Promise<void> {
      await Promise.all(runs.map(({ daemon }) => daemon.kill('SIGKILL')));
      await Promise.all([street.close(), twilio.close(), sendgrid.close(), sink.close()]);
      if (settings.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
    /** What is there when something was not kept, to be looked at. */
    keep(name: string): string {
      const kept = join(tmpdir(), `tocsin-chaos-kept-${name}-${process.pid}`);
      mkdirSync(kept, { recursive: true });
      const said = this.lines().map((line) => JSON.stringify(line));
      writeFileSync(join(kept, 'log.jsonl'), said.join('\n'));
      const sent = twilio.requests.map(({ at, to, sid, body }) => ({ at, to, sid, body }));
      writeFileSync(join(kept, 'sms.json'), JSON.stringify(sent, null, 1));
      return kept;
    },
  };
}
