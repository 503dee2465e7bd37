/**
 * Part 4: how soon a page is at its vendor, how soon another way is taken when the first fails, and how
 * soon an answer stops it. What is timed is seen from outside: a target's first bad answer, a vendor's
 * request, the API.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { startTwilio } from '../test/standins/twilio.ts';
import type { TwilioStandin } from '../test/standins/twilio.ts';
import { startSendgrid } from '../test/standins/sendgrid.ts';
import { timeAcks } from './paging-acks.ts';
import type { Pace } from './pace.ts';
import { freePort, inScratch } from './program.ts';
import { ACCOUNT, CHECKS } from './scenario.ts';
import { startTocsin } from './tocsin.ts';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

/** Incidents that are open before anything is timed, and those that are timed then. */
const OPEN = 100;
const TIMED = 200;
const FAILING_OVER = 10;
const ATTEMPT_S = 10;
const PATIENCE_MS = 100_000;
const AFTER_STORM_MS = 30_000;

/** Markdown. */
export async function paging(pace: Pace): Promise<string> {
  const lines = [
    '| from | to | bound s | n | s: p50 | p99 | most |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  const add = (from: string, to: string, bound: string, times: readonly number[]) => {
    lines.push(`| ${[from, to, bound, times.length, ...figures(times)].join(' | ')} |`);
    console.error(lines.at(-1));
  };
  const wave = await inAWave(pace);
  add(`a verdict, ${OPEN} incidents open`, 'the SMS at Twilio', 'p99 1', wave.single);
  add('the first verdict of a wave of 10 s', `the first of ${wave.sms} SMS`, '2', wave.storm);
  const atOnce = await allAtOnce();
  add('the first verdict of all at once', `the first of ${atOnce.sms} SMS`, '2', atOnce.storm);
  for (const how of ['refuses', 'takes no connection', 'never answers'] as const) {
    const bound = how === 'never answers' ? 30 + ATTEMPT_S : 30;
    add(`a verdict; Twilio ${how}`, 'the mail at SendGrid', String(bound), await failOver(how));
  }
  add('a reply, called by Twilio', 'acknowledged', '2', await timeAcks('webhook'));
  add('a reply, polled', 'acknowledged', '60', await timeAcks('poll'));
  return lines.join('\n');
}

function inAWave({ settleMs }: Pace) {
  const checks = Array.from({ length: CHECKS }, (_, i) => {
    const page = i < OPEN + TIMED ? `e${i}` : 'storm';
    return { page, rhythm: 'every: 10s' };
  });
  return withTwilio(checks, 60, async (world, twilio) => {
    await pause(settleMs);
    await failing(world, twilio, range(0, OPEN));
    const single = await failing(world, twilio, range(OPEN, TIMED));
    return { single, ...(await storm(world, twilio, range(OPEN + TIMED, CHECKS - OPEN - TIMED))) };
  });
}

function allAtOnce() {
  const checks = Array.from({ length: CHECKS }, () => {
    return { page: 'storm', rhythm: 'cron: "* * * * *"' };
  });
  return withTwilio(checks, 0, (world, twilio) => storm(world, twilio, range(0, CHECKS)));
}

function range(from: number, length: number): readonly number[] {
  return Array.from({ length }, (_, i) => from + i);
}

function withTwilio<T>(
  checks: readonly { readonly page: string; readonly rhythm: string }[],
  groupS: number,
  work: (world: World, twilio: TwilioStandin) => Promise<T>,
): Promise<T> {
  return inScratch(async (directory) => {
    const world = await openWorld();
    const twilio = await startTwilio({ accountSid: ACCOUNT, password: 'secret', number: FROM });
    const pages = [...new Set(checks.map(({ page }) => page))];
    const written = `
defaults: { timeout: 5s, confirm: { fail: 1, recover: 1, recheck: 10s } }
channels:
  sms: ${smsAt(twilio.url)}
responders:
${pages.map((page) => `  r-${page}: { sms: "${phoneOf(page)}" }\n`).join('')}
escalations:
${pages.map((page) => `  ${page}: { steps: [{ page: [r-${page}], by: [sms] }], group: ${page === 'storm' ? groupS : 0}s }\n`).join('')}
checks:
${checks.map(({ page, rhythm }, i) => `  c${i}: { http: "${world.url(i)}", page: ${page}, ${rhythm} }\n`).join('')}`;
    const tocsin = await startTocsin(directory, written);
    try {
      await world.untilSeen(checks.length, PATIENCE_MS);
      return await work(world, twilio);
    } finally {
      await tocsin.stop();
      world.close();
      await twilio.close();
    }
  });
}

