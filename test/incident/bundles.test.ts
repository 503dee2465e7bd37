/**
 * What becomes of a message about several when some of it changes: before it leaves, while it is under
 * way, while it waits for its next try, and over a restart. Whoever may have read it hears the rest.
 */
import { describe, expect, test } from 'vitest';
import { dueBy } from '../../src/incident/decide.ts';
import { isBundle, isHeld } from '../../src/incident/lane.ts';
import type { Notification, Outcome } from '../../src/incident/notification.ts';
import type { Input } from '../../src/incident/input.ts';
import {
  checkCalled,
  configOf,
  escalationCalled,
  factsOf,
  HOUR,
  MINUTE,
  SECOND,
  Story,
} from './story.ts';

const ACCEPTED: Outcome = { outcome: 'accepted', reference: 'SM1' };
const DEFERRED: Outcome = { outcome: 'deferred', reason: 'server', detail: 'HTTP 503' };
const REFUSED: Outcome = { outcome: 'refused', reason: 'address', detail: 'no such number' };
const UNCONFIRMED: Outcome = { outcome: 'unconfirmed', reason: 'timeout', detail: 'no answer' };

const IDS = ['a', 'b', 'c'];

/** Three incidents that begin at once, and the SMS about them. */
function paged() {
  const escalation = escalationCalled('on-call', {
    steps: [{ afterMs: 0, page: ['ana'], by: ['sms'] }],
    repeat: { everyMs: 2 * HOUR, times: null },
    groupMs: 0,
  });
  const checks = [...IDS, 'd'].map((id) => checkCalled(id));
  const story = new Story(configOf({ checks, escalations: [escalation] }));
  story.take(...IDS.map((id) => turned(story, id, 'down')));
  const page = bySms(story).find(isBundle);
  if (page?.about.length !== 3) throw new Error('no page about three');
  return { story, page, now: () => story.board.notifications.get(page.key) };
}

function turned({ now }: Story, check: string, to: 'up' | 'down'): Input {
  const from = to === 'up' ? 'down' : 'up';
  const why = to === 'up' ? ({ reason: null, brief: '' } as const) : WRONG;
  return { type: 'turn', check, from, to, at: now, since: now, ...why };
}

const WRONG = { reason: 'status', brief: 'HTTP 503' } as const;

function bySms({ board }: Story): readonly Notification[] {
  return [...board.notifications.values()].filter(({ channel }) => channel === 'sms');
}

/** What leaves, by what it says: `resolved: Check a`. */
function leaving(story: Story): readonly string[] {
  return bySms(story)
    .filter((row) => row.dueAt !== null && row.dueAt <= story.now && !isHeld(row))
    .map(({ kind, about }) => `${kind}: ${about.map((id) => titleOf(story, id)).join(', ')}`);
}

function titleOf({ board }: Story, id: string): string {
  return board.incidents.get(id)?.title ?? id;
}

describe('a page about several that is about to leave', () => {
  test('does not, once none of them is down', () => {
    const { story, now } = paged();
    for (const id of IDS) story.up(id);
    story.pass(0);
    expect(now()).toMatchObject({ state: 'withheld', reason: 'stale', dueAt: null });
    expect(leaving(story)).toEqual([]);
  });

  test('does not, once somebody has all of them', () => {
    const { story, now } = paged();
    for (const { code } of [...story.board.incidents.values()]) {
      story.take({ type: 'acknowledge', incident: code, by: 'ben' });
    }
    story.pass(0);
    expect(now()).toMatchObject({ state: 'withheld', dueAt: null });
  });

  test('leaves as it is while one of them is down', () => {
    const { story, page } = paged();
    story.up('a');
    story.up('b');
    story.pass(0);
    expect(leaving(story)).toEqual(['page: Check a, Check b, Check c']);
    story.receipt(page, ACCEPTED);
    story.pass(MINUTE);
    expect(leaving(story)).toEqual(['resolved: Check a, Check b']);
  });

  test('was under way all the same: every end follows', () => {
    const { story, page, now } = paged();
    for (const id of IDS) story.up(id);
    story.receipt(page, ACCEPTED);
    story.pass(MINUTE);
    expect(now()).toMatchObject({ state: 'accepted', dueAt: null, heldUntil: null });
    expect(leaving(story)).toEqual(['resolved: Check a, Check b, Check c']);
  });

  test('was under way and is not taken: it is not tried again', () => {
    const { story, page, now } = paged();
    for (const id of IDS) story.up(id);
    story.receipt(page, DEFERRED, story.now + 5 * SECOND);
    expect(now()?.heldUntil).toBe(story.now + 5 * SECOND);
    story.pass(MINUTE);
    expect(now()).toMatchObject({ state: 'withheld', dueAt: null });
    expect(leaving(story)).toEqual([]);
  });
});

