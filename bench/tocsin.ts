/**
 * The daemon itself, run as its users run it, on the prober's core. What is measured about it is
 * read from outside: the kernel's accounting, its own /metrics, and its journal, read-only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBER_CORE } from './cost.ts';
import type { Contender, Running } from './contender.ts';
import { freePort, start, untilListening } from './program.ts';

export interface Tocsin extends Running {
  /** Its listeners, as URLs. */
  readonly operator: string;
  readonly open: string;
  /** The file of its journal. */
  readonly journal: string;
  /** Writes this in place of what was written; resolves when it is in force. */
  reload(written: string): Promise<void>;
  /** How long the event loop was held, in ms, of samples 10 ms apart since this was asked last. */
  held(): Promise<{ readonly p99: number; readonly max: number }>;
}

/** What is sampled is the time from one sample to the next. */
const SAMPLE_MS = 10;

/** `written`: a configuration without `version`, `listen` and `data`. */
export async function startTocsin(directory: string, written: string): Promise<Tocsin> {
  const file = join(directory, 'checks.yml');
  const [operator, open] = [await freePort(), await freePort()];
  const place = `
version: 1
listen: { operator: "127.0.0.1:${operator}", public: "127.0.0.1:${open}" }
data: ${directory}/data
`;
  const write = (text: string): void => writeFileSync(file, place + text);
  write(written);
  const daemon = start(PROBER_CORE, [...asNpmStarts(), '--config', file]);
  await untilListening(operator);
  return {
    pids: [daemon.pid],
    operator: `http://127.0.0.1:${operator}`,
    open: `http://127.0.0.1:${open}`,
    journal: join(directory, 'data', 'journal.db'),
    async reload(changed) {
      write(changed);
      // Else it would be taken for a form of a page elsewhere.
      const headers = { connection: 'close', 'content-type': 'application/json' };
      const url = `http://127.0.0.1:${operator}/-/reload`;
      const answer = await fetch(url, { method: 'POST', headers });
      if (!answer.ok) throw new Error(`not reloaded: ${await answer.text()}`);
    },
    async held() {
      const headers = { connection: 'close' };
      const text = await (await fetch(`http://127.0.0.1:${operator}/metrics`, { headers })).text();
      const lag = (which: string) =>
        Number(new RegExp(`^nodejs_eventloop_lag_${which}_seconds (.+)$`, 'm').exec(text)?.[1]);
      const [p99, max] = [lag('p99'), lag('max')].map((s) => Math.max(0, s * 1000 - SAMPLE_MS));
      return { p99: p99!, max: max! };
    },
    stop: () => daemon.stop(),
  };
}

/** The words of `npm start`, without the shell's own `exec`. */
function asNpmStarts(): string[] {
  const written = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: { start: string };
  };
  return written.scripts.start.replace('exec ', '').split(' ');
}

/** Confirmed by one failure, so that the time from it to the notification is Tocsin's own. */
export const TOCSIN: Contender = {
  name: 'Tocsin',
  start: (size, world, directory, everyMs) => {
    const checks = Array.from({ length: size }, (_, i) => `  c${i}: { http: "${world.url(i)}" }\n`);
    return startTocsin(
      directory,
      `
defaults:
  every: ${everyMs / 1000}s
  timeout: 5s
  confirm: { fail: 1, recover: 1, recheck: ${everyMs / 1000}s }
channels:
  sink: { type: webhook, url: "${world.sink}", secret: whsec_${btoa('x'.repeat(24))} }
  sms: { type: twilio-sms, account_sid: AC${'0'.repeat(32)}, auth_token: none, from: "+15005550006", replies: none, base_url: "http://127.0.0.1:9" }
  email: { type: sendgrid, api_key: none, from: a@example.com, base_url: "http://127.0.0.1:9" }
  console: { type: console }
responders:
  ana: { name: Ana }
escalations:
  on-call: { post: [sink], steps: [{ page: [ana], by: [console] }], group: 0s }
checks:
${checks.join('')}`,
    );
  },
};
