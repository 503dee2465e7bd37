/** Jobs that report, over the real pipeline and a store that is only memory, on a virtual clock. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../src/config/config.ts';
import type { TocsinEvent } from '../src/events.ts';
import { createHeartbeats, type Heartbeats } from '../src/heartbeats.ts';
import { rebuild } from '../src/incident/apply.ts';
import type { CheckState } from '../src/judge/check-state.ts';
import type { Report } from '../src/judge/heartbeat.ts';
import type { Courier } from '../src/outbox/courier.ts';
import { createPipeline, type Pipeline } from '../src/pipeline.ts';
import { MemoryDisk, memoryStore } from '../src/store/memory.ts';
import { checkOf, configOf, MORNING } from './server/house.ts';
import { VirtualClock } from './virtual-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SUCCESS: Report = { word: 'success', tookMs: null };

function job(id: string, more: Partial<Check> = {}): Check {
  return checkOf(id, {
    type: 'heartbeat',
    rhythm: { everyMs: DAY },
    timeoutMs: 0,
    heartbeat: { token: `token-of-${id}`, graceMs: HOUR },
    escalation: null,
    ...more,
  });
}

let seeds = 0;
let clock: VirtualClock;
let disk: MemoryDisk;
let config: ReturnType<typeof configOf>;
let events: TocsinEvent[];
let pipeline: Pipeline;
let heartbeats: Heartbeats;

/** A daemon, as far as jobs have to do with it; again with the same disk, it is one that is back. */
async function startDaemon(): Promise<void> {
  const store = memoryStore({ clock, disk });
  const board = rebuild(await store.load(), clock.now());
  const emit = (event: TocsinEvent): void => void events.push(event);
  pipeline = createPipeline({
    ...{ board, config: () => config, store, clock, emit },
    courier: { take: () => {} } as unknown as Courier,
    random: { seed: () => [1, 2, 3, seeds++], fraction: () => 0 },
  });
  const { counted, submit } = pipeline;
  heartbeats = createHeartbeats({ clock, config: () => config, board, counted, submit, emit });
  heartbeats.replace();
  heartbeats.start();
}

const stored = (id: string): CheckState | undefined => disk.checks.get(id);
const state = (id: string): CheckState | undefined => pipeline.board.checks.get(id);
const turns = (): string[] =>
  events.flatMap((event) =>
    event.type === 'turned' ? `${event.turn.check} ${event.turn.to}: ${event.turn.brief}` : [],
  );
const incidents = () => [...pipeline.board.incidents.values()].map((incident) => incident.state);

function reload(...checks: readonly Check[]): void {
  config = configOf(checks);
  heartbeats.replace();
}

beforeEach(async () => {
  clock = new VirtualClock(MORNING);
  disk = new MemoryDisk();
  events = [];
  config = configOf([job('backup'), job('report', { rhythm: { everyMs: HOUR } }), checkOf('shop')]);
  await startDaemon();
});

describe('a token', () => {
  it('says which job reports, and nothing else does', () => {
    expect(heartbeats.checkOf('token-of-backup')).toBe('backup');
    expect(heartbeats.checkOf('token-of-report')).toBe('report');
    for (const token of ['', 'backup', 'token-of-backu', 'token-of-backup ', 'shop']) {
      expect(heartbeats.checkOf(token)).toBeUndefined();
    }
  });

  it('that a reload has changed is the only one from then on', () => {
    reload(job('backup', { heartbeat: { token: 'another', graceMs: HOUR } }));
    expect(heartbeats.checkOf('another')).toBe('backup');
    expect(heartbeats.checkOf('token-of-backup')).toBeUndefined();
  });
});

describe('a report', () => {
  it('is on the disk when it is answered', async () => {
    expect(await heartbeats.hear('backup', SUCCESS)).toMatchObject({ recorded: true });
    expect(stored('backup')).toMatchObject({ status: 'up', lookedAt: MORNING });
    await clock.advance(MINUTE);
    await heartbeats.hear('backup', SUCCESS);
    expect(stored('backup')).toMatchObject({ since: MORNING, lookedAt: MORNING + MINUTE });
    await heartbeats.hear('backup', { word: 'start', detail: '' });
    expect(stored('backup')?.heartbeat?.startedAt).toBe(MORNING + MINUTE);
  });

  it('counts although the disk takes nothing, and says so', async () => {
    disk.broken = true;
    expect(await heartbeats.hear('backup', SUCCESS)).toMatchObject({ recorded: false });
    expect(state('backup')).toMatchObject({ status: 'up' });
    expect(stored('backup')?.status).not.toBe('up');
  });

  it('to a check that is no heartbeat, or gone, is to nobody', async () => {
    expect(await heartbeats.hear('shop', SUCCESS)).toBeUndefined();
    reload(checkOf('shop'));
    expect(await heartbeats.hear('backup', SUCCESS)).toBeUndefined();
    expect(heartbeats.dueAt('backup')).toBeNull();
  });

  it('of an end is told as looks are; a start and a log are not', async () => {
    await heartbeats.hear('backup', { word: 'start', detail: '' });
    await heartbeats.hear('backup', { word: 'log', detail: 'half' });
    expect(events.filter(({ type }) => type === 'looked')).toEqual([]);
    await clock.advance(MINUTE);
    await heartbeats.hear('backup', { word: 'failure', exitCode: 3, detail: 'disk full' });
    expect(events.find(({ type }) => type === 'looked')).toMatchObject({
      verdict: { check: 'backup', status: 'down', reason: 'exit_code', brief: 'exit code 3' },
      state: { tookMs: MINUTE },
      facts: null,
    });
  });

  it('of failure opens an incident at once, and the next success ends it', async () => {
    await heartbeats.hear('backup', { word: 'failure', exitCode: 3, detail: '' });
    expect(incidents()).toEqual(['open']);
    await heartbeats.hear('backup', SUCCESS);
    expect(incidents()).toEqual(['resolved']);
    expect(turns()).toEqual(['backup down: exit code 3', 'backup up: ']);
  });
});

