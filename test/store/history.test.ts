/** What every Store promises of the past, held against the one on disk and the one in memory. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { PLACES, type Place } from './places.ts';
import { VirtualClock } from '../virtual-clock.ts';
import {
  change,
  DAY,
  entry,
  HOUR,
  incident,
  look,
  member,
  MINUTE,
  NOON,
  notification,
  resolved,
} from './rows.ts';

describe.each(PLACES)('the history of a store $name', ({ make }) => {
  let place: Place;
  let clock: VirtualClock;
  let store: Store;

  beforeEach(async () => {
    place = await make();
    clock = new VirtualClock(NOON);
    store = await place.open(clock);
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  async function restart(): Promise<void> {
    await store.close();
    store = await place.open(clock);
  }

  it('lists incidents newest first, in pages that inserts do not shift', async () => {
    const opened = [3, 1, 2, 5, 4, 4].map((m, i) =>
      incident(`i${i}`, { openedAt: NOON + m * MINUTE }),
    );
    await store.append(change({ seq: 1, epoch: 1, incidents: opened }));
    const first = await store.history.incidents({ limit: 3 });
    expect(first.items.map((item) => item.incident.id)).toEqual(['i3', 'i5', 'i4']);
    const newer = incident('newest', { openedAt: NOON + HOUR });
    await store.append(change({ seq: 2, epoch: 1, incidents: [newer] }));
    const second = await store.history.incidents({ limit: 3, cursor: first.next ?? '' });
    expect(second.items.map((item) => item.incident.id)).toEqual(['i0', 'i2', 'i1']);
    expect(second.next).toBeNull();
  });

  it('lists incidents of one state', async () => {
    const rows = [incident('a'), incident('b', { state: 'acknowledged' }), resolved('c', NOON)];
    await store.append(change({ seq: 1, epoch: 1, incidents: rows }));
    const ids = async (state: 'open' | 'acknowledged' | 'resolved' | 'all'): Promise<string[]> =>
      (await store.history.incidents({ state, limit: 9 })).items.map((item) => item.incident.id);
    expect(await ids('open')).toEqual(['a']);
    expect(await ids('acknowledged')).toEqual(['b']);
    expect(await ids('resolved')).toEqual(['c']);
    expect(await ids('all')).toEqual(['b', 'a', 'c']);
  });

  it('finds an incident with all its rows by its id, or the newest by its code', async () => {
    await store.append(
      change({
        seq: 1,
        epoch: 1,
        incidents: [resolved('old', NOON - 200 * DAY), incident('new')],
        members: [member('new', 'shop'), member('new', 'edge'), member('old')],
        timeline: [entry('new', 1), entry('new', 0), entry('old', 0)],
        notifications: [
          notification('k2', { about: ['new'], at: NOON + 2 }),
          notification('k1', { about: ['old', 'new'], at: NOON + 1 }),
        ],
      }),
    );
    const byCode = await store.history.incidents({ codeOrId: '7K', limit: 1 });
    expect(byCode.items[0]?.incident.id).toBe('new');
    expect(byCode.items[0]?.members.map((row) => row.check)).toEqual(['shop', 'edge']);
    expect(byCode.items[0]?.notifications.map((row) => row.key)).toEqual(['k1', 'k2']);
    const byId = await store.history.incidents({ codeOrId: 'old', limit: 1 });
    expect(byId.items[0]?.notifications.map((row) => row.key)).toEqual(['k1']);
    expect((await store.history.incidents({ codeOrId: 'ZZ9', limit: 1 })).items).toEqual([]);
  });

  it('lists notifications newest first, in pages', async () => {
    const rows = [1, 2, 3].map((n) => notification(`k${n}`, { at: NOON + n }));
    await store.append(change({ seq: 1, epoch: 1, notifications: rows }));
    const first = await store.history.notifications({ limit: 2 });
    expect(first.items.map((row) => row.key)).toEqual(['k3', 'k2']);
    const second = await store.history.notifications({ limit: 2, cursor: first.next ?? '' });
    expect(second).toEqual({ items: [rows[0]], next: null });
  });

  it('has nothing behind a cursor that it did not make', async () => {
    await store.append(change({ seq: 1, epoch: 1, incidents: [incident('i1')] }));
    for (const cursor of ['', 'nonsense', '%00', Buffer.from('[1]').toString('base64url')]) {
      const nothing = { items: [], next: null };
      expect(await store.history.incidents({ limit: 5, cursor })).toEqual(nothing);
      expect(await store.history.notifications({ limit: 5, cursor })).toEqual(nothing);
    }
  });

  it('keeps looks after a second, and how each day went when they are pruned', async () => {
    const down = { status: 'down', reason: 'status', brief: 'HTTP 503' } as const;
    store.history.record(look('shop', NOON - DAY));
    store.history.record(look('shop', NOON, down));
    store.history.record(look('shop', NOON + 1));
    store.history.record(look('edge', NOON + 2));
    await clock.advance(1_000);
    expect(await store.history.looks('shop', 2)).toEqual([
      look('shop', NOON + 1),
      look('shop', NOON, down),
    ]);
    expect(await store.history.prune(NOON + 10, 3)).toBe(3);
    expect(await store.history.prune(NOON + 10, 3)).toBe(1);
    expect(await store.history.prune(NOON + 10, 3)).toBe(0);
    await store.history.optimise();
    expect(await store.history.looks('shop', 9)).toEqual([]);
    const midnight = Date.UTC(2026, 0, 5);
    expect(await store.history.days('shop', 9)).toEqual([
      { startsAt: midnight, up: 1, degraded: 0, down: 1, unknown: 0 },
      { startsAt: midnight - DAY, up: 1, degraded: 0, down: 0, unknown: 0 },
    ]);
  });

  it('has written what was recorded when it is closed', async () => {
    store.history.record(look('shop', NOON));
    await restart();
    expect(await store.history.looks('shop', 9)).toEqual([look('shop', NOON)]);
  });

  it('tallies the looks of a check since an instant', async () => {
    store.history.record(look('shop', NOON - HOUR, { status: 'down' }));
    store.history.record(look('shop', NOON - MINUTE, { status: 'up' }));
    store.history.record(look('shop', NOON, { status: 'up' }));
    store.history.record(look('edge', NOON, { status: 'down' }));
    await clock.advance(1_000);
    const tally = await store.history.tally('shop', NOON - MINUTE);
    expect(tally).toEqual({ up: 2, degraded: 0, down: 0, unknown: 0 });
  });
});