const FROM = '+15005550006';

function smsAt(url: string): string {
  return `{ type: twilio-sms, account_sid: ${ACCOUNT}, auth_token: secret, from: "${FROM}", replies: none, base_url: "${url}" }`;
}

/** `e17` and `c17` have one of their own. */
function phoneOf(id: string): string {
  return id === 'storm' ? '+351920000000' : `+3519100${id.slice(1).padStart(5, '0')}`;
}

/** From each one's first bad answer to the SMS about it, in ms. */
function failing(world: World, twilio: TwilioStandin, which: readonly number[]) {
  for (const i of which) world.failing.set(`c${i}`, null);
  return Promise.all(
    which.map(async (i) => {
      await twilio.waitFor(({ to }) => to === phoneOf(`e${i}`));
      return performance.now() - world.failing.get(`c${i}`)!;
    }),
  );
}

async function storm(world: World, twilio: TwilioStandin, which: readonly number[]) {
  for (const i of which) world.failing.set(`c${i}`, null);
  const isStorm = ({ to }: { readonly to: string }) => to === phoneOf('storm');
  await twilio.waitFor(isStorm);
  const at = performance.now();
  const began = which.flatMap((i) => world.failing.get(`c${i}`) ?? []);
  await pause(AFTER_STORM_MS);
  return {
    storm: [at - began.reduce((a, b) => Math.min(a, b))],
    sms: twilio.requests.filter(isStorm).length,
  };
}

type Trouble = 'refuses' | 'takes no connection' | 'never answers';

/** From each one's first bad answer to the mail about it, in ms. */
function failOver(how: Trouble): Promise<readonly number[]> {
  return inScratch(async (directory) => {
    const world = await openWorld();
    const sendgrid = await startSendgrid({ apiKey: 'secret' });
    const twilio = await startTwilio({ accountSid: ACCOUNT, password: 'secret', number: FROM });
    const behaviour = how === 'refuses' ? { status: 400, body: '{"code":21211}' } : 'hang';
    twilio.script(...Array.from({ length: 1_000 }, () => behaviour));
    const url = how === 'takes no connection' ? `http://127.0.0.1:${await freePort()}` : twilio.url;
    const ids = range(0, FAILING_OVER);
    const written = `
defaults: { every: 1s, timeout: 500ms, confirm: { fail: 1, recover: 1, recheck: 1s } }
channels:
  sms: ${smsAt(url)}
  email: { type: sendgrid, api_key: secret, from: a@example.com, base_url: "${sendgrid.url}" }
responders:
${ids.map((i) => `  r${i}: { sms: "${phoneOf(`e${i}`)}", email: r${i}@example.com }\n`).join('')}
escalations:
${ids.map((i) => `  e${i}: { steps: [{ page: [r${i}], by: [sms] }], group: 0s }\n`).join('')}
checks:
${ids.map((i) => `  c${i}: { http: "${world.url(i)}", page: e${i} }\n`).join('')}`;
    const tocsin = await startTocsin(directory, written);
    try {
      await world.untilSeen(ids.length, PATIENCE_MS);
      for (const i of ids) world.failing.set(`c${i}`, null);
      return await Promise.all(
        ids.map(async (i) => {
          await sendgrid.waitFor(({ to }) => to.includes(`r${i}@example.com`));
          return performance.now() - world.failing.get(`c${i}`)!;
        }),
      );
    } finally {
      await tocsin.stop();
      world.close();
      await Promise.all([sendgrid.close(), twilio.close()]);
    }
  });
}

function figures(times: readonly number[]): readonly string[] {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return [at(0.5), at(0.99), sorted.at(-1)!].map((ms) => (ms / 1000).toFixed(3));
}
