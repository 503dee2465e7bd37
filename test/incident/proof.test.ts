import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/incident/notification.ts';
import { configOf, escalationCalled, MINUTE, SECOND, Story } from './story.ts';

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
