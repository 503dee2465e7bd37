/** A drill as its users see it: a real daemon, phones that ring, people who answer or do not. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANA, BEN, openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;

beforeEach(async () => {
  house = await openHouse({ more: (url) => `public_url: ${url}\n` });
});
afterEach(() => house.close());

test('a drill asks phones, outlives the daemon, and is over when everybody has answered', async () => {
  const first = await house.start();
  const begun = await house.command('drill', 'on-call', '--by', 'ana');
  expect(begun).toMatchObject({ code: 0, out: expect.stringContaining('under way') });
  const asked = /^\w+ DRILL of on-call: nothing is down\..*Reply \w+ = I got it\./;
  const { body } = await house.waitForSms(ANA, asked);
  const [code = ''] = body.split(' ');
  const toBen = await house.waitForSms(BEN, asked);
  await house.waitForPush(/DRILL of on-call begins: nothing is down .*Ana Silva, Ben Okoro/);
  expect((await house.command('drill', 'on-call')).err).toContain(`${code} of on-call is not over`);
  await first.kill('SIGKILL');

  await house.start();
  house.twilio.receive(ANA, `ack ${code}`);
  await house.waitForSms(ANA, /thank you, Ana Silva\. Drill passed/);
  const [link = ''] = /http\S+\/a\/\w+/.exec(toBen.body) ?? [];
  expect(await (await fetch(link)).text()).toContain('This is a drill: nothing is down');
  const answered = await fetch(link, { method: 'POST' });
  expect(await answered.text()).toContain('Thank you: you answered');

  const { out } = await house.command('drills');
  expect(out).toMatch(new RegExp(`^${code} +on-call +answered`, 'm'));
  expect(out).toMatch(/Ben Okoro +sms +\d\d:\d\d:\d\d\S+ \(\d+ s ago\) +\d\d:/);
  const metrics = await (await fetch(`${house.operator}/metrics`)).text();
  expect(metrics).toContain('tocsin_drill_last_unanswered{escalation="on-call"} 0');
  expect(metrics).toContain('tocsin_incidents_total{severity="major"} 0');
  expect((await house.command('incidents', '--all')).err).toBe('nothing is open\n');
});

test('an answer from a terminal is by the code, as for an incident; a stranger to it is told so', async () => {
  await house.start();
  await house.command('drill', 'on-call', '--within', '2m', '--by', 'ana');
  const [code = ''] = (await house.waitForSms(BEN, /DRILL/)).body.split(' ');
  expect(await house.command('ack', code, '--by', 'ben')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/Ben Okoro +answered/),
  });
  const stranger = await house.command('ack', code, '--by', 'zoe');
  expect(stranger).toMatchObject({ code: 1, err: expect.stringContaining('asks ana, ben') });
  expect((await house.command('ack', '9Z9', '--by', 'ben')).err).toContain('unknown incident');
  expect((await house.command('drill', 'on-cal')).err).toContain('did you mean "on-call"?');
});
