/** Silences, maintenance and incidents by hand, as their users see them: a real daemon and phones. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANA, BEN, openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;

beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

test('a silence outlives the daemon, stops the paging, and what is down when it ends pages', async () => {
  const first = await house.start();
  house.shop.answerWith(503);
  await house.waitForSms(ANA, /DOWN Shop home page/);
  const begun = await house.command('silence', 'shop', '--for', '1h', '--why', 'x', '--by', 'ana');
  expect(begun).toMatchObject({ code: 0, out: expect.stringContaining('shop') });
  await house.waitForPush(/silenced by Ana Silva: x/);
  await first.kill('SIGKILL');

  await house.start();
  const { out } = await house.command('incidents');
  expect(out).toMatch(/open, silenced +major +Shop home page/);
  const ended = await house.command('unsilence', 'shop', '--by', 'ana');
  expect(ended.code).toBe(0);
  await house.waitForSms(ANA, /STILL DOWN .*no longer silenced/);
  house.shop.answerWith(200);
  await house.waitForSms(ANA, /OK Shop home page/);
});

test('a mistake in what is to be silenced is told, with what was meant', async () => {
  await house.start();
  const typo = await house.command('silence', 'shpo', '--for', '1h', '--why', 'x');
  expect(typo).toMatchObject({ code: 1, err: expect.stringContaining('did you mean "shop"?') });
  const endless = await house.command('silence', 'shop', '--why', 'x');
  expect(endless).toMatchObject({ code: 2, err: expect.stringContaining('--for') });
  expect((await house.command('unsilence', 'shop')).err).toContain('no silence "shop"');
});

test('planned work: nobody is paged, customers see it, and `plan` says what it would do', async () => {
  const daemon = await house.start();
  house.shop.answerWith(503);
  await house.waitForSms(ANA, /DOWN/);
  const from = new Date(Date.now() - 60_000).toISOString().slice(0, 16);
  const to = new Date(Date.now() + 3_600_000).toISOString().slice(0, 16);
  const window = `{ checks: [shop], from: ${from}, to: ${to}, why: new disks }`;
  appendFileSync(house.file, `maintenance:\n  - ${window}\n`);
  const plan = await house.command('plan');
  expect(plan.out).toMatch(/^incident \w+ Shop home page would be silenced$/m);
  expect(plan.out).toContain('would be told: lifeline: post');
  expect((await house.command('validate')).out).toMatch(/maintenance of shop: now, since .* UTC/);

  void daemon.kill('SIGHUP');
  await house.waitForPush(/maintenance: new disks/);
  const page = await (await fetch(house.public)).text();
  expect(page).toContain('<h1>Under maintenance</h1>');
  const whole = readFileSync(house.file, 'utf8');
  writeFileSync(house.file, whole.slice(0, whole.indexOf('maintenance:')));
  void daemon.kill('SIGHUP');
  await house.waitForSms(ANA, /STILL DOWN/);
});

test('an incident that a person opens pages, is made worse, and pulls somebody in', async () => {
  await house.start();
  const opened = await house.command('open', 'No', 'payments', '--by', 'ben', '--text', 'calls');
  expect(opened.code).toBe(0);
  const page = await house.waitForSms(ANA, /DOWN No payments: .*reported by Ben Okoro: calls/);
  const [code = ''] = page.body.split(' ');
  expect(await house.command('page', code, 'ben', '--by', 'ana')).toMatchObject({ code: 0 });
  await house.waitForSms(BEN, /paged by Ana Silva/);
  await house.command('severity', code, 'critical', '--by', 'ana');
  await house.waitForSms(ANA, /now critical by Ana Silva/);
  expect(await house.command('resolve', code, '--by', 'ben')).toMatchObject({ code: 0 });
  await house.waitForSms(ANA, /CLOSED No payments/);
});
