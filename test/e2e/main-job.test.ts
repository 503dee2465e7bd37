import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { septets } from '../../src/message/gsm7.ts';
import { ANA, BEN, openHouse, TOKEN } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => {
  // The next step is due while the story is still going on, so that its absence means something.
  house = await openHouse({
    steps: '[{ page: [ana], by: [sms] }, { after: 8s, page: [ben], by: [sms] }]',
  });
});
afterEach(() => house.close());

async function breakTheShop() {
  const daemon = await house.start();
  await daemon.waitFor(({ event, to }) => event === 'turned' && to === 'up');
  house.shop.answerWith(500);
  const [sms, push] = await Promise.all([house.waitForSms(ANA, /DOWN/), house.waitForPush(/DOWN/)]);
  return { daemon, sms, push, code: sms.body.split(' ')[0] ?? '' };
}

describe('a failing check wakes a person', () => {
  test('an SMS that Twilio took and the carrier lost goes to the next step at once', async () => {
    const { daemon, sms } = await breakTheShop();
    house.twilio.progress(sms.sid, 'undelivered', 30003);
    await daemon.waitFor(({ event }) => event === 'delivery lost');
    await house.waitForSms(BEN, /DOWN/);
    const code = sms.body.split(' ')[0] ?? '';
    const { out } = await house.command('incidents', code);
    expect(out).toMatch(/page +ana +sms +failed +\+\d+ s .*network, unreachable handset \(30003\)/);
    const shown = JSON.parse((await house.command('incidents', code, '--json')).out) as object;
    expect(shown).toMatchObject({
      notifications: expect.arrayContaining([
        expect.objectContaining({ responder: 'ana', detail: 'unreachable handset (30003)' }),
      ]),
    });
  });

  test('paged and posted at once, acknowledged by command, not paged on, and told when it is over', async () => {
    const { daemon, sms, code } = await breakTheShop();
    expect(sms.form).toMatchObject({ To: ANA, From: '+15005550006' });
    expect(sms.body).toMatch(
      /^[2-9A-Z]{2} DOWN Shop home page: HTTP 500, since \d\d:\d\d\. Reply [2-9A-Z]{2} = ack\.$/,
    );
    expect(septets(sms.body)).toBeLessThanOrEqual(160);

    const taken = (kind: string) =>
      daemon.waitFor((line) => line.event === 'delivery accepted' && line['kind'] === kind);
    const [page, post] = await Promise.all([taken('page'), taken('post')]);
    expect(page['tookMs']).toBeLessThan(5_000);
    expect(post['incident']).toBe(page['incident']);
    expect(house.smsTo(ANA)).toHaveLength(1);

    const acked = await house.command('ack', code.toLowerCase(), '--by', 'ana', '--json');
    expect(acked).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(acked.out)).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ana' });
    await house.waitForPush(/Ana Silva has it/);

    // The second step's time comes and goes by the daemon's own clock: it keeps looking meanwhile.
    const ackedAt = Date.now();
    await daemon.waitFor(
      ({ event, time }) => event === 'looked' && Date.parse(time) > ackedAt + 8_500,
    );
    expect(house.smsTo(BEN)).toEqual([]);

    house.shop.answerWith(200);
    const [over] = await Promise.all([
      house.waitForSms(ANA, / OK Shop home page: up after/),
      house.waitForPush(/OK Shop home page/),
    ]);
    expect(over.body.startsWith(`${code} OK`)).toBe(true);
    expect(house.smsTo(ANA)).toHaveLength(2);
    const shown = await house.command('incidents', code);
    expect(shown.out).toContain('resolved');
    expect(await daemon.kill('SIGTERM')).toBe(0);
  });

  test('acknowledged by a reply to the SMS, which is answered', async () => {
    const { code } = await breakTheShop();
    house.twilio.receive(ANA, ` ${code.toLowerCase()}. `);
    const answer = await house.waitForSms(ANA, /is yours/);
    expect(answer.body).toBe(`${code} is yours for 2h: Shop home page`);
    house.shop.answerWith(200);
    await Promise.all([house.waitForSms(ANA, / OK /), house.waitForPush(/ OK /)]);
  });

  test('nobody answers: the second step is paged when it is due', async () => {
    await breakTheShop();
    const second = await house.waitForSms(BEN, /DOWN/);
    const [first] = house.twilio.requests;
    // Vendors tell whole seconds.
    expect(second.at - (first?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
  });

  test('no secret and no whole number in anything that was logged', async () => {
    const { daemon, code } = await breakTheShop();
    house.twilio.receive('+15550001111', code);
    house.twilio.receive(ANA, code);
    await house.waitForSms(ANA, /is yours/);
    await daemon.kill('SIGTERM');
    const said = [...daemon.lines.map((line) => JSON.stringify(line)), ...daemon.other].join('\n');
    expect(said).toContain('stranger');
    for (const secret of [TOKEN, ANA, BEN, '+15550001111']) expect(said).not.toContain(secret);
    expect(house.smsTo('+15550001111')).toEqual([]);
  });
});