describe('a page about several at a restart', () => {
  test('was under way when one of them ended: that end is told', () => {
    const { story, now } = paged();
    story.up('a');
    story.after(SECOND).take({ type: 'started', awaySince: story.now - SECOND });
    expect(now()?.state).toBe('unconfirmed');
    story.pass(MINUTE);
    expect(leaving(story)).toEqual(['page: Check b, Check c, Check a']);
    expect(factsOf(bySms(story).at(-1)).bundle).toMatchObject({ down: 2, over: 1 });
  });

  test('was under way while it was being withheld: the ends are told', () => {
    const { story, now } = paged();
    for (const id of IDS) story.up(id);
    story.pass(0);
    story.after(SECOND).take({ type: 'started', awaySince: story.now - SECOND });
    expect(now()).toMatchObject({ state: 'unconfirmed', dueAt: null });
    story.pass(MINUTE);
    expect(leaving(story)).toEqual(['resolved: Check a, Check b, Check c']);
  });

  test('waits for its next try, and nothing of it has changed: it had not left, and does then', () => {
    const { story, page, now } = paged();
    story.receipt(page, DEFERRED, story.now + 30 * SECOND);
    story.after(SECOND).take({ type: 'started', awaySince: story.now - SECOND });
    expect(now()).toMatchObject({ state: 'queued' });
  });
});

describe('what waits for its next try', () => {
  test('and turns out to have been taken is not sent again', () => {
    const { story, page, now } = paged();
    story.receipt(page, UNCONFIRMED, story.now + 30 * SECOND);
    story.take({ type: 'receipt', key: page.key, retryAt: null, isLate: true, ...ACCEPTED });
    story.pass(MINUTE);
    expect(now()).toMatchObject({ state: 'accepted', dueAt: null });
    expect(leaving(story)).toEqual([]);
  });

  test('and turns out to be undeliverable is not sent again', () => {
    const { story, page, now } = paged();
    story.receipt(page, UNCONFIRMED, story.now + 30 * SECOND);
    story.take({ type: 'receipt', key: page.key, retryAt: null, isLate: true, ...REFUSED });
    story.pass(MINUTE);
    expect(now()).toMatchObject({ state: 'unconfirmed', dueAt: null });
    expect(leaving(story)).toEqual([]);
  });

  test('and what waits for others leave together, and neither is lost when that fails', () => {
    const { story, page } = paged();
    story.receipt(page, ACCEPTED);
    endInVain(story, 'a', 5 * MINUTE);
    endInVain(story, 'b', MINUTE);
    story.up('c');
    expect(
      bySms(story)
        .filter(isHeld)
        .map(({ attempts }) => attempts),
    ).toEqual([1, 0]);
    story.pass(5 * MINUTE);
    const all = 'resolved: Check a, Check b, Check c';
    expect(leaving(story)).toEqual([all]);
    story.receipt(last(story), DEFERRED, story.now + 30 * SECOND);
    story.pass(MINUTE);
    expect(leaving(story)).toEqual([all]);
  });

  test('leaves with what is gathered into it at that moment', () => {
    const { story, page } = paged();
    story.receipt(page, ACCEPTED);
    story.pass(90 * MINUTE);
    endInVain(story, 'a', 5 * MINUTE);
    endInVain(story, 'b', 5 * MINUTE);
    const [waiting] = bySms(story).filter(isHeld);
    story.now = waiting!.heldUntil! - SECOND;
    story.down('d');
    expect(leaving(story)).toEqual(['page: Check d']);
    const failed = { type: 'receipt', key: last(story).key, ...DEFERRED } as const;
    story.now += SECOND;
    story.take({ ...failed, retryAt: story.now + SECOND }, ...dueBy(story.board, story.now));
    expect(leaving(story)).toEqual(['page: Check d, Check a, Check b']);
  });
});

/** It ends, and word of that is not taken until then. */
function endInVain(story: Story, check: string, retryInMs: number): void {
  story.up(check);
  story.pass(MINUTE);
  expect(leaving(story)).toEqual([`resolved: Check ${check}`]);
  story.receipt(last(story), DEFERRED, story.now + retryInMs);
}

function last(story: Story): Notification {
  const row = bySms(story).findLast(({ dueAt }) => dueAt !== null && dueAt <= story.now);
  if (!row) throw new Error('nothing leaves');
  return row;
}