describe('a report that does not come', () => {
  it('opens an incident at its deadline and not before, each check at its own', async () => {
    await heartbeats.hear('backup', SUCCESS);
    await clock.advance(2 * HOUR - 1);
    expect(turns()).toEqual(['backup up: ']);
    await clock.advance(1);
    expect(turns().slice(1)).toEqual(['report down: no heartbeat for 2h']);
    expect(stored('report')).toMatchObject({ status: 'down', reason: 'missed_heartbeat' });
    await clock.advance(23 * HOUR);
    expect(turns().slice(2)).toEqual(['backup down: no heartbeat for 25h']);
    expect(incidents()).toEqual(['open', 'open']);
    expect(heartbeats.dueAt('backup')).toBeNull();
  });

  it('is put off by every one that does', async () => {
    for (let hour = 0; hour < 5; hour++) {
      await heartbeats.hear('report', SUCCESS);
      await clock.advance(HOUR);
    }
    expect(turns()).toEqual(['report up: ']);
    expect(heartbeats.dueAt('report')).toBe(MORNING + 6 * HOUR);
  });

  it('is one alarm for the earliest of all', async () => {
    const { length } = events;
    reload(...Array.from({ length: 500 }, (_, i) => job(`job${i}`)));
    expect(clock.pending()).toBe(2);
    await clock.advance(25 * HOUR);
    expect(turns()).toHaveLength(500);
    expect(events.length).toBeGreaterThan(length + 500);
  });

  it('says nothing any more once the daemon stops', async () => {
    heartbeats.stop();
    await clock.advance(3 * DAY);
    expect(turns()).toEqual([]);
  });
});

describe('over a restart', () => {
  it('a deadline is where it was', async () => {
    await heartbeats.hear('backup', SUCCESS);
    await clock.advance(10 * HOUR);
    await startDaemon();
    expect(heartbeats.dueAt('backup')).toBe(MORNING + 25 * HOUR);
    expect(state('backup')).toMatchObject({ status: 'up', lookedAt: MORNING });
  });

  it('a check that never reported still counts from when it was first seen', async () => {
    await pipeline.drain();
    await clock.advance(10 * HOUR);
    await startDaemon();
    expect(heartbeats.dueAt('backup')).toBe(MORNING + 25 * HOUR);
  });

  it('what became overdue meanwhile has one more grace, and then is down', async () => {
    await heartbeats.hear('backup', SUCCESS);
    heartbeats.stop();
    await clock.advance(40 * HOUR);
    await startDaemon();
    expect(heartbeats.dueAt('backup')).toBe(MORNING + 41 * HOUR);
    await pipeline.drain();
    await clock.advance(HOUR / 2);
    await startDaemon();
    expect(heartbeats.dueAt('backup')).toBe(MORNING + 41 * HOUR);
    events = [];
    await clock.advance(HOUR / 2);
    expect(turns()).toContain('backup down: no heartbeat for 41h');
  });

  it('what is down is down without a second turn', async () => {
    await heartbeats.hear('backup', { word: 'failure', exitCode: null, detail: 'no space' });
    await startDaemon();
    events = [];
    await clock.advance(3 * HOUR);
    expect(turns().filter((turn) => turn.startsWith('backup'))).toEqual([]);
    expect(state('backup')).toMatchObject({ status: 'down', heartbeat: { detail: 'no space' } });
    await heartbeats.hear('backup', SUCCESS);
    expect(incidents()).toContain('resolved');
  });
});

describe('over a reload', () => {
  it('what is the same goes on, what is new counts from now', async () => {
    await heartbeats.hear('backup', SUCCESS);
    await clock.advance(HOUR);
    reload(job('backup', { name: 'The other name' }), job('new'));
    expect(heartbeats.dueAt('backup')).toBe(MORNING + 25 * HOUR);
    expect(heartbeats.dueAt('new')).toBe(MORNING + 26 * HOUR);
    expect(state('new')).toMatchObject({ status: 'unknown', since: MORNING + HOUR });
  });

  it('one that was taken out and comes back counts from then: meanwhile nobody heard it', async () => {
    await heartbeats.hear('report', SUCCESS);
    reload(job('backup'));
    await clock.advance(9 * HOUR);
    reload(job('report', { rhythm: { everyMs: HOUR } }));
    expect(heartbeats.dueAt('report')).toBe(MORNING + 11 * HOUR);
    expect(state('report')).toMatchObject({ status: 'up' });
  });

  it('another period counts from the reload', async () => {
    await heartbeats.hear('backup', SUCCESS);
    await clock.advance(10 * HOUR);
    reload(job('backup', { generation: 'g2', rhythm: { everyMs: HOUR } }));
    expect(heartbeats.dueAt('backup')).toBe(MORNING + 12 * HOUR);
  });
});
