import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rebuild } from '../../src/incident/apply.ts';
import type { Board, Snapshot } from '../../src/incident/board.ts';
import { nextDueAt } from '../../src/incident/decide.ts';
import type { Outcome } from '../../src/incident/notification.ts';
import { checkCalled, configOf, MINUTE, SECOND, Story } from './story.ts';

/** The rows that a store would give back after these Changes: the last of each. */
function storedRows({ changes, board }: Story): Snapshot {
  const last = <T>(rows: readonly T[], keyOf: (row: T) => string): T[] => [
    ...new Map(rows.map((row) => [keyOf(row), row])).values(),
  ];
  const incidents = last(
    changes.flatMap((change) => change.incidents),
    ({ id }) => id,
  );
  return {
    seq: board.seq,
    epoch: board.epoch,
    savedAt: null,
    secret: '',
    checks: [...board.checks.values()],
    incidents,
    members: last(
      changes.flatMap(({ members }) => members),
      (row) => row.incident + row.check,
    ),
    timeline: changes.flatMap(({ timeline }) => timeline),
    notifications: last(
      changes.flatMap((change) => change.notifications),
      ({ key }) => key,
    ),
    overrides: [...board.overrides.values()],
    drills: [...board.drills.values()],
    reaches: [...board.reaches.values()],
    silences: last(
      changes.flatMap(({ silences }) => silences),
      ({ id }) => id,
    ).filter(({ endedAt }) => endedAt === null),
    cursors: last(
      changes.flatMap(({ cursors }) => cursors),
      ({ channel }) => channel,
    ),
    codes: incidents.map(({ code, openedAt, resolvedAt }) => ({
      code,
      usedAt: resolvedAt ?? openedAt,
    })),
  };
}

function comparable(board: Board) {
  const sorted = <V>(map: ReadonlyMap<string, V>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    incidents: sorted(board.incidents),
    members: sorted(board.members).map(([id, members]) => [id, sorted(members)]),
    timelines: sorted(board.timelines),
    notifications: sorted(board.notifications),
    silences: sorted(board.silences),
    silencesAt: sorted(board.silencesAt),
    cursors: sorted(board.cursors),
    incidentOf: sorted(board.incidentOf),
    codes: sorted(board.codes),
  };
}

const OUTCOMES = {
  accepted: { outcome: 'accepted', reference: 'SM1' },
  deferred: { outcome: 'deferred', reason: 'server', detail: '' },
  refused: { outcome: 'refused', reason: 'address', detail: '' },
} satisfies Record<string, Outcome>;

const CHECKS = ['shop', 'cart', 'db'];
const act = fc.oneof(
  fc.record({ do: fc.constant('down' as const), check: fc.constantFrom(...CHECKS) }),
  fc.record({ do: fc.constant('up' as const), check: fc.constantFrom(...CHECKS) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40 * MINUTE }) }),
  fc.record({ do: fc.constant('ack' as const), by: fc.constantFrom('ana', 'ben', 'zoe') }),
  fc.record({ do: fc.constant('resolve' as const), force: fc.boolean() }),
  fc.record({
    do: fc.constant('receipts' as const),
    outcome: fc.constantFrom('accepted' as const, 'deferred' as const, 'refused' as const),
  }),
  fc.record({ do: fc.constant('restart' as const) }),
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

function perform(story: Story, step: Act): void {
  const incident = [...story.board.incidents.values()].at(-1)?.id ?? 'none';
  switch (step.do) {
    case 'down':
    case 'up':
      story.turn(step.check, step.do);
      return;
    case 'wait':
      story.after(step.ms).due();
      return;
    case 'ack':
      story.take({ type: 'acknowledge', incident, by: step.by });
      return;
    case 'resolve':
      story.take({ type: 'resolve', incident, by: 'ana', force: step.force ? 'why' : null });
      return;
    case 'receipts':
      for (const notification of story.queued()) {
        story.receipt(notification, OUTCOMES[step.outcome], story.now + SECOND);
      }
      return;
    case 'restart':
      story.board = rebuild(storedRows(story), story.now);
      story.take({ type: 'started', awaySince: story.now });
  }
}

test('a disk kept what was decided, and not that a check was well since: its failures do not count', () => {
  const story = new Story();
  story.up('shop');
  const failed = { window: [{ at: story.now, failed: true }], firstFailedAt: story.now };
  const state = { ...story.board.checks.get('shop')!, ...failed };
  story.after(2 * MINUTE);
  const snapshot = { ...storedRows(story), savedAt: story.now, checks: [state] };
  const known = (recheckMs: number) =>
    rebuild(snapshot, story.now + 1_000, () => recheckMs).checks.get('shop');
  expect(known(10_000)).toMatchObject({ status: 'up', window: [], firstFailedAt: null });
  expect(known(5 * MINUTE)).toMatchObject(failed);
});

test('the clock was set back while nobody was there: looks that come count, those before do not', () => {
  const story = new Story();
  story.down('shop');
  const state = { ...story.board.checks.get('shop')!, window: [{ at: story.now, failed: true }] };
  const savedAt = story.now;
  const snapshot = { ...storedRows(story), savedAt, checks: [state] };
  const known = rebuild(snapshot, savedAt - MINUTE).checks.get('shop');
  const afresh = { status: 'down', window: [], lookedAt: savedAt - MINUTE };
  expect(known).toMatchObject(afresh);
  // It died at once, and has saved nothing of that check since.
  const again = rebuild({ ...snapshot, savedAt: savedAt - MINUTE }, savedAt - MINUTE);
  expect(again.checks.get('shop')).toMatchObject(afresh);
});

describe('the board', () => {
  test('rebuilt from what was stored, it equals the one that was running', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (steps) => {
        const checks = CHECKS.map((id) =>
          checkCalled(id, { severity: id === 'db' ? 'critical' : 'major' }),
        );
        const story = new Story(configOf({ checks }));
        for (const step of steps) perform(story, step);
        expect(comparable(rebuild(storedRows(story), story.now))).toEqual(comparable(story.board));
      }),
      { numRuns: 150 },
    );
  });

  test('whatever happens: counts agree, an open incident that pages has a deadline, an ended one none', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (steps) => {
        const story = new Story(configOf({ checks: CHECKS.map((id) => checkCalled(id)) }));
        for (const step of steps) {
          perform(story, step);
          for (const incident of story.board.incidents.values()) {
            const members = [...(story.board.members.get(incident.id)?.values() ?? [])];
            const down = members.filter(({ state, leftAt }) => state === 'down' && leftAt === null);
            if (incident.resolvedBecause !== 'forced') expect(down.length).toBe(incident.down);
            expect(members.length).toBe(incident.size);
            const { stepDueAt, ackExpiresAt, state } = incident;
            if (state === 'open') expect(stepDueAt).not.toBeNull();
            if (state === 'acknowledged') expect(ackExpiresAt).not.toBeNull();
            if (state === 'resolved') expect(stepDueAt).toBeNull();
          }
        }
        const due = nextDueAt(story.board);
        if (due !== null) expect(due).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });
});
