import { beforeEach, describe, expect, test } from 'vitest';
import { createWatchdog, type Watchdog } from '../../src/observers/watchdog.ts';
import { VirtualClock } from '../virtual-clock.ts';

const S = 1_000;
const START = Date.UTC(2026, 0, 5, 3, 12);

let clock: VirtualClock;
let told: string[];
let isAwake: boolean;
const watchdogOf = (watchdogMs: number | null): Watchdog => {
  const tell = (what: string) => (status?: string) => {
    told.push(
      [(clock.now() - START) / S, what, ...(status === undefined ? [] : [status])].join(' '),
    );
  };
  return createWatchdog({
    clock,
    supervisor: {
      ...{ watchdogMs, ready: tell('ready'), reloading: tell('reloading') },
      ...{ stopping: tell('stopping'), alive: tell('alive'), status: tell('status') },
    },
    checks: () => 3,
    isAwake: () => isAwake,
  });
};

beforeEach(() => {
  clock = new VirtualClock(START);
  told = [];
  isAwake = true;
});

describe('whoever has started us', () => {
  test('hears that we are ready, live and stop, three times within what it was given', async () => {
    const watchdog = watchdogOf(60 * S);
    watchdog.start();
    await clock.advance(60 * S);
    watchdog.stop();
    await clock.advance(600 * S);
    expect(told).toEqual([
      ...['0 ready 3 checks', '0 alive', '20 alive', '40 alive', '60 alive', '60 stopping'],
    ]);
    expect(clock.pending()).toBe(0);
  });

  test('does not hear that we live while nothing that is due is noticed', async () => {
    const watchdog = watchdogOf(60 * S);
    watchdog.start();
    isAwake = false;
    await clock.advance(60 * S);
    expect(told).toEqual(['0 ready 3 checks', '0 alive']);
    isAwake = true;
    await clock.advance(20 * S);
    expect(told.at(-1)).toBe('80 alive');
    watchdog.stop();
  });

  test('without a watchdog hears the rest', async () => {
    const watchdog = watchdogOf(null);
    watchdog.start();
    await clock.advance(60 * S);
    expect(told).toEqual(['0 ready 3 checks']);
    expect(clock.pending()).toBe(0);
  });

  test('hears when a reload begins and ends, however it ends', async () => {
    const watchdog = watchdogOf(null);
    await watchdog.whileReloading(async () => 'early');
    watchdog.start();
    expect(await watchdog.whileReloading(async () => 'well')).toBe('well');
    await expect(watchdog.whileReloading(() => Promise.reject(new Error('no')))).rejects.toThrow();
    const ready = '0 ready 3 checks';
    expect(told).toEqual([ready, '0 reloading', ready, '0 reloading', ready]);
  });

  test('is fed without a store or a channel, and hears in words what is wrong', async () => {
    const watchdog = watchdogOf(60 * S);
    watchdog.start();
    const pulse = (failed: ('store' | 'channels')[], refusal: string | null = null) => {
      watchdog.observe({ type: 'pulse', failed, refusal, at: clock.now() });
    };
    pulse([]);
    pulse(['store', 'channels']);
    pulse(['store', 'channels']);
    pulse([], 'HTTP 404');
    await clock.advance(20 * S);
    pulse([]);
    expect(told).toEqual([
      '0 ready 3 checks',
      '0 alive',
      '0 status 3 checks; not well: store, channels',
      '0 status 3 checks; not well: heartbeat_to is not taken: HTTP 404',
      '20 alive',
      '20 status 3 checks',
    ]);
    watchdog.stop();
  });
});
