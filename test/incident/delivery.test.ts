import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/incident/notification.ts';
import {
  checkCalled,
  configOf,
  escalationCalled,
  HOUR,
  MIDNIGHT,
  MINUTE,
  SECOND,
  Story,
} from './story.ts';

const REFUSED: Outcome = { outcome: 'refused', reason: 'address', detail: 'not a mobile number' };
const DEFERRED: Outcome = { outcome: 'deferred', reason: 'server', detail: 'HTTP 503' };
const UNCONFIRMED: Outcome = { outcome: 'unconfirmed', reason: 'timeout', detail: 'no answer' };
const ACCEPTED: Outcome = { outcome: 'accepted', reference: 'SM1' };

function paged() {
  const story = new Story();
  story.down('shop');
  const page = story.queued().find(({ kind }) => kind === 'page');
  if (!page) throw new Error('no page');
  return { story, page, now: () => story.board.notifications.get(page.key) };
}

describe('what became of a page', () => {
  test('accepted: nothing more is due', () => {
    const { story, page, now } = paged();
    story.receipt(page, ACCEPTED);
    expect(now()).toMatchObject({ state: 'accepted', dueAt: null, attempts: 1, reference: 'SM1' });
  });

  test('refused: the other address of the same responder, at once', () => {
    const { story, page, now } = paged();
    expect(story.receipt(page, REFUSED)).toEqual(['receipt recorded', 'failed over']);
    expect(now()).toMatchObject({ state: 'failed', reason: 'address', dueAt: null });
    expect(story.outgoing()).toContain('page ana by email: opened');
    const standIn = story.queued().find(({ channel }) => channel === 'email');
    expect(standIn?.standsInFor).toBe(page.key);
  });

  test('refused for good by the vendor of the address: the team and its owner hear why, once a day', () => {
    const { story, page } = paged();
    const stopped = { ...REFUSED, unreachable: 'that phone has texted STOP' } as const;
    expect(story.receipt(page, stopped)).toContain('unreachable address');
    const notices = () =>
      story.queued().flatMap(({ facts, responder, channel }) => {
        return facts.event === 'notice'
          ? [`${responder ?? 'all'} by ${channel}: ${facts.text}`]
          : [];
      });
    const text = 'Ana Silva cannot be reached by sms: that phone has texted STOP';
    expect(notices()).toEqual([`all by lifeline: ${text}`, `ana by email: ${text}`]);
    story.down('other');
    const again = story.queued().find(({ kind, channel }) => kind === 'page' && channel === 'sms');
    if (again) story.receipt(again, stopped);
    expect(notices()).toHaveLength(2);
    expect(story.outgoing()).toContain('page ana by email: opened');
  });

  test('no address left: the next step, at once', () => {
    const { story, page } = paged();
    story.receipt(page, REFUSED);
    const mail = story.queued().find(({ channel }) => channel === 'email');
    expect(story.receipt(mail!, REFUSED)).toContain('nowhere to fail over to');
    expect(story.incident().stepDueAt).toBe(story.now);
    story.due();
    expect(story.outgoing()).toContain('page ben by sms: escalated');
  });

  test('with no step left the repeat keeps its time: a dead vendor is not hammered', () => {
    const escalations = [
      escalationCalled('on-call', { steps: [{ afterMs: 0, page: ['ben'], by: ['sms'] }] }),
    ];
    const story = new Story(configOf({ escalations }));
    story.down('shop');
    story.receipt(story.queued()[0]!, REFUSED);
    expect(story.incident().stepDueAt).toBe(story.now + 30 * MINUTE);
  });

  test('deferred: tried again when due, and by another way meanwhile, once', () => {
    const { story, page, now } = paged();
    expect(story.receipt(page, DEFERRED, story.now + 2 * SECOND)).toContain('failed over');
    expect(now()).toMatchObject({ state: 'queued', dueAt: story.now + 2 * SECOND, attempts: 1 });
    expect(story.receipt(page, DEFERRED, story.now + 4 * SECOND)).toEqual(['receipt recorded']);
    expect(now()?.attempts).toBe(2);
  });

  test('unconfirmed: may have arrived; asked again later, and by another way', () => {
    const { story, page, now } = paged();
    expect(story.receipt(page, UNCONFIRMED, story.now + 2 * SECOND)).toContain('failed over');
    expect(now()).toMatchObject({ state: 'unconfirmed', dueAt: story.now + 2 * SECOND });
    story.receipt(page, ACCEPTED);
    expect(now()).toMatchObject({ state: 'accepted', dueAt: null });
  });

  test('receipts never go backwards', () => {
    const { story, page, now } = paged();
    story.receipt(page, { outcome: 'delivered', reference: 'SM1' });
    for (const late of [ACCEPTED, UNCONFIRMED, DEFERRED, REFUSED]) story.receipt(page, late, 1);
    expect(now()).toMatchObject({ state: 'delivered', dueAt: null, reference: 'SM1' });
  });

  test('a withheld page that turns out to be undeliverable stays withheld and fails over nowhere', () => {
    const { story, page, now } = paged();
    story.take({ type: 'acknowledge', incident: story.incident().id, by: 'ben' });
    story.receipt(page, REFUSED);
    expect(now()).toMatchObject({ state: 'withheld', reason: 'acknowledged' });
    expect(story.outgoing()).not.toContain('page ana by email: opened');
  });

  test('one of two ways got through: the next step keeps its time', () => {
    const steps = [
      { afterMs: 0, page: ['ana'], by: ['sms', 'email'] },
      { afterMs: 15 * MINUTE, page: ['ben'], by: ['sms'] },
    ];
    const story = new Story(configOf({ escalations: [escalationCalled('on-call', { steps })] }));
    story.down('shop');
    const [sms, email] = story.queued();
    story.receipt(sms!, REFUSED);
    story.receipt(email!, ACCEPTED);
    expect(story.incident().stepDueAt).toBe(story.now + 15 * MINUTE);
  });

  test('a page of an earlier step that fails late moves nothing', () => {
    const { story, page } = paged();
    story.receipt(page, DEFERRED, story.now + SECOND);
    story.receipt(
      story.queued().find(({ channel }) => channel === 'email')!,
      REFUSED,
    );
    story.after(5 * MINUTE).due();
    const { stepDueAt } = story.incident();
    story.receipt(page, REFUSED);
    expect(story.incident().stepDueAt).toBe(stepDueAt);
  });

  test('may have arrived, then refused: it still may have, and its end is told', () => {
    const { story, page, now } = paged();
    story.receipt(page, UNCONFIRMED, story.now + SECOND);
    story.receipt(page, REFUSED);
    expect(now()).toMatchObject({ state: 'unconfirmed', dueAt: null });
    story.up('shop');
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });

  test('a newer page to the same phone stands for one that has not left', () => {
    const { story, page, now } = paged();
    story.receipt(page, DEFERRED, story.now + HOUR);
    story.after(5 * MINUTE).due();
    story.after(30 * MINUTE).due();
    expect(now()).toMatchObject({ state: 'withheld', reason: 'superseded', dueAt: null });
    expect(story.outgoing()).toContain('page ana by sms: still_down');
  });

  test('news that nobody confirms is tried at doubling distances for a quarter of an hour', () => {
    const { story } = paged();
    const { key, at } = story.queued().find(({ kind }) => kind === 'post')!;
    const news = () => story.board.notifications.get(key)!;
    const triedAfter: number[] = [];
    for (let { dueAt } = news(); dueAt !== null; { dueAt } = news()) {
      triedAfter.push((dueAt - at) / SECOND);
      story.now = dueAt + 10 * SECOND;
      story.receipt(news(), UNCONFIRMED, story.now + SECOND);
    }
    expect(triedAfter).toEqual([0, 20, 60, 140, 300, 610, 920]);
    expect(news().state).toBe('unconfirmed');
  });

  test('what was put off for long is not given up at the first unclear answer', () => {
    const { story, page, now } = paged();
    story.receipt(page, ACCEPTED);
    story.up('shop');
    const { key } = story.queued().find(({ kind }) => kind === 'resolved')!;
    const end = () => story.board.notifications.get(key)!;
    for (let n = 0; n < 8; n += 1) {
      story.after(4 * MINUTE).receipt(end(), DEFERRED, story.now + SECOND);
    }
    story.receipt(end(), UNCONFIRMED, story.now + SECOND);
    expect(end().dueAt).not.toBeNull();
    expect(now()?.state).toBe('accepted');
  });

  test('a channel that is gone is the reason on record', () => {
    const { story, page, now } = paged();
    const gone = { outcome: 'refused', reason: 'refused', detail: '', gone: 'no channel' } as const;
    story.receipt(page, gone);
    expect(now()).toMatchObject({ state: 'failed', reason: 'no channel' });
  });

  test('posts that were told of the beginning are told of the end, whatever is configured by now', () => {
    const { story } = paged();
    story.deliver();
    story.config = configOf({ escalations: [escalationCalled('on-call', { post: [] })] });
    story.take({ type: 'reloaded' });
    story.up('shop');
    expect(story.outgoing()).toContain('post all by lifeline: resolved');
  });

  test('news that could not be told for a day is given up; a page is not', () => {
    const { story, page, now } = paged();
    const post = story.queued().find(({ kind }) => kind === 'post');
    story.after(25 * HOUR);
    story.receipt(post!, DEFERRED, story.now + MINUTE);
    story.receipt(page, DEFERRED, story.now + MINUTE);
    expect(story.board.notifications.get(post!.key)?.state).toBe('failed');
    expect(now()?.state).toBe('queued');
  });

  test('it is down again: that it is over is not told any more', () => {
    const { story, page } = paged();
    story.receipt(page, ACCEPTED);
    story.up('shop');
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
    story.after(MINUTE).down('shop');
    expect(story.outgoing()).not.toContain('resolved ana by sms: resolved');
    expect(story.outgoing()).not.toContain('post all by lifeline: resolved');
    expect(story.outgoing()).toContain('page ana by sms: reopened');
  });

  test('the message that it is over takes another way too when its own is refused', () => {
    const { story, page } = paged();
    story.receipt(page, ACCEPTED);
    story.up('shop');
    const over = story.queued().find(({ kind }) => kind === 'resolved');
    story.receipt(over!, REFUSED);
    expect(story.outgoing()).toContain('resolved ana by email: resolved');
  });

  test('the message that it is over takes another way too when nobody ever confirms its own', () => {
    const { story, page } = paged();
    story.receipt(page, ACCEPTED);
    story.up('shop');
    const over = story.queued().find(({ kind }) => kind === 'resolved')!;
    for (let n = 0; n < 4; n += 1) {
      story.after(4 * MINUTE).receipt(over, UNCONFIRMED, story.now + SECOND);
    }
    expect(story.outgoing()).not.toContain('resolved ana by email: resolved');
    story.after(4 * MINUTE).receipt(over, UNCONFIRMED, story.now + SECOND);
    expect(story.outgoing()).toContain('resolved ana by email: resolved');
  });

  test('the message that it is over goes on being tried for a day where there is no other way', () => {
    const { story, page } = paged();
    const { responders } = story.config;
    const ana = responders.get('ana')!;
    const addresses = new Map([...ana.addresses].filter(([kind]) => kind === 'sms'));
    story.config = { ...story.config, responders: new Map([['ana', { ...ana, addresses }]]) };
    story.receipt(page, ACCEPTED);
    story.up('shop');
    const { key, at } = story.queued().find(({ kind }) => kind === 'resolved')!;
    const end = () => story.board.notifications.get(key)!;
    const apart: number[] = [];
    for (let { dueAt } = end(); dueAt !== null; { dueAt } = end()) {
      apart.push((dueAt - story.now) / MINUTE);
      story.now = dueAt;
      story.receipt(end(), UNCONFIRMED, story.now + SECOND);
    }
    expect(Math.max(...apart)).toBe(30);
    expect(apart.length).toBeLessThan(70);
    expect((story.now - at) / HOUR).toBeGreaterThan(23);
  });

  test('a receipt for a message that nobody knows is named, not swallowed', () => {
    const story = new Story();
    const receipt = { type: 'receipt', key: 'nonsense', retryAt: null, ...ACCEPTED } as const;
    expect(story.take(receipt)).toEqual(['unknown notification']);
  });
});

