/** Time was not what it seemed: what follows, and in what order. */
import { beforeEach, expect, test } from 'vitest';
import { onDeparture } from '../src/departure.ts';
import { emptyBoard, type Board } from '../src/incident/board.ts';
import type { CheckState } from '../src/judge/check-state.ts';
import { Story } from './incident/story.ts';
import { VirtualClock } from './virtual-clock.ts';

const S = 1_000;
const NOON = Date.UTC(2026, 2, 3, 12);

let board: Board;
let done: string[];
let heard: ReturnType<typeof onDeparture>;

const state = (check: string, at: number): CheckState => ({
  ...{ check, generation: 'g1', status: 'down', since: at, reason: 'status', brief: '' },
  ...{ window: [{ at, failed: true }], successes: 0, firstFailedAt: at, lookedAt: at },
  ...{ tookMs: 5, lastStatus: 'down' },
});

beforeEach(() => {
  board = emptyBoard(1);
  done = [];
  heard = onDeparture({
    clock: new VirtualClock(NOON),
    board,
    counted: (counted) => board.checks.set(counted.check, counted),
    submit: async (input) => done.push(JSON.stringify(input)),
    pipeline: { start: () => done.push('deadlines') },
    watch: {
      discard: () => done.push('discarded'),
      release: async () => void done.push('released'),
    },
    scheduler: {
      stepped: (byMs) => done.push(`rhythms ${byMs}`),
      lookAgain: (id, at) => done.push(`again ${id} +${at - NOON}`),
    },
    heartbeats: { start: () => done.push('jobs') },
    self: { stepped: () => done.push('self') },
    emit: (event) => event.type === 'trouble' && done.push(event.what),
  });
});

test('a slow moment costs the looks that were under way, and nothing else', () => {
  heard({ gapMs: 59 * S, steppedMs: 0 });
  expect(done).toEqual(['discarded']);
});

test('a gap of more than a minute is a return, and what is unfinished is looked at', () => {
  board.checks.set('shop', state('shop', NOON - 90 * S));
  heard({ gapMs: 90 * S, steppedMs: 0 });
  expect(done).toEqual([
    'discarded',
    'nothing ran for 90.0 s',
    JSON.stringify({ type: 'resumed', awaySince: NOON - 90 * S }),
    'again shop +0',
    'jobs',
  ]);
});

test('a step moves all that is remembered, and is no return', async () => {
  board.checks.set('shop', state('shop', NOON - 30 * S));
  heard({ gapMs: 0, steppedMs: 20 * S });
  await new Promise(setImmediate);
  expect(done).toEqual([
    ...['discarded', 'it was set, by 20.0 s', 'released', 'rhythms 20000', 'self'],
    ...[JSON.stringify({ type: 'stepped', byMs: 20 * S }), 'jobs', 'deadlines'],
  ]);
  expect(board.checks.get('shop')).toEqual(state('shop', NOON - 10 * S));
});

test('an incident that became overdue in a gap is told once, after a fresh look', () => {
  const story = new Story();
  story.down('shop');
  const before = story.board.notifications.size;
  story.after(3_600 * S);
  const decided = story.take(
    { type: 'resumed', awaySince: story.now - 3_600 * S },
    { type: 'due', incident: [...story.board.incidents.keys()][0]! },
  );
  expect(decided).toContain('overdue deadlines collapsed');
  expect(story.board.notifications.size).toBe(before);
});
