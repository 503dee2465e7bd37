import { describe, expect, test } from 'vitest';
import { dueBy } from '../../src/incident/decide.ts';
import { isBundle } from '../../src/incident/lane.ts';
import type { Outcome } from '../../src/incident/notification.ts';
import { ids, settleAll, together } from './crowd.ts';
import { checkCalled, configOf, escalationCalled, MINUTE, SECOND, Story } from './story.ts';

const DELIVERED: Outcome = { outcome: 'delivered', reference: 'SM1' };
const LOST: Outcome = { outcome: 'refused', reason: 'address', detail: 'Twilio says undelivered' };

/** SMS counts when it has arrived; mail when it was taken. */
function paged(): Story {
  const story = new Story(configOf({ proof: { sms: 'receipt' } }));
  story.down('shop');
  story.deliver();
  return story;
}

const pageOf = (story: Story, channel = 'sms') => {
  const page = [...story.board.notifications.values()].find(
    (each) => each.kind === 'page' && each.channel === channel,
  );
  if (!page) throw new Error(`nothing was paged by ${channel}`);
  return page;
};

describe('a page that was accepted by a channel whose acceptance proves nothing', () => {
  test('waits for its receipt as long as `failover`, then another address is paged', () => {
    const story = paged();
    expect(story.incident().proofDueAt).toBe(story.now + MINUTE);
    story.after(MINUTE);
    expect(story.due()).toEqual(['no receipt', 'failed over']);
    expect(story.outgoing()).toEqual(['page ana by email: opened']);
    expect(story.incident().proofDueAt).toBeNull();
  });

  test('delivered in time: nothing more happens', () => {
    const story = paged();
    story.take({
      type: 'receipt',
      key: pageOf(story).key,
      retryAt: null,
      isLate: true,
      ...DELIVERED,
    });
    story.after(MINUTE);
    expect(story.due()).not.toContain('failed over');
    expect(story.outgoing()).toEqual([]);
  });

  test('lost on the way: another address at once', () => {
    const story = paged();
    story.after(SECOND);
    const late = { type: 'receipt', key: pageOf(story).key, retryAt: null, isLate: true } as const;
    expect(story.take({ ...late, ...LOST })).toContain('failed over');
    expect(pageOf(story)).toMatchObject({ state: 'failed', reason: 'address', attempts: 1 });
    expect(story.outgoing()).toEqual(['page ana by email: opened']);
  });

  test('a receipt that it arrived is never taken back', () => {
    const story = paged();
    const late = { type: 'receipt', key: pageOf(story).key, retryAt: null, isLate: true } as const;
    story.take({ ...late, ...DELIVERED });
    story.take({ ...late, ...LOST });
    expect(pageOf(story).state).toBe('delivered');
    expect(story.outgoing()).toEqual([]);
  });

  test('no other address: the next step is paged at once', () => {
    const escalation = escalationCalled('on-call', {
      steps: [
        { afterMs: 0, page: ['ben'], by: ['sms'] },
        { afterMs: 15 * MINUTE, page: ['ana'], by: ['email'] },
      ],
    });
    const story = new Story(configOf({ proof: { sms: 'receipt' }, escalations: [escalation] }));
    story.down('shop');
    story.deliver().after(MINUTE);
    expect(story.due()).toEqual(
      expect.arrayContaining(['no receipt', 'nowhere to fail over to', 'escalated']),
    );
    expect(story.outgoing()).toContain('page ana by email: escalated');
  });

  test('acknowledged meanwhile: nobody else is paged for want of a receipt', () => {
    const story = paged();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    story.after(MINUTE);
    story.due();
    expect(story.outgoing().filter((line) => line.startsWith('page'))).toEqual([]);
    expect(story.incident().proofDueAt).toBeNull();
  });

  test('what was taken and lost may have been read: its reader is told of the end', () => {
    const story = paged();
    const late = { type: 'receipt', key: pageOf(story).key, retryAt: null, isLate: true } as const;
    story.take({ ...late, ...LOST });
    story.deliver();
    story.up('shop');
    expect(story.outgoing()).toEqual(
      expect.arrayContaining(['resolved ana by sms: resolved', 'resolved ana by email: resolved']),
    );
  });
});

describe('a page about several, taken by a channel whose acceptance proves nothing', () => {
  /** Accepted just now. */
  function pagedOf(n: number, first: string): Story {
    const escalation = escalationCalled('on-call', {
      steps: [
        { afterMs: 0, page: [first], by: ['sms'] },
        { afterMs: 15 * MINUTE, page: [first === 'ana' ? 'ben' : 'ana'], by: ['sms'] },
      ],
      groupMs: 0,
    });
    const checks = ids(n).map((id) => checkCalled(id));
    const rules = { checks, escalations: [escalation], proof: { sms: 'receipt' } as const };
    const story = new Story(configOf(rules));
    together(story, ids(n), 'down');
    settleAll(story);
    const page = [...story.board.notifications.values()].find(isBundle);
    expect(page).toMatchObject({ responder: first, proofDueAt: story.now + MINUTE });
    return story;
  }
  const pagesTo = (story: Story, responder: string, channel: string) =>
    story.pages().filter((line) => line.startsWith(`page ${responder} by ${channel}`));
  const takeDue = (story: Story) => story.take(...dueBy(story.board, story.now));

  test('no receipt and no other address: the next step is paged at once', () => {
    const story = pagedOf(3, 'ben').after(MINUTE);
    expect(takeDue(story)).toContain('no receipt');
    expect(takeDue(story)).toContain('escalated');
    expect(pagesTo(story, 'ana', 'sms')).toEqual(['page ana by sms: escalated']);
  });

  test('so it is for each of very many, a slice at a time', () => {
    const story = pagedOf(450, 'ben').pass(MINUTE);
    expect(new Set([...story.board.incidents.values()].map(({ step }) => step))).toEqual(
      new Set([1]),
    );
  });

  test('no receipt, and the other address refuses: so it is then', () => {
    const story = pagedOf(3, 'ana').after(MINUTE);
    expect(takeDue(story)).toContain('failed over');
    const mails = story.queued().filter(({ channel }) => channel === 'email');
    expect(mails).not.toEqual([]);
    for (const mail of mails) story.receipt(mail, LOST);
    expect(takeDue(story)).toContain('escalated');
    expect(pagesTo(story, 'ben', 'sms')).toEqual(['page ben by sms: escalated']);
  });

  test('nobody was there to hear of it: it has its time again', () => {
    const story = pagedOf(3, 'ana').after(10 * MINUTE);
    story.take({ type: 'resumed', awaySince: story.now - 10 * MINUTE });
    expect(takeDue(story)).not.toContain('no receipt');
    expect(story.pages()).toEqual([]);
    expect(takeDue(story.after(MINUTE))).toContain('no receipt');
    expect(pagesTo(story, 'ana', 'email')).not.toEqual([]);
  });
});
