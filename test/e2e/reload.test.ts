/** Reloading the real daemon: while it starts, with a large file, and with what only a restart changes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DaemonProcess, LogLine } from './daemon-process.ts';
import { openHouse } from './house.ts';

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
  const told = () => daemon.lines.filter(({ where }) => where === 'reload').map(({ what }) => what);
  const words = 'listen.public is not what Tocsin was started with: a restart is needed';
  const { port } = new URL(house.public);
  house.edit(`public: "127.0.0.1:${port}"`, 'public: "127.0.0.1:9"');
  await post();
  await post();
  await configured(daemon, 3);
  expect(told()).toEqual([words, words]);
  house.edit('public: "127.0.0.1:9"', `public: "127.0.0.1:${port}"`);
  await post();
  await configured(daemon, 4);
  expect(told()).toHaveLength(2);
});
