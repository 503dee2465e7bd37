/** `tocsin doctor` beside a daemon, and a page about what the posts ride on. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANA, openHouse, TOKEN } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

interface Told {
  readonly well: boolean;
  readonly findings: readonly { level: string; topic: string; what: string; at: object | null }[];
  readonly seen: Readonly<Record<string, readonly string[]>>;
}

test('all is well but for risks: exit 0, and nobody has been told anything', async () => {
  await house.start();
  const { code, out } = await house.command('doctor', '--json');
  const told = JSON.parse(out) as Told;
  expect(told.findings.filter(({ level }) => level === 'fault')).toEqual([]);
  expect([code, told.well]).toEqual([0, true]);
  expect(told.seen['daemon']).toEqual(['is there and ready']);
  expect(told.seen['duty']).toEqual(['on-call wakes Ana Silva (sms +351…678) by sms']);
  expect(told.seen['clock']).toEqual(['right, by 2 answers']);
  expect(told.findings.map(({ what }) => what)).toEqual([
    'Tocsin is lost with shop (this machine)',
    'on-call pages ana and ben by sms alone',
    'nothing outside notices when Tocsin falls silent',
    'there are no witnesses',
  ]);
  expect(house.twilio.requests).toEqual([]);
});

test('without a daemon, with a channel that nobody answers: faults with their places, exit 1', async () => {
  house.edit(house.ntfy.url, 'http://127.0.0.1:1');
  const { code, out, err } = await house.command('doctor');
  expect(code).toBe(1);
  expect(out).toMatch(/^FAULT {2}\S*checks\.yml:2:1 the daemon does not answer/m);
  expect(out).toMatch(/^FAULT {2}\S*checks\.yml:\d+:3 channel lifeline would not take a page/m);
  expect(out).toMatch(/^\d+ faults, \d+ risks?$/m);
  expect(out + err).not.toContain(TOKEN);
  expect(out + err).not.toContain(ANA);
});

test('an invalid file is exit 2', async () => {
  house.edit('every: 1s', 'evry: 1s');
  expect((await house.command('doctor')).code).toBe(2);
});

test('a page says that posts ride on what is down', async () => {
  house.edit(`http: ${house.shop.url}`, `http: ${house.shop.url}\n    fate: [rack-7]`);
  house.edit('topic: e2e }', 'topic: e2e, fate: [rack-7] }');
  await house.start();
  house.shop.answerWith(500);
  const page = await house.waitForSms(ANA, /DOWN/);
  expect(page.body).toContain('posts may not arrive');
});
