/**
 * Part 3: ten thousand checks fail, and recover, at one instant. Where they are looked at every 10 s
 * that is a wave of 10 s; where all have one crontab line, everything is due at once. Twilio and
 * SendGrid are strict stand-ins of the tests, in this process, on the target's core.
 */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { startSendgrid } from '../test/standins/sendgrid.ts';
import { startTwilio } from '../test/standins/twilio.ts';
import { startWebhookSink } from '../test/standins/webhook-sink.ts';
import { rssMbOf } from './cost.ts';
import type { Pace } from './pace.ts';
import { inScratch } from './program.ts';
import { ACCOUNT, CHECKS, configuration, SCENARIOS, SECRET } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { startTocsin } from './tocsin.ts';
import type { Tocsin } from './tocsin.ts';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;
/** The rhythm of a crontab line is a minute: everything comes within one and a bit. */
const PATIENCE_MS = 100_000;
const LAST_WORDS_MS = 15_000;
/** An SMS arrives within so long. */
const DELIVERY_MS = 1_000;

/** Markdown. */
export async function storm(pace: Pace): Promise<string> {
  const minutes = pace.coolMs / MINUTE_MS;
  const lines = [
    `| storm | loop held ms, failing: p99 / max | recovering: p99 / max | all failed within s | stored after s | all ended within s | incidents | SMS / mails / posts | RSS MB before / most / ${minutes.toFixed(1)} min later |`,
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    '| _bound_ | p99 50 | p99 50 | | 5 | | | | – / 400 / before ± 20 % |',
  ];
  for (const scenario of SCENARIOS) {
    lines.push(`| ${(await measure(scenario, pace)).join(' | ')} |`);
    console.error(lines.at(-1));
  }
  return lines.join('\n');
}

function measure(scenario: Scenario, pace: Pace): Promise<string[]> {
  return inScratch(async (directory) => {
    const world = await openWorld();
    const { vendors, close } = await startVendors();
    const tocsin = await startTocsin(directory, configuration(scenario, pace, world, vendors));
    try {
      await world.untilSeen(CHECKS, PATIENCE_MS);
      await pause(pace.settleMs);
      const memory = watchMemory(tocsin.pids[0]!);
      const before = memory.now();
      const failing = await phase(tocsin, scenario, () => fail(world, tocsin));
      // What joined is told at the end of the window.
      await pause(pace.groupMs + LAST_WORDS_MS);
      const recovering = await phase(tocsin, scenario, () => recover(world, tocsin));
      await pause(LAST_WORDS_MS);
      const most = memory.stop();
      if (scenario.cools) await pause(pace.coolMs);
      const { withinS, storedS } = failing.came;
      return [
        scenario.title,
        failing.held,
        recovering.held,
        withinS,
        storedS,
        recovering.came,
        String(count(tocsin, 'incident')),
        vendors.map(({ requests }) => requests.length).join(' / '),
        [before, most, ...(scenario.cools ? [memory.now()] : [])].map(whole).join(' / '),
      ];
    } finally {
      await tocsin.stop();
      world.close();
      await close();
    }
  });
}

async function startVendors() {
  const [twilio, sendgrid, sink] = [
    await startTwilio({ accountSid: ACCOUNT, password: 'secret', number: '+15005550006' }),
    await startSendgrid({ apiKey: 'secret' }),
    await startWebhookSink({ secret: SECRET }),
  ];
  const vendors = [twilio, sendgrid, sink] as const;
  const carrier = setInterval(() => {
    for (const sms of twilio.requests) sms.status = 'delivered';
  }, DELIVERY_MS);
  return {
    vendors,
    async close() {
      clearInterval(carrier);
      for (const vendor of vendors) await vendor.close();
    },
  };
}

/** All fail from now on. Resolves when the journal has the last of them. */
async function fail({ failing }: World, tocsin: Tocsin) {
  for (let i = 0; i < CHECKS; i++) failing.set(`c${i}`, null);
  await until(() => count(tocsin, 'member') === CHECKS, 'all failures are stored');
  const storedAt = performance.now();
  const failedAt = [...failing.values()].map((at) => at ?? NaN).sort((a, b) => a - b);
  const [first, last] = [failedAt[0]!, failedAt.at(-1)!];
  return { withinS: seconds(last - first), storedS: seconds(storedAt - last) };
}

/** All are well from now on. Resolves when the journal has no incident left. */
async function recover({ failing, arrivals }: World, tocsin: Tocsin) {
  failing.clear();
  arrivals.clear();
  const ended = () => count(tocsin, 'incident', "state <> 'resolved'") === 0;
  await until(() => arrivals.size > 0, 'somebody looks');
  const startedAt = performance.now();
  await until(ended, 'all incidents have ended');
  return seconds(performance.now() - startedAt);
}

/** How long it held the event loop meanwhile, and what came of the work. */
async function phase<T>(tocsin: Tocsin, { isAtOnce }: Scenario, work: () => Promise<T>) {
  // Not a quiet half minute that would hide the storm from the share of samples.
  if (isAtOnce) await pause(MINUTE_MS - ((Date.now() + 3_000) % MINUTE_MS));
  await tocsin.held();
  const came = await work();
  const { p99, max } = await tocsin.held();
  return { came, held: `${p99.toFixed(0)} / ${max.toFixed(0)}` };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await pause(50);
  }
}

function count({ journal }: Tocsin, table: string, where = 'TRUE'): number {
  const db = new DatabaseSync(journal, { readOnly: true, timeout: 1_000 });
  try {
    return Number(db.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${where}`).get()?.['n']);
  } finally {
    db.close();
  }
}

function watchMemory(pid: number) {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, rssMbOf(pid));
  }, 200);
  return {
    now: () => rssMbOf(pid),
    stop(): number {
      clearInterval(timer);
      return most;
    },
  };
}

function whole(mb: number): string {
  return mb.toFixed(0);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