describe('back after a restart', () => {
  test('a page that was due when the end came may have left: whoever it was for hears how it ended', () => {
    const { story, now } = paged();
    story.after(SECOND).take({ type: 'started', awaySince: story.now - SECOND });
    expect(now()).toMatchObject({ state: 'unconfirmed', dueAt: MIDNIGHT });
    story.up('shop');
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });

  test('a page may have left while it was being withheld: its end is told as well', () => {
    const { story, now } = paged();
    story.up('shop');
    expect(now()).toMatchObject({ state: 'withheld', reason: 'recovered' });
    story.after(SECOND).take({ type: 'started', awaySince: story.now - SECOND });
    expect(now()).toMatchObject({ state: 'unconfirmed', dueAt: null });
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });

  test('a page that waited for its next try had not left', () => {
    const { story, page, now } = paged();
    story.receipt(page, DEFERRED, story.now + MINUTE);
    story.after(SECOND).take({ type: 'started', awaySince: story.now - SECOND });
    expect(now()).toMatchObject({ state: 'queued' });
  });

  test('the clock was set back meanwhile: what was due in five minutes is due in five minutes', () => {
    const { story, page, now } = paged();
    story.receipt(page, DEFERRED, story.now + MINUTE);
    const awaySince = story.now;
    story.now -= HOUR;
    story.take({ type: 'started', awaySince });
    expect(story.incident().stepDueAt).toBe(story.now + 5 * MINUTE);
    expect(now()).toMatchObject({ at: story.now, dueAt: story.now + MINUTE });
  });

  test('what was overdue is one page, after one fresh look, and says how long it was', () => {
    const { story } = paged();
    story.deliver();
    const leftAt = story.now;
    story.after(6 * HOUR);
    expect(story.take({ type: 'started', awaySince: leftAt })).toContain(
      'overdue deadlines collapsed',
    );
    expect(story.outgoing()).toEqual([]);
    expect(story.incident().stepDueAt).toBe(story.now + 15 * SECOND);
    story.after(15 * SECOND);
    story.due();
    const pages = story.queued().filter(({ kind }) => kind === 'page');
    expect(pages).toHaveLength(1);
    expect(pages[0]?.facts).toMatchObject({ event: 'still_down', text: 'Tocsin was away 6h' });
  });

  test('a check that recovered meanwhile ends normally, with no page', () => {
    const { story } = paged();
    story.deliver();
    story.after(6 * HOUR);
    story.take({ type: 'started', awaySince: story.now - 6 * HOUR });
    story.after(10 * SECOND);
    story.up('shop');
    expect(story.outgoing()).toEqual([
      'resolved ana by sms: resolved',
      'post all by lifeline: resolved',
    ]);
  });

  test('nothing overdue: nothing is sent and no deadline moves', () => {
    const { story } = paged();
    story.deliver();
    const { stepDueAt } = story.incident();
    story.after(MINUTE);
    expect(story.take({ type: 'started', awaySince: story.now - MINUTE })).toEqual([
      'nothing overdue',
    ]);
    expect(story.incident().stepDueAt).toBe(stepDueAt);
    expect(story.outgoing()).toEqual([]);
  });

  test('a page that waited in the queue for more than ten minutes is not sent as it was', () => {
    const { story, now } = paged();
    story.after(11 * MINUTE);
    story.take({ type: 'started', awaySince: story.now - 11 * MINUTE });
    expect(now()).toMatchObject({ state: 'unconfirmed', reason: 'stale', dueAt: null });
    story.after(15 * SECOND);
    story.due();
    expect(story.outgoing().some((line) => line.startsWith('page'))).toBe(true);
  });

  test('an acknowledgement that ran out meanwhile is paged again from the first step', () => {
    const { story } = paged();
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    story.deliver().after(3 * HOUR);
    story.take({ type: 'started', awaySince: story.now - 3 * HOUR });
    story.after(15 * SECOND);
    story.due();
    expect(story.outgoing()).toContain('page ana by sms: still_down');
  });
});

