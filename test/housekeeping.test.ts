import { beforeEach, describe, expect, test } from 'vitest';
import { createHousekeeping, forgetOldLooks, selfReport } from '../src/housekeeping.ts';
import type { History } from '../src/store/store.ts';
import type { Log } from '../src/system/log.ts';
import { checkCalled, configOf, Story } from './incident/story.ts';
import { VirtualClock } from './virtual-clock.ts';

const NOON = Date.UTC(2026, 5, 15, 12);
const DAY = 24 * 60 * 60 * 1_000;

let rows: number;
let pruned: { before: number; limit: number }[];
let lines: [string, Readonly<Record<string, unknown>>][];
let story: Story;

beforeEach(() => {
  rows = 0;
  pruned = [];
  lines = [];
  story = new Story(configOf({ checks: [checkCalled('shop'), checkCalled('cart')] }));
});

function parts() {
  const say = (event: string, fields = {}) => void lines.push([event, fields]);
  const log = { info: say, debug: say, warn: say, dropped: () => 3 } as unknown as Log;
  const history = {
    prune: (before: number, limit: number) => {
      pruned.push({ before, limit });
      const slice = Math.min(rows, limit);
      rows -= slice;
      return Promise.resolve(slice);
    },
  } as unknown as History;
  const clock = new VirtualClock(NOON);
  return { history, board: story.board, config: () => story.config, clock, log };
}

describe('what nobody was promised', () => {
  test('looks older than two weeks are forgotten, a slice at a time', async () => {
    rows = 4_500;
    await forgetOldLooks(parts());
    expect(rows).toBe(0);
    expect(pruned.map(({ before }) => before)).toEqual(Array(3).fill(NOON - 14 * DAY));
    expect(new Set(pruned.map(({ limit }) => limit))).toEqual(new Set([2_000]));
  });

  test('once a day the log says how things stand', async () => {
    story.down('shop');
    await selfReport(parts());
    expect(lines).toEqual([
      [
        'self-report',
        expect.objectContaining({ down: 1, unknown: 1, incidents: 1, linesDropped: 3 }),
      ],
    ]);
  });

  test('it starts, and stops without leaving anything that would hold the process', async () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const housekeeping = createHousekeeping(parts());
    housekeeping.start();
    expect(timers()).toBeGreaterThan(before);
    await housekeeping.stop();
    expect(timers()).toBe(before);
  });
});
