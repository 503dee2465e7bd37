/** What every Store promises, held against the one on disk and the one in memory. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply, rebuild } from '../../src/incident/apply.ts';
import { emptyBoard } from '../../src/incident/board.ts';
import type { TroubleFacts } from '../../src/incident/notification.ts';
import type { Store } from '../../src/store/store.ts';
import { PLACES, type Place } from './places.ts';
import { VirtualClock } from '../virtual-clock.ts';
import {
  change,
  checkState,
  DAY,
  drill,
  entry,
  HOUR,
  incident,
  member,
  MINUTE,
  NOON,
  notification,
  override,
  reach,
  resolved,
  silence,
} from './rows.ts';

describe.each(PLACES)('a store $name', ({ make }) => {
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

  it('is empty at first, in epoch 1', async () => {
    expect(await store.load()).toEqual({
      seq: 0,
      epoch: 1,
      savedAt: null,
      secret: expect.stringMatching(/^\S.{15,}$/),
      checks: [],
      incidents: [],
      members: [],
      timeline: [],
      notifications: [],
      silences: [],
      overrides: [],
      drills: [],
      reaches: [],
      cursors: [],
      codes: [],
    });
  });

  it('gives back after a restart what was applied, in the next epoch', async () => {
    const board = emptyBoard(1);
    const changes = [
      change({
        seq: 1,
        epoch: 1,
        checks: [checkState('shop')],
        incidents: [incident('i1')],
        members: [member('i1', 'shop'), member('i1', 'edge')],
        timeline: [entry('i1', 0), entry('i1', 1)],
        notifications: [
          notification('k1', { about: ['i1'] }),
          notification('k2', { about: ['i1'], state: 'accepted', dueAt: null, at: NOON + 0.5 }),
        ],
        silences: [silence('s1', { covers: ['edge'] })],
        drills: [drill('d1')],
        reaches: [reach('ana', 'sms')],
        cursors: [{ channel: 'sms', value: 'SM1' }],
      }),
      change({
        seq: 2,
        epoch: 1,
        at: NOON + MINUTE,
        incidents: [incident('i1', { state: 'acknowledged', acknowledgedBy: 'ana', entries: 3 })],
        timeline: [entry('i1', 2)],
        notifications: [notification('k1', { about: ['i1'], state: 'delivered', dueAt: null })],
        drills: [drill('d1', { endedAt: NOON + MINUTE, ending: 'answered' })],
        reaches: [reach('ana', 'sms', { answeredAt: NOON + MINUTE })],
        cursors: [{ channel: 'sms', value: 'SM2' }],
      }),
    ];
    for (const each of changes) {
      apply(board, each);
      expect(await store.append(each)).toBe('stored');
    }
    await restart();
    const snapshot = await store.load();
    expect(snapshot).toMatchObject({ seq: 2, epoch: 2, savedAt: NOON + MINUTE });
    expect(rebuild({ ...snapshot, epoch: 1 }, NOON + MINUTE)).toEqual(board);
    expect([
      ...(rebuild(snapshot, NOON + MINUTE)
        .members.get('i1')
        ?.keys() ?? []),
    ]).toEqual(['shop', 'edge']);
  });

  it('gives back an end that waits in a bundle, however long ago it was', async () => {
    const due = NOON + MINUTE;
    await store.append(
      change({
        seq: 1,
        epoch: 1,
        incidents: [resolved('i1', NOON)],
        notifications: [
          notification('bundle.b', { dueAt: due, heldUntil: due }),
          notification('k1', { about: ['i1'], dueAt: null, bundledInto: 'bundle.b' }),
        ],
      }),
    );
    await clock.advance(3 * HOUR);
    await restart();
    const { incidents, notifications } = await store.load();
    expect(incidents.map(({ id }) => id)).toEqual(['i1']);
    expect(notifications.map(({ key }) => key).toSorted()).toEqual(['bundle.b', 'k1']);
  });

  it('gives back a bundle that waits, what it gathers, and the codes of those that left', async () => {
    const facts: TroubleFacts = {
      ...{ event: 'opened', code: '9F', name: 'Shop', says: null, severity: 'major', more: 0 },
      ...{ reason: null, brief: '', since: NOON, at: NOON, by: null, step: 1, text: null },
      bundle: { down: 0, checks: 0, over: 0, news: 0, shared: '', lines: [] },
    };
    const { bundle: _, ...plain } = facts;
    const due = NOON + MINUTE;
    const gathered = { state: 'withheld', reason: 'bundled', dueAt: null } as const;
    const told = { ...facts, code: '3D', bundle: { ...facts.bundle!, down: 2 } };
    const first = change({
      seq: 1,
      epoch: 1,
      incidents: [incident('i1'), incident('i2', { code: '8M' })],
      notifications: [
        notification('bundle.b', { facts, dueAt: due, heldUntil: due }),
        notification('k1', { ...gathered, about: ['i1'], facts: plain, bundledInto: 'bundle.b' }),
        notification('bundle.c', {
          ...{ about: ['i1', 'i2'], facts: told, state: 'accepted', dueAt: null },
        }),
        notification('bundle.d', {
          ...{ facts: { ...told, code: '4G' }, state: 'accepted', dueAt: null, at: NOON - DAY },
        }),
      ],
    });
    const board = emptyBoard(1);
    apply(board, first);
    await store.append(first);
    await restart();
    const snapshot = await store.load();
    const again = rebuild(snapshot, NOON);
    expect(again.lanes).toEqual(board.lanes);
    expect(again.lanes.get('ana sms')?.held).toEqual(new Set(['bundle.b']));
    expect(again.gathered).toEqual(new Map([['bundle.b', new Set(['k1'])]]));
    expect(again.bundles.get('3D')).toBe('bundle.c');
    expect([...again.codes.keys()].sort()).toEqual(['3D', '4G', '7K', '8M', '9F']);
  });

  it('loads only what is alive, and the codes of 90 days', async () => {
    const rows = [
      incident('ancient but open', { code: 'A2', openedAt: NOON - 400 * DAY }),
      resolved('of today', NOON - HOUR, { code: 'B3' }),
      resolved('of yesterday', NOON - DAY, { code: 'C4' }),
      resolved('with a message to send', NOON - DAY, { code: 'D5' }),
      resolved('of last year', NOON - 91 * DAY, { code: 'E6' }),
    ];
    await store.append(
      change({
        seq: 1,
        epoch: 1,
        incidents: rows,
        members: rows.map(({ id }) => member(id)),
        timeline: rows.map(({ id }) => entry(id, 0)),
        notifications: [
          notification('settled', { about: ['of yesterday'], dueAt: null, state: 'accepted' }),
          notification('due', { about: ['with a message to send'] }),
          notification('of nothing', { about: [] }),
          notification('of nothing, settled', { dueAt: null, state: 'failed' }),
        ],
        silences: [silence('s1'), silence('s2', { endedAt: NOON - 1 })],
        overrides: [override('o1'), override('o2', { endedAt: NOON - 1 })],
      }),
    );
    const snapshot = await store.load();
    const alive = ['ancient but open', 'of today', 'with a message to send'];
    expect(snapshot.incidents.map((row) => row.id).sort()).toEqual(alive);
    expect(snapshot.members.map((row) => row.incident).sort()).toEqual(alive);
    expect(snapshot.timeline.map((row) => row.incident).sort()).toEqual(alive);
    expect(snapshot.notifications.map((row) => row.key).sort()).toEqual(['due', 'of nothing']);
    expect(snapshot.silences.map((row) => row.id)).toEqual(['s1']);
    expect(snapshot.overrides).toEqual([override('o1')]);
    expect(snapshot.codes.map(({ code }) => code).sort()).toEqual(['A2', 'B3', 'C4', 'D5']);
    expect(snapshot.codes.find(({ code }) => code === 'B3')?.usedAt).toBe(NOON - HOUR);
  });

  it('fences a Change and a snapshot of an earlier epoch', async () => {
    await restart();
    expect(await store.append(change({ seq: 1, epoch: 1, incidents: [incident('i1')] }))).toBe(
      'fenced',
    );
    expect(await store.snapshot(emptyBoard(1))).toBe('fenced');
    expect(await store.append(change({ seq: 1, epoch: 2 }))).toBe('stored');
    expect(await store.load()).toMatchObject({ seq: 1, incidents: [] });
  });

  it('saves check states without a Change', async () => {
    await store.append(change({ seq: 4, epoch: 1, checks: [checkState('a'), checkState('b')] }));
    await clock.advance(10_000);
    const many = Array.from({ length: 1_200 }, (_, i) => checkState(`c${i}`, NOON + 9_000));
    expect(await store.saveChecks([checkState('a', NOON + 9_000), ...many])).toBe('stored');
    const snapshot = await store.load();
    expect(snapshot).toMatchObject({ seq: 4, savedAt: NOON + 10_000 });
    expect(snapshot.checks).toHaveLength(1_202);
    const lookedAt = new Map(snapshot.checks.map((state) => [state.check, state.lookedAt]));
    expect([lookedAt.get('a'), lookedAt.get('b')]).toEqual([NOON + 9_000, NOON]);
  });

  it('writes the time also where there is no check state to save', async () => {
    await store.append(change({ seq: 4, epoch: 1 }));
    await clock.advance(10_000);
    expect(await store.saveChecks([])).toBe('stored');
    expect(await store.load()).toMatchObject({ seq: 4, savedAt: NOON + 10_000 });
  });

  it('replaces all that was alive by a snapshot of the board', async () => {
    await store.append(
      change({
        seq: 1,
        epoch: 1,
        checks: [checkState('gone')],
        incidents: [incident('ghost'), resolved('over', NOON - DAY)],
        notifications: [notification('ghostly')],
        silences: [silence('s1')],
        overrides: [override('o1')],
      }),
    );
    const board = emptyBoard(1);
    apply(
      board,
      change({
        seq: 9,
        epoch: 1,
        checks: Array.from({ length: 1_200 }, (_, i) => checkState(`c${i}`)),
        incidents: [incident('i1', { code: '8M' })],
        members: [member('i1')],
        timeline: [entry('i1', 0)],
        notifications: [notification('k1', { about: ['i1'] })],
        silences: [silence('s2', { covers: ['edge'] })],
        overrides: [override('o2')],
        cursors: [{ channel: 'sms', value: 'SM9' }],
      }),
    );
    const writing = store.snapshot(board);
    // Decided while the snapshot is on its way: it must not be overwritten by it.
    const later = store.append(
      change({ seq: 10, epoch: 1, checks: [checkState('c1199', NOON + 1)] }),
    );
    expect([await writing, await later]).toEqual(['stored', 'stored']);
    const snapshot = await store.load();
    expect(snapshot.seq).toBe(10);
    expect(snapshot.checks).toHaveLength(1_200);
    expect(snapshot.checks.find((state) => state.check === 'c1199')?.lookedAt).toBe(NOON + 1);
    expect(snapshot.silences.map((row) => row.id)).toEqual(['s2']);
    expect(snapshot.overrides.map((row) => row.id)).toEqual(['o2']);
    expect(snapshot.notifications.map((row) => row.key)).toEqual(['k1']);
    expect(snapshot.cursors).toEqual([{ channel: 'sms', value: 'SM9' }]);
    const ghost = await store.history.incidents({ codeOrId: 'ghost', limit: 1 });
    expect(ghost.items[0]?.incident).toMatchObject({ state: 'resolved', resolvedAt: NOON });
    expect(ghost.items[0]?.incident.stepDueAt).toBeNull();
    const over = await store.history.incidents({ codeOrId: 'over', limit: 1 });
    expect(over.items[0]?.incident.resolvedAt).toBe(NOON - DAY);
  });

  it('answers appends in the order given, and the last one wins', async () => {
    const answers: number[] = [];
    await Promise.all(
      Array.from({ length: 300 }, async (_, i) => {
        const row = incident('i1', { step: i });
        const stored = await store.append(change({ seq: i + 1, epoch: 1, incidents: [row] }));
        expect(stored).toBe('stored');
        answers.push(i);
      }),
    );
    expect(answers).toEqual(Array.from({ length: 300 }, (_, i) => i));
    const snapshot = await store.load();
    expect([snapshot.seq, snapshot.incidents[0]?.step]).toEqual([300, 299]);
  });

  it('fails every write after it was closed', async () => {
    await store.close();
    expect(await store.append(change({ seq: 1, epoch: 1 }))).toBe('failed');
    expect(await store.saveChecks([checkState('shop')])).toBe('failed');
    expect(await store.snapshot(emptyBoard(1))).toBe('failed');
  });
});
