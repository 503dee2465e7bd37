/** From one configuration to the next: as a whole or not at all, and one at a time. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { channels } from '../src/channels/index.ts';
import type { Config } from '../src/config/config.ts';
import type { LoadedConfig } from '../src/config/load.ts';
import type { TocsinEvent } from '../src/events.ts';
import { createReload } from '../src/reload.ts';
import { configOf } from './config/fixture.ts';
import { VirtualClock } from './virtual-clock.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const listening = (port: number) =>
  configOf(`version: 1\ndata: /srv/tocsin\nlisten: { operator: "127.0.0.1:${port}" }\n`);

let started: Config;
let moved: Config;
beforeAll(async () => {
  started = await listening(9_110);
  moved = await listening(9_120);
});

let loads: PromiseWithResolvers<LoadedConfig>[];
let signals: AbortSignal[];
let clock: VirtualClock;
let done: string[];
let events: TocsinEvent[];
let following: (rest: () => Promise<unknown>) => Promise<void>;
let reload: ReturnType<typeof createReload>;
beforeEach(() => {
  [loads, signals, done, events] = [[], [], [], []];
  clock = new VirtualClock(NOON);
  following = async () => void done.push('followed');
  reload = createReload({
    load: (signal) => {
      signals.push(signal);
      const load = Promise.withResolvers<LoadedConfig>();
      loads.push(load);
      return load.promise;
    },
    started,
    swap: () => done.push('swapped'),
    follow: (_next, rest) => following(rest),
    channels,
    submit: async ({ type }) => done.push(type),
    emit: (event) => events.push(event),
    clock,
  });
});

/** Resolves when that many have begun to load. */
async function begun(count: number): Promise<PromiseWithResolvers<LoadedConfig>> {
  while (loads.length < count) await new Promise(setImmediate);
  return loads[count - 1]!;
}

describe('a reload', () => {
  it('is in force, and what follows from it decided, before anything else is', async () => {
    const reloading = reload();
    (await begun(1)).resolve({ config: started, original: '' });
    expect(await reloading).toEqual({ restartNeeded: [] });
    expect(done).toEqual(['swapped', 'reloaded', 'followed']);
    expect(events).toEqual([
      { type: 'configured', config: started, original: '', broken: [], at: NOON },
    ]);
  });

  it('that finds problems leaves all as it was', async () => {
    const reloading = reload();
    const problems = [{ file: 'checks.yml', line: 3, column: 1, text: 'unknown key "evry"' }];
    (await begun(1)).resolve({ problems });
    expect(await reloading).toEqual({ problems: ['checks.yml:3:1 unknown key "evry"'] });
    expect(done).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(['reload_failed']);
  });

  it('that cannot be done says why, and the next one is tried', async () => {
    const first = reload();
    (await begun(1)).reject(new Error('no memory for a thread'));
    expect(await first).toEqual({
      problems: ['could not be loaded: Error: no memory for a thread'],
    });
    const second = reload();
    (await begun(2)).resolve({ config: started, original: '' });
    expect(await second).toEqual({ restartNeeded: [] });
  });

  it('that hangs is given up after a minute, and the next one is tried', async () => {
    const first = reload();
    const hung = await begun(1);
    signals[0]?.addEventListener('abort', () => hung.reject(new Error('given up')));
    await clock.advance(60_000);
    expect(await first).toEqual({ problems: [`${started.file}: was not read within 60 s`] });
    void reload();
    await begun(2);
  });

  it('that is asked for while one runs reads the file again after it, once for all who asked', async () => {
    const first = reload();
    await begun(1);
    const others = [reload(), reload(), reload()];
    loads[0]!.resolve({ config: started, original: '' });
    await first;
    (await begun(2)).resolve({ config: started, original: '' });
    expect(await Promise.all(others)).toEqual(Array(3).fill({ restartNeeded: [] }));
    expect(loads).toHaveLength(2);
  });

  it('swaps nothing in while the one before is still followed through the checks', async () => {
    following = async (rest) => {
      done.push('begun to follow');
      for (let i = 0; i < 20; i++) await rest();
      done.push('followed');
    };
    const first = reload();
    (await begun(1)).resolve({ config: started, original: '' });
    while (!done.includes('begun to follow')) await new Promise(setImmediate);
    const second = reload();
    await first;
    (await begun(2)).resolve({ config: moved, original: '' });
    await second;
    const each = ['swapped', 'reloaded', 'begun to follow', 'followed'];
    expect(done).toEqual([...each, ...each]);
  });

  it('that is running when the daemon stops changes nothing', async () => {
    const reloading = reload();
    const load = await begun(1);
    reload.stop();
    load.resolve({ config: started, original: '' });
    const stopping = { problems: ['Tocsin is stopping: nothing was reloaded'] };
    expect([await reloading, await reload()]).toEqual([stopping, stopping]);
    expect([...done, ...events]).toEqual([]);
  });
});

it('what needs a restart is held against what runs, not against the last file', async () => {
  const told = async (config: Config) => {
    events = [];
    const reloading = reload();
    (await begun(loads.length + 1)).resolve({ config, original: '' });
    const answer = await reloading;
    const logged = events.flatMap((event) => (event.type === 'restart_needed' ? event.keys : []));
    return { answer, logged };
  };
  const needed = {
    answer: { restartNeeded: ['listen.operator'] },
    logged: ['listen.operator'],
  };
  expect(await told(moved)).toEqual(needed);
  expect(await told(moved)).toEqual(needed);
  expect(await told(started)).toEqual({ answer: { restartNeeded: [] }, logged: [] });
});
