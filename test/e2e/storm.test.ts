/**
 * Sixty checks fail at once, each an incident of its own, and the daemon is killed in the middle:
 * what reaches a phone are a few messages, and one reply is enough. Takes the half minute that a
 * storm is gathered; where the machine is slow and the incidents come in one by one, longer.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANA, openHouse } from './house.ts';

const CHECKS = 60;
/** Others are waited for twice as long after every message, 4 minutes at most. */
const PATIENCE_MS = 300_000;

interface Incident {
  readonly code: string;
  readonly state: string;
}

let house: Awaited<ReturnType<typeof openHouse>>;

beforeEach(async () => {
  house = await openHouse({ steps: '[{ page: [ana], by: [sms] }]\n    group: 0s' });
  const shop = `http: "${house.shop.url}", every: 2s, timeout: 2s, tags: { team: shop }`;
  const confirm = 'confirm: { fail: 2, recheck: 500ms, recover: 2 }';
  const checks = Array.from(
    { length: CHECKS },
    (_, i) => `  c${String(i)}: { name: Shop ${String(i)}, ${shop}, ${confirm} }\n`,
  );
  const whole = readFileSync(house.file, 'utf8');
  const [before = '', after = ''] = whole.split(/checks:\n[^]*(?=channels:)/);
  writeFileSync(house.file, `${before}checks:\n${checks.join('')}${after}`);
});
afterEach(() => house.close());

const story = 'a few messages about all of it, also over a restart, and one reply takes them all';

test(story, { timeout: PATIENCE_MS }, async () => {
  const first = await house.start();
  let opened = 0;
  const allOpen = new Promise<void>((resolve) => {
    first.onLine(({ event }) => {
      if (event === 'opened' && ++opened === CHECKS) resolve();
    });
  });
  house.shop.answerWith(503);
  await allOpen;
  await first.kill('SIGKILL');
  expect(house.smsTo(ANA).length).toBeLessThanOrEqual(3);

  await house.start();
  const bundle = await house.twilio.waitFor(({ body }) => / in \d\d+ incidents/.test(body));
  await house.twilio.waitFor(({ to }) => to === ANA && toldIn(house.smsTo(ANA)) === CHECKS);
  const last = house.smsTo(ANA).at(-1) ?? '';
  for (const body of [bundle.body, last]) {
    expect(body).toMatch(
      /^\w+ DOWN \d+ checks in \d+ incidents, all team=shop: Shop \d+: HTTP 503 \+\d+\. Reply \w+ = ack all\.$/,
    );
  }
  expect(house.smsTo(ANA).length).toBeLessThanOrEqual(4);
  const [code = ''] = last.split(' ');
  const asked = await fetch(`${house.operator}/api/v1/incidents/${code}`);
  expect(await asked.json()).toMatchObject({ code, incidentsTotal: toldIn([last]) });
  house.twilio.receive(ANA, code.toLowerCase());
  await house.waitForSms(ANA, /incidents are yours/);
  const { items } = (await (
    await fetch(`${house.operator}/api/v1/incidents?state=acknowledged&limit=500`)
  ).json()) as { readonly items: readonly Incident[] };
  expect(items.length).toBe(toldIn([last]));
});

/** Incidents, by what the messages say of how many they are about. */
function toldIn(bodies: readonly string[]): number {
  return bodies.reduce((sum, body) => sum + Number(/ in (\d+) incidents/.exec(body)?.[1] ?? 1), 0);
}
