import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANA, openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

async function breakTheShop() {
  const daemon = await house.start();
  await daemon.waitFor(({ event, to }) => event === 'turned' && to === 'up');
  house.shop.answerWith(500);
  return daemon;
}

describe('a daemon that dies', () => {
  test('killed after the incident is stored and before the page is accepted: paged once, after the restart', async () => {
    // The vendor takes nothing and says nothing: the page is on its way when the process dies.
    house.twilio.script('hang');
    const first = await breakTheShop();
    await first.waitFor(({ event }) => event === 'opened');
    expect(await first.kill('SIGKILL')).toBe('SIGKILL');
    expect(house.smsTo(ANA)).toEqual([]);

    const second = await house.start();
    const page = await house.waitForSms(ANA, /DOWN/);
    const [code = ''] = page.body.split(' ');
    await second.waitFor(({ event, kind }) => event === 'delivery accepted' && kind === 'page');
    await house.command('ack', code, '--by', 'ana');
    house.shop.answerWith(200);
    await house.waitForSms(ANA, / OK /);
    expect(house.smsTo(ANA).filter((body) => body.includes('DOWN'))).toHaveLength(1);
  });

  test('killed after the vendor took the page and before it said so: found there, not sent again', async () => {
    house.twilio.script('mute');
    const first = await breakTheShop();
    await house.waitForSms(ANA, /DOWN/);
    await first.kill('SIGKILL');

    const second = await house.start();
    await second.waitFor(({ event, kind }) => event === 'delivery accepted' && kind === 'page');
    house.shop.answerWith(200);
    await house.waitForSms(ANA, / OK /);
    expect(house.smsTo(ANA).filter((body) => body.includes('DOWN'))).toHaveLength(1);
  });

  test('stopped in the middle of an open incident: no second page, and the same incident goes on', async () => {
    const first = await breakTheShop();
    const page = await house.waitForSms(ANA, /DOWN/);
    await first.waitFor(({ event, kind }) => event === 'delivery accepted' && kind === 'page');
    expect(await first.kill('SIGTERM')).toBe(0);

    const second = await house.start();
    await second.waitFor(({ event, status }) => event === 'looked' && status === 'down');
    const [code = ''] = page.body.split(' ');
    const shown = await house.command('incidents', '--json');
    expect(JSON.parse(shown.out)).toMatchObject([{ code, state: 'open' }]);
    house.shop.answerWith(200);
    await house.waitForSms(ANA, / OK /);
    expect(house.smsTo(ANA)).toHaveLength(2);
  });

  test('stopped before a page that was taken has arrived: its arrival is heard of after the restart', async () => {
    const first = await breakTheShop();
    const page = await house.waitForSms(ANA, /DOWN/);
    await first.waitFor(({ event, kind }) => event === 'delivery accepted' && kind === 'page');
    expect(await first.kill('SIGTERM')).toBe(0);
    house.twilio.progress(page.sid, 'delivered');
    const second = await house.start();
    await second.waitFor(({ event, kind }) => event === 'delivery proven' && kind === 'page');
  });

  test('an acknowledgement survives kill -9', async () => {
    const first = await breakTheShop();
    const page = await house.waitForSms(ANA, /DOWN/);
    const [code = ''] = page.body.split(' ');
    expect((await house.command('ack', code, '--by', 'ana')).code).toBe(0);
    await first.kill('SIGKILL');
    await house.start();
    const shown = await house.command('incidents', code, '--json');
    expect(JSON.parse(shown.out)).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ana' });
  });

  test('a second daemon on the same data refuses to start and says who has it', async () => {
    const first = await house.start();
    const second = house.spawn();
    expect(await second.ended).toBe(1);
    expect(second.other.join('\n')).toContain(String(first.pid));
  });
});
