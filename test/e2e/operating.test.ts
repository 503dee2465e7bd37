import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANA, openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

describe('running it', () => {
  test('SIGHUP takes a new configuration; a broken one is refused and the old one runs on', async () => {
    const daemon = await house.start();
    house.edit('name: Shop home page', 'name: The shop');
    process.kill(daemon.pid, 'SIGHUP');
    const again = (n: number) => () =>
      daemon.lines.filter(({ event }) => event === 'configured').length === n;
    await daemon.waitFor(again(2));
    const named = await house.command('checks', '--json');
    expect(JSON.parse(named.out)).toMatchObject([{ id: 'shop', name: 'The shop' }]);

    house.edit('every: 1s', 'evry: 1s');
    process.kill(daemon.pid, 'SIGHUP');
    await daemon.waitFor(({ event }) => event.startsWith('reload failed'));
    expect((await house.command('healthcheck')).code).toBe(0);
    const metrics = await (await fetch(`${house.operator}/metrics`)).text();
    expect(metrics).toMatch(/^tocsin_config_last_reload_successful 0$/m);
  });

  test('POST /-/reload answers with the problems, each with its place', async () => {
    await house.start();
    house.edit('every: 1s', 'evry: 1s');
    const answer = await fetch(`${house.operator}/-/reload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toMatch(/checks\.yml:\d+:\d+ unknown key/);
  });

  test('removing the check that is down ends its incident and tells who was paged', async () => {
    const daemon = await house.start();
    house.shop.answerWith(500);
    await house.waitForSms(ANA, /DOWN/);
    house.edit('  shop:', '  other:');
    house.edit(house.shop.url, 'http://127.0.0.1:9/');
    process.kill(daemon.pid, 'SIGHUP');
    const over = await house.waitForSms(ANA, /CLOSED/);
    expect(over.body).toContain('removed');
  });

  test('an invalid file is exit code 2 with every problem and its place', async () => {
    house.edit('every: 1s', 'evry: 1s');
    house.edit('timeout: 900ms', 'timeout: 900');
    const daemon = house.spawn();
    expect(await daemon.ended).toBe(2);
    const said = daemon.other.join('\n');
    expect(said).toMatch(/checks\.yml:\d+:\d+ unknown key "evry" .*did you mean "every"\?/);
    expect(said).toMatch(/checks\.yml:\d+:\d+ .*900 has no unit/);
  });

  test('SIGINT and SIGTERM end it with 0', async () => {
    expect(await (await house.start()).kill('SIGINT')).toBe(0);
    expect(await (await house.start()).kill('SIGTERM')).toBe(0);
  });

  test('the public listener shows a page, and knows nothing of metrics or the API', async () => {
    const daemon = await house.start();
    await daemon.waitFor(({ event, to }) => event === 'turned' && to === 'up');
    const page = await fetch(house.public);
    expect(await page.text()).toContain('Shop home page');
    expect((await fetch(`${house.public}/metrics`)).status).toBe(404);
    expect((await fetch(`${house.public}/api/v1/incidents`)).status).toBe(404);
  });

  test('commands for a daemon that is not running say so', async () => {
    const asked = await house.command('incidents');
    expect(asked.code).toBe(1);
    expect(asked.err).toContain('is it running?');
  });

  test('probe: each expectation with what was seen, exit 0 up and 1 down', async () => {
    expect(await house.command('probe', 'shop')).toMatchObject({ code: 0 });
    house.shop.answerWith(503);
    const down = await house.command('probe', 'shop');
    expect(down.code).toBe(1);
    expect(down.out).toMatch(/FAIL +status +2xx +503 +status$/m);
    const unknown = await house.command('probe', 'shopp');
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.err).toContain('did you mean "shop"?');
  });

  test('test: one marked message and what the vendor said', async () => {
    const sent = await house.command('test', 'sms', '--to', 'ana', '--no-wait');
    expect(sent.code).toBe(0);
    expect(sent.out).toMatch(/^sms: accepted \(SM/);
    expect(house.smsTo(ANA)).toEqual([expect.stringMatching(/test/i)]);
    expect(await house.command('test', 'sms')).toMatchObject({ code: 2 });
    house.twilio.script({ status: 401, body: '{"code":20003,"message":"Authenticate"}' });
    const refused = await house.command('test', 'sms', '--to', 'ana');
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('refused: auth');
  });

  test('test: follows the message to its receipt, and fails where it did not arrive', async () => {
    const ends = async (status: string, error?: number) => {
      const known = house.twilio.requests.length;
      const testing = house.command('test', 'sms', '--to', 'ana');
      const { sid } = await house.twilio.waitFor(
        (sms) => house.twilio.requests.indexOf(sms) >= known,
      );
      house.twilio.progress(sid, status, error);
      return testing;
    };
    const arrived = await ends('delivered');
    expect(arrived).toMatchObject({ code: 0, out: expect.stringMatching(/^sms: delivered \(SM/) });
    const lost = await ends('undelivered', 30003);
    expect(lost.code).toBe(1);
    expect(lost.out).toContain('unreachable handset (30003)');
  });

  test('`ack` without a code is for the one that is open; a slip in --by is told', async () => {
    house.edit(
      '    name: Shop home page',
      '    name: Shop home page\n    runbook: https://wiki.example.com/shop',
    );
    await house.start();
    house.shop.answerWith(500);
    const [code = ''] = (await house.waitForSms(ANA, /DOWN/)).body.split(' ');
    const shown = await house.command('incidents', code);
    expect(shown.out).toContain('https://wiki.example.com/shop');
    expect((await house.command('checks', '--json')).out).toContain(
      'https://wiki.example.com/shop',
    );
    const story = await fetch(`${house.operator}/-/debug/probe/shop`);
    expect(await story.text()).toContain('runbook https://wiki.example.com/shop');
    const noted = await house.command('note', code, 'looking', '--by', 'anna');
    expect(noted).toMatchObject({ code: 0, out: `${code} Shop home page: noted\n` });
    expect(noted.err).toBe('no responder is called "anna": did you mean --by ana?\n');
    const acked = await house.command('ack', '--by', 'ana');
    expect(acked.code).toBe(0);
    expect(acked.out).toMatch(/^\w+ Shop home page: ana has it until .*\(in 1 h\)\n$/);
    expect(acked.err).toBe('');
    const nothing = await house.command('ack', '--by', 'ana');
    expect(nothing).toMatchObject({ code: 1, err: 'nothing is open\n' });
    const drill = await house.command('drill', 'on-call', '--cancel');
    expect(drill.code).toBe(1);
  });

  test('a drill for which everybody is busy says so, and fails', async () => {
    house.edit('{ after: 5m, page: [ben], by: [sms] }', '{ after: 5m, page: [ana], by: [sms] }');
    await house.start();
    house.shop.answerWith(500);
    await house.waitForSms(ANA, /DOWN/);
    const drill = await house.command('drill', 'on-call', '--by', 'ben');
    expect(drill.code).toBe(1);
    expect(drill.out).toMatch(/ spared /);
    expect(drill.err).toBe(
      'nobody was asked: Ana Silva: there is a page to them that nobody has acknowledged. Try again after it\n',
    );
  });

  test('resolving what is still down is refused, and may be forced with a reason', async () => {
    await house.start();
    house.shop.answerWith(500);
    const page = await house.waitForSms(ANA, /DOWN/);
    const [code = ''] = page.body.split(' ');
    const refused = await house.command('resolve', code, '--by', 'ana');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('still down: ack, or silence it');
    expect(await house.command('resolve', code, '--force')).toMatchObject({ code: 2 });
    const forced = await house.command('resolve', code, '--by', 'ana', '--force', '--why', 'known');
    expect(forced.code).toBe(0);
    await house.waitForSms(ANA, /CLOSED/);
  });

  test('a second person hears who has it, and may take it over; a broken file is no hindrance', async () => {
    await house.start();
    house.shop.answerWith(500);
    const [code = ''] = (await house.waitForSms(ANA, /DOWN/)).body.split(' ');
    await house.command('ack', code, '--by', 'ana');
    const second = await house.command('ack', code, '--by', 'ben');
    expect(second.err).toMatch(/^ana has it since .* ago\) \(--take-over takes it over\)$/m);
    writeFileSync(house.file, 'checks: [');
    // It finds the daemon by the configuration that was kept.
    expect(await house.command('ack', code)).toMatchObject({ code: 0 });
    const there = ['--url', house.operator, '--by', 'ben'];
    const taken = await house.command('ack', code, '--take-over', ...there);
    expect(taken.out).toMatch(/^\w+ Shop home page: ben has it until /);
    await house.waitForSms(ANA, /has it/);
  });

  test('wrong usage is exit code 2', async () => {
    expect(await house.command('akc', '7K')).toMatchObject({ code: 2 });
    expect(await house.command('note')).toMatchObject({ code: 2 });
    const other = await house.command('status');
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining('`tocsin incidents`') });
    const bare = await house.command('silence', 'shop');
    expect(bare).toMatchObject({ code: 2, err: expect.stringMatching(/--for .*--why/) });
    expect((await house.command('ack', '7K', '--for', '4')).err).toContain('--for 4');
  });
});
