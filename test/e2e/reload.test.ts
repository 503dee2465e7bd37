/** Reloading the real daemon: while it starts, with a large file, and with what only a restart changes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DaemonProcess, LogLine } from './daemon-process.ts';
import { ANA, openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

const configured = (daemon: DaemonProcess, times: number): Promise<LogLine> =>
  daemon.waitFor(() => daemon.lines.filter(({ event }) => event === 'configured').length === times);

const post = () =>
  fetch(`${house.operator}/-/reload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });

describe('a signal that comes before the modules are loaded', () => {
  /** Raises it when the first module of a command is about to be. */
  const raising = (signal: NodeJS.Signals) => {
    const hook = `import { registerHooks } from 'node:module';
      import { isMainThread } from 'node:worker_threads';
      registerHooks({ load(url, context, next) {
        if (isMainThread && url.endsWith('/cli/program.ts')) process.kill(process.pid, '${signal}');
        return next(url, context);
      } });`;
    return { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(hook)}"` };
  };

  test('SIGHUP reloads once it has started', async () => {
    await configured(await house.start(raising('SIGHUP')), 2);
  });

  test('SIGTERM ends it with 0 once it has started', async () => {
    const daemon = await house.start(raising('SIGTERM'));
    expect(await daemon.ended).toBe(0);
  });
});

describe('a large file', () => {
  /** None of them is looked at before the new year. */
  const many = (name: string) =>
    Array.from(
      { length: 1_500 },
      (_, i) => `  c${i}: { name: ${name} ${i}, tcp: "10.0.0.1:${i + 1}", cron: "0 0 1 1 *" }\n`,
    ).join('');

  test('is read at the start and again, and everything in it is there', async () => {
    house.edit('checks:\n', `checks:\n${many('Before')}`);
    const daemon = await house.start();
    house.edit(many('Before'), many('After'));
    expect((await post()).status).toBe(200);
    await configured(daemon, 2);
    const metrics = await (await fetch(`${house.operator}/metrics`)).text();
    expect(metrics.match(/^tocsin_check_info\{.*name="After \d+"/gm)).toHaveLength(1_500);
    expect(await daemon.kill('SIGTERM')).toBe(0);
  });
});

test('another port is said to need a restart as long as the file has it', async () => {
  const daemon = await house.start();
  const told = () => daemon.lines.filter(({ event }) => event.startsWith('restart needed'));
  const answer = async () => (await post()).json();
  const { port } = new URL(house.public);
  house.edit(`public: "127.0.0.1:${port}"`, 'public: "127.0.0.1:9"');
  expect((await house.command('plan')).out).toContain('a restart is needed for: listen.public');
  expect(await answer()).toEqual({ reloaded: true, restartNeeded: ['listen.public'] });
  expect(await answer()).toEqual({ reloaded: true, restartNeeded: ['listen.public'] });
  await daemon.waitFor(() => told().length === 2);
  expect(told()[0]).toMatchObject({ keys: ['listen.public'] });
  house.edit('public: "127.0.0.1:9"', `public: "127.0.0.1:${port}"`);
  expect(await answer()).toEqual({ reloaded: true, restartNeeded: [] });
  await configured(daemon, 4);
  expect(told()).toHaveLength(2);
});

test('`plan` says who would be woken otherwise, and never by which number', async () => {
  house.edit(
    'escalations:',
    'rotations:\n  primary: { members: [ana, ben], start: 2026-01-05, handoff: "0 9 * * 1" }\nescalations:',
  );
  const daemon = await house.start();
  expect((await house.command('plan')).out).toBe('nothing would change\n');
  const before = JSON.parse((await house.command('oncall', '--json')).out) as { name: string }[];
  house.edit('members: [ana, ben]', 'members: [ben, ana]');
  house.edit('after: 5m', 'after: 2h');
  house.edit(ANA, '+351912345679');
  const { out } = await house.command('plan');
  expect(out).not.toMatch(/nothing would change|35191/);
  expect(out).toMatch(/^~ +responder ana +sms is another$/m);
  expect(out).toMatch(/^~ +rotation primary +members ana, ben → ben, ana$/m);
  expect(out).toMatch(/^~ +escalation on-call +step 2 after 5m ben by sms → after 2h ben by sms$/m);
  const [was, is] = before[0]?.name === 'Ana Silva' ? ['ana', 'ben'] : ['ben', 'ana'];
  expect(out).toContain(`on duty now in primary: ${was} → ${is}`);
  expect(await daemon.kill('SIGTERM')).toBe(0);
});