describe('back after a restart, and not everything is as it was', () => {
  test('the escalation was renamed meanwhile: paging goes on by the new one', () => {
    const { story } = paged();
    story.deliver().after(HOUR);
    story.config = configOf({
      checks: [checkCalled('shop', { escalation: 'night' })],
      escalations: [escalationCalled('night')],
    });
    story.take({ type: 'started', awaySince: story.now - HOUR });
    story.after(15 * SECOND).due();
    expect(story.outgoing().some((line) => line.startsWith('page'))).toBe(true);
    expect(story.incident().stepDueAt).toBeGreaterThan(story.now);
  });

  test('the check was removed meanwhile: its incident ends, and whoever was told is told', () => {
    const { story } = paged();
    story.deliver().after(HOUR);
    story.config = configOf({ checks: [checkCalled('other')] });
    story.take({ type: 'started', awaySince: story.now - HOUR });
    expect(story.incident()).toMatchObject({ state: 'resolved', resolvedBecause: 'removed' });
  });

  test('no escalation at all: nothing is due for ever', () => {
    const { story } = paged();
    story.config = configOf({ escalations: [] });
    story.after(5 * MINUTE).due();
    expect(story.incident().stepDueAt).toBeNull();
  });

  test('a step whose page never left has not been taken', () => {
    const steps = [
      { afterMs: 0, page: ['ana'], by: ['sms'] },
      { afterMs: 30 * MINUTE, page: ['ben'], by: ['sms'] },
    ];
    const story = new Story(configOf({ escalations: [escalationCalled('on-call', { steps })] }));
    story.down('shop');
    story.after(11 * MINUTE).take({ type: 'started', awaySince: story.now - 11 * MINUTE });
    story.after(15 * SECOND).due();
    expect(story.outgoing()).toContain('page ana by sms: still_down');
    expect(story.outgoing()).not.toContain('page ben by sms: still_down');
  });

  test.each([
    [6 * MINUTE, 'ben', 1],
    [21 * MINUTE, 'ana', 2],
    [52 * MINUTE, 'ana', 0],
    [58 * MINUTE, 'ben', 1],
    [20 * 24 * HOUR, expect.any(String), expect.any(Number)],
  ])('away for %i ms: the step that would have been the latest is paged, once', (ms, who, step) => {
    const steps = [
      { afterMs: 0, page: ['ana'], by: ['sms'] },
      { afterMs: 5 * MINUTE, page: ['ben'], by: ['sms'] },
      { afterMs: 15 * MINUTE, page: ['ana'], by: ['sms'] },
    ];
    const story = new Story(configOf({ escalations: [escalationCalled('on-call', { steps })] }));
    story.down('shop');
    story.deliver().after(ms);
    story.take({ type: 'started', awaySince: story.now - ms });
    story.after(15 * SECOND).due();
    const pages = story.queued().filter(({ kind }) => kind === 'page');
    expect(pages.map(({ responder }) => responder)).toEqual([who]);
    expect(story.incident().step).toEqual(step);
  });

  test('the fresh look says that it is down still: paged at once', () => {
    const { story } = paged();
    story.deliver().after(HOUR);
    story.take({ type: 'started', awaySince: story.now - HOUR });
    story.after(SECOND).take({ type: 'fresh', check: 'shop', down: true });
    expect(story.outgoing().filter((line) => line.startsWith('page'))).toHaveLength(1);
    expect(story.take({ type: 'fresh', check: 'shop', down: true })).toEqual(['nothing changed']);
  });

  test('the fresh look is well: nobody is paged before it could have recovered', () => {
    const { story } = paged();
    story.deliver().after(HOUR);
    story.take({ type: 'started', awaySince: story.now - HOUR });
    story.take({ type: 'fresh', check: 'shop', down: false });
    expect(story.incident().stepDueAt).toBe(story.now + 10 * SECOND + 15 * SECOND);
  });

  test('it recovered and only that was saved: what follows is made up for', () => {
    const { story } = paged();
    story.deliver();
    const state = story.board.checks.get('shop');
    story.board.checks.set('shop', { ...state!, status: 'up' });
    story.take({ type: 'started', awaySince: story.now });
    expect(story.incident().state).toBe('resolved');
  });

  test('posts and doubtful pages of six hours ago are not sent as they were', () => {
    const { story, page, now } = paged();
    story.receipt(page, UNCONFIRMED, story.now + SECOND);
    story.after(6 * HOUR).take({ type: 'started', awaySince: story.now - 6 * HOUR });
    expect(now()).toMatchObject({ state: 'unconfirmed', dueAt: null });
    expect(story.outgoing()).toEqual([]);
  });
});

