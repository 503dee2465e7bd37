/**
 * A daemon in a process of its own that watches a mix: up, degraded, down and flapping. It pages a
 * stand-in of Twilio, and somebody answers; its intervals are short so that a story takes seconds.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, startDaemonProcess, tocsin } from '../e2e/daemon-process.ts';
import { pem } from '../loopback.ts';
import { startNtfy } from '../standins/ntfy.ts';
import { openShop } from '../standins/shop.ts';
import { startTwilio } from '../standins/twilio.ts';

const ANA = '+351912345678';
const ACCOUNT = `AC${'0'.repeat(32)}`;
const TOKEN = 'a-token-that-is-secret';
const NUMBER = '+15005550006';
/** Looks of the flapping check in each of its two moods. */
const MOOD = 8;

export async function openMixture() {
  const [operatorPort = 0, publicPort = 0] = await freePorts(2);
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-mixture-'));
  const shop = await openShop();
  const twilio = await startTwilio({ accountSid: ACCOUNT, password: TOKEN, number: NUMBER });
  const ntfy = await startNtfy({ topic: 'mixture' });
  const secure = createHttpsServer({ key: pem('leaf.key'), cert: pem('good.pem') }, (_, answer) =>
    answer.end('<h1>Site</h1>'),
  );
  let asked = 0;
  const flapping = createServer((_, answer) => {
    answer.statusCode = asked++ % (2 * MOOD) < MOOD ? 200 : 503;
    answer.end();
  });
  const switchOutside = createServer((_, answer) => answer.end());
  const [securePort, flappingPort] = [await listening(secure), await listening(flapping)];
  const switchPort = await listening(switchOutside);
  writeFileSync(join(folder, 'ca.pem'), pem('ca.pem'));
  const file = join(folder, 'checks.yml');
  writeFileSync(
    file,
    `version: 1
listen: { operator: "127.0.0.1:${operatorPort}", public: "127.0.0.1:${publicPort}" }
defaults: { every: 500ms, timeout: 400ms, confirm: { fail: 2, recheck: 200ms, recover: 2 } }
heartbeat_to: "http://127.0.0.1:${switchPort}/"
self: { witnesses: [{ tcp: "127.0.0.1:${flappingPort}" }] }
checks:
  site:
    name: Site
    http: https://localhost:${securePort}/
    tls: { ca: ./ca.pem }
    severity: critical
    tags: { team: web }
  old:
    name: Certificate that ends one day
    http: https://localhost:${securePort}/
    tls: { ca: ./ca.pem }
    warn: { certificate: 99% }
  shop: { name: Shop, http: "${shop.url}" }
  flapping: { name: Flapping, http: "http://127.0.0.1:${flappingPort}/", severity: minor }
  echo: { name: An echo, icmp: 127.0.0.1 }
  backup: { heartbeat: { every: 24h }, token: the-token-of-the-backup }
  import: { heartbeat: { every: 24h }, token: the-token-of-the-import }
  port: { name: A port, tcp: "127.0.0.1:${flappingPort}" }
channels:
  sms: { type: twilio-sms, account_sid: ${ACCOUNT}, auth_token: "${TOKEN}", from: "${NUMBER}", base_url: "${twilio.url}" }
  lifeline: { type: ntfy, url: "${ntfy.url}", topic: mixture }
responders:
  ana: { name: Ana Silva, sms: "${ANA}", timezone: Europe/Lisbon }
escalations:
  on-call: { post: [lifeline], steps: [{ page: [ana], by: [sms] }], group: 0s, reopen: 0s }
`,
  );
  const daemon = startDaemonProcess(file);
  await daemon.waitFor(({ event }) => event === 'started');
  return {
    daemon,
    shop,
    twilio,
    operatorPort,
    file,
    command: (...args: readonly string[]) => tocsin([...args, '--config', file]),
    /** The shop goes down; Ana is paged, her phone confirms it, she acknowledges. Returns the code. */
    async breakTheShop(): Promise<string> {
      shop.answerWith(500);
      const sms = await twilio.waitFor(({ body }) => body.includes(' DOWN Shop'));
      const isAccepted = ({ event, ...line }: { readonly event: string }) =>
        event === 'delivery accepted' && (line as Record<string, unknown>)['kind'] === 'page';
      await daemon.waitFor(isAccepted);
      twilio.progress(sms.sid, 'delivered');
      const code = sms.body.split(' ')[0] ?? '';
      const acked = await this.command('ack', code, '--by', 'ana');
      if (acked.code !== 0) throw new Error(acked.err);
      return code;
    },
    async close(): Promise<void> {
      await daemon.kill('SIGKILL');
      await Promise.all([shop.close(), twilio.close(), ntfy.close()]);
      for (const server of [secure, flapping, switchOutside]) {
        server.closeAllConnections();
        server.close();
      }
      rmSync(folder, { recursive: true });
    },
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
