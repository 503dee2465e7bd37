/** The words of a team: pages say them, a reload takes others, and one that is wrong takes nothing away. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANA, openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
let sms: string;
const shipped = readFileSync('alerts/templates/sms.mustache', 'utf8');

beforeEach(async () => {
  house = await openHouse({ more: () => 'templates: ./words\n' });
  mkdirSync(join(house.folder, 'words'));
  sms = join(house.folder, 'words/sms.mustache');
  writeFileSync(sms, shipped.replace('Reply {{code}} = ack', 'Responde {{code}}'));
});
afterEach(() => house.close());

const reload = () =>
  fetch(`${house.operator}/-/reload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });

test('a page, what becomes of it, and what a reload changes are in the words of the team', async () => {
  await house.start();
  house.shop.answerWith(503);
  await house.waitForSms(ANA, /^\w+ DOWN Shop home page: HTTP 503, since .*\. Responde \w+\.$/);

  const headline = join(house.folder, 'words/headline.mustache');
  const words = readFileSync('alerts/templates/headline.mustache', 'utf8');
  writeFileSync(headline, words.replace('{{^closed}}OK', '{{^closed}}DE VOLTA'));
  const plan = await house.command('plan');
  expect(plan.out).toBe(
    'messages would be in other words: headline\nnobody would be told by the reload itself\n',
  );
  expect((await reload()).status).toBe(200);
  house.shop.answerWith(200);
  await house.waitForSms(ANA, /^\w+ DE VOLTA Shop home page: up after/);
});

test('one that is wrong is refused with its line, and the words in force stay', async () => {
  const daemon = await house.start();
  const good = readFileSync(sms, 'utf8');
  writeFileSync(sms, good.replace('{{headline}}', '{{heading}}'));
  const said = /words\/sms\.mustache:13:10 unknown variable/;
  const { err } = await house.command('validate');
  expect(err).toMatch(said);
  expect(err).toContain('did you mean "headline"?');
  const refused = await reload();
  expect(refused.status).toBe(400);
  expect(await refused.text()).toMatch(said);
  await daemon.kill('SIGTERM');

  const second = await house.start();
  const broken = await second.waitFor(({ event }) => event.startsWith('the file is broken'));
  expect(broken['problems']).toEqual([expect.stringMatching(said)]);
  house.shop.answerWith(503);
  await house.waitForSms(ANA, /DOWN Shop home page.* Responde \w+\.$/);
});

test('one whose SMS could overflow is refused before anybody is woken by half of it', async () => {
  appendFileSync(
    sms,
    '{{#incident}}{{says}} is not well, and whoever reads this is wanted{{/incident}}',
  );
  const { code, err } = await house.command('validate');
  expect(code).toBe(2);
  expect(err).toMatch(/words\/sms\.mustache:\d+:\d+ an SMS may come to \d+ of 160 characters/);
});