describe('under a new configuration', () => {
  test('page: none that pages again is paged from the first step', () => {
    const story = new Story(configOf({ checks: [checkCalled('shop', { escalation: null })] }));
    story.down('shop');
    story.config = configOf({});
    story.take({ type: 'reloaded' });
    expect(story.outgoing()).toContain('page ana by sms: opened');
  });

  test('nothing that was sent is sent again', () => {
    const { story } = paged();
    story.deliver();
    story.config = configOf({ checks: [checkCalled('shop', { name: 'Renamed' })] });
    story.take({ type: 'reloaded' });
    expect(story.outgoing()).toEqual([]);
    expect(story.incident().state).toBe('open');
  });

  test('the last check to be removed ends its incident, and whoever was told is told', () => {
    const { story } = paged();
    story.deliver();
    story.config = configOf({ checks: [checkCalled('other')] });
    expect(story.take({ type: 'reloaded' })).toContain('removed');
    expect(story.incident()).toMatchObject({ state: 'resolved', resolvedBecause: 'removed' });
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });

  test('one of two that is removed leaves, and the incident goes on', () => {
    const checks = [checkCalled('shop'), checkCalled('cart')];
    const story = new Story(configOf({ checks }));
    story.down('shop');
    story.down('cart');
    story.config = configOf({ checks: [checkCalled('cart')] });
    story.take({ type: 'reloaded' });
    expect(story.incident()).toMatchObject({ state: 'open', down: 1 });
    expect(story.timeline()).toContain('member_left');
  });

  test('a check that is down and in no incident is not forgotten', () => {
    const { story } = paged();
    const state = story.board.checks.get('shop');
    const [shop] = story.config.checks.values();
    story.config = configOf({ checks: [] });
    story.take({ type: 'reloaded' });
    story.after(HOUR).config = configOf({ checks: [shop!] });
    story.board.checks.set('shop', state!);
    expect(story.take({ type: 'reloaded' })).toContain('opened');
  });

  test('page: none ends the paging and says so; the incident stays', () => {
    const { story } = paged();
    story.deliver();
    story.config = configOf({ checks: [checkCalled('shop', { escalation: null })] });
    expect(story.take({ type: 'reloaded' })).toContain('paging ended');
    expect(story.incident()).toMatchObject({ state: 'open', escalation: null, stepDueAt: null });
    expect(story.outgoing()).toContain('update ana by sms: updated');
    story.deliver();
    story.up('shop');
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });

  test('a step that is gone means the last one', () => {
    const { story } = paged();
    story.deliver();
    const steps = [{ afterMs: 0, page: ['ben'], by: ['sms'] }];
    story.config = configOf({ escalations: [escalationCalled('on-call', { steps })] });
    story.take({ type: 'reloaded' });
    story.after(5 * MINUTE);
    expect(story.due()).toContain('repeated');
    expect(story.outgoing()).toContain('page ben by sms: still_down');
  });

  test('an escalation that is gone is replaced by the one its check names now', () => {
    const { story } = paged();
    story.deliver();
    story.config = configOf({
      checks: [checkCalled('shop', { escalation: 'night' })],
      escalations: [escalationCalled('night')],
    });
    story.take({ type: 'reloaded' });
    expect(story.incident().escalation).toBe('night');
    story.after(5 * MINUTE);
    story.due();
    expect(story.outgoing()).toContain('page ben by sms: escalated');
  });
});
