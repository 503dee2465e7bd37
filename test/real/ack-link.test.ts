/** The link in an SMS, opened and pressed in a real browser; and the button of a push. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ANA, openHouse } from '../e2e/house.ts';
import { startBrowser, type Browser } from './browser.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
let browser: Browser;
beforeEach(async () => {
  house = await openHouse({ more: (url) => `public_url: ${url}\n` });
  browser = await startBrowser();
});
afterEach(async () => {
  await browser.close();
  await house.close();
});

async function breakTheShop() {
  const daemon = await house.start();
  await daemon.waitFor(({ event, to }) => event === 'turned' && to === 'up');
  house.shop.answerWith(500);
  const [sms, push] = await Promise.all([house.waitForSms(ANA, /DOWN/), house.waitForPush(/DOWN/)]);
  return { daemon, sms, push };
}

it('opening the link changes nothing, its button acknowledges, and it says so', async () => {
  const { daemon, sms } = await breakTheShop();
  const link = / (http:\S+\/a\/[0-9a-z]{25})$/.exec(sms.body)?.[1] ?? '';
  await browser.open(link);
  const words = () => browser.evaluate('document.body.innerText');
  expect(await words()).toContain('Nobody has it yet.');
  expect(await browser.evaluate('getComputedStyle(document.body).maxWidth')).not.toBe('none');
  expect(await browser.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  expect((await house.command('incidents')).out).toContain('open');

  await browser.follow('document.querySelector("button").click()');
  expect(await words()).toMatch(/You have it, since/);
  expect(await browser.evaluate('document.querySelectorAll("button").length')).toBe(0);
  await house.waitForPush(/Ana Silva has it/);
  await daemon.kill('SIGTERM');
  expect(JSON.stringify(daemon.lines)).not.toContain(link.split('/a/')[1]);
});

it('the button of a push acknowledges in the name of its channel, also after a restart', async () => {
  const { daemon, push } = await breakTheShop();
  expect(push.buttons).toEqual([`POST ${String(push.click)}`]);
  await daemon.kill('SIGKILL');
  await house.start();
  const answer = await fetch(String(push.click), { method: 'POST' });
  expect(answer.status).toBe(200);
  await house.waitForPush(/lifeline has it/);
  await house.waitForSms(ANA, /lifeline has it/);
});
