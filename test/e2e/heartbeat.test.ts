import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANA, openHouse } from './house.ts';

const JOB = 'token-of-the-nightly-backup';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

/** A job beside the shop. */
function expectEvery(period: string): void {
  const check = `  backup:\n    name: Nightly backup\n    heartbeat: { ${period} }\n    token: ${JOB}\n`;
  const text = readFileSync(house.file, 'utf8');
  writeFileSync(house.file, text.replace('channels:\n', `${check}channels:\n`));
}

const report = (path: string, body?: string) =>
  fetch(`${house.public}${path}`, body === undefined ? {} : { method: 'POST', body });

async function backup(): Promise<Record<string, unknown>> {
  const answer = await fetch(`${house.operator}/api/v1/checks/backup`);
  return (await answer.json()) as Record<string, unknown>;
}

describe('a job that reports', () => {
  test('is up while it does, pages a person when it stops, and is over with the next report', async () => {
    expectEvery('every: 3s, grace: 1s');
    const daemon = await house.start();
    const answer = await report(`/heartbeat/${JOB}`, '');
    expect([answer.status, await answer.text()]).toEqual([200, 'OK\n']);
    await daemon.waitFor(
      ({ event, check, to }) => event === 'turned' && check === 'backup' && to === 'up',
    );

    const page = await house.waitForSms(ANA, /DOWN Nightly backup/);
    expect(page.body).toMatch(/: no heartbeat for [4-9]s, since \d\d:\d\d\./);
    expect(await backup()).toMatchObject({
      type: 'heartbeat',
      target: 'heartbeat',
      state: 'down',
      reason: 'missed_heartbeat',
      nextProbeAt: null,
    });

    expect((await report(`/heartbeat/${JOB}`, '')).status).toBe(200);
    await house.waitForSms(ANA, / OK Nightly backup: up after/);
  });

  test('that never does is down as well', async () => {
    expectEvery('every: 1s, grace: 1s');
    await house.start();
    await house.waitForSms(ANA, /DOWN Nightly backup: no heartbeat for [2-9]s/);
  });

  test('by the URLs of healthchecks.io and Uptime Kuma: start, exit code with its words, push', async () => {
    expectEvery('every: 1h, grace: 10m');
    const daemon = await house.start();
    expect((await report(`/ping/${JOB}/start?rid=1`)).status).toBe(200);
    expect(await backup()).toMatchObject({ state: 'unknown', lastProbeAt: null });
    expect((await report(`/ping/${JOB}/3`, 'no space left on /backup\nline two')).status).toBe(200);
    await house.waitForSms(ANA, /DOWN Nightly backup: exit code 3/);
    expect(await backup()).toMatchObject({
      reason: 'exit_code',
      detail: 'exit code 3: no space left on /backup\nline two',
    });
    const shown = await house.command('checks');
    expect(shown.out).toMatch(/^backup +down .*exit code 3: no space left on \/backup$/m);

    const pushed = await report(`/api/push/${JOB}?status=up&msg=OK&ping=1500`);
    expect(await pushed.json()).toEqual({ ok: true });
    await house.waitForSms(ANA, / OK Nightly backup/);
    const metrics = await (await fetch(`${house.operator}/metrics`)).text();
    expect(metrics).toMatch(/^probe_success\{instance="heartbeat",check="backup"\} 1$/m);
    expect(metrics).toMatch(/^probe_duration_seconds\{.*check="backup"\} 1\.5$/m);
    expect(metrics).toMatch(/^tocsin_check_state\{check="backup",state="up"\} 1$/m);
    expect(metrics).toMatch(/^tocsin_check_info\{check="backup",.*type="heartbeat"/m);
    expect(metrics).toMatch(/^tocsin_probe_results_total\{check="backup",result="down"\} 1$/m);

    expect((await report('/ping/token-of-nobody')).status).toBe(404);
    await daemon.kill('SIGTERM');
    const said = JSON.stringify([daemon.lines, daemon.other]);
    expect(said).toContain('exit code 3');
    for (const hidden of [JOB, 'token-of-nobody', 'no space left']) {
      expect(said).not.toContain(hidden);
    }
  });

  test('is remembered by a daemon that is killed the moment it has answered', async () => {
    expectEvery('every: 1h, grace: 10m');
    const first = await house.start();
    await report(`/heartbeat/${JOB}`);
    expect((await report(`/heartbeat/${JOB}`)).status).toBe(200);
    const before = await backup();
    await first.kill('SIGKILL');

    await house.start();
    const after = await backup();
    expect(after).toMatchObject({ state: 'up', lastProbeAt: before['lastProbeAt'] });
    expect(after['nextProbeAt']).toBe(before['nextProbeAt']);
  });

  test('is not looked at: probe says so, validate says how late its page may be', async () => {
    expectEvery('every: 1h, grace: 10m');
    const probed = await house.command('probe', 'backup');
    expect(probed).toMatchObject({ code: 2, out: '' });
    expect(probed.err).toContain('backup is a heartbeat: its job reports');
    const validated = await house.command('validate');
    expect(validated.out).toMatch(/^backup +heartbeat +heartbeat +pages on-call at most 1h10m/m);
  });
});
