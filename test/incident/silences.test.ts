import { describe, expect, test } from 'vitest';
import type { DecisionOutcome } from '../../src/incident/change.ts';
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

const CHECKS = [
  checkCalled('shop', { tags: { team: 'web' } }),
  checkCalled('cart', { tags: { team: 'web' } }),
  checkCalled('db', { tags: { team: 'data' } }),
  checkCalled('replica', { dependsOn: ['db'] }),
];

function storyOf(): Story {
  return new Story(configOf({ checks: CHECKS }));
}

function silence(
  story: Story,
  covers: readonly string[],
  forMs: number | null = 2 * HOUR,
  below = false,
): readonly DecisionOutcome[] {
  return story.take({ type: 'silence', covers, below, forMs, by: 'ana', why: 'deploy' });
}

function silenceId(story: Story): string {
  const [id = ''] = story.board.silences.keys();
  return id;
}

describe('a silence', () => {
  test('keeps its check from opening incidents, and looks go on', () => {
    const story = storyOf();
    expect(silence(story, ['shop'])).toEqual(['silence begun']);
    expect(story.down('shop')).toEqual(['silenced']);
    expect(story.board.incidents.size).toBe(0);
    expect(story.board.checks.get('shop')?.status).toBe('down');
    expect(story.down('cart')).toContain('opened');
  });

  test('what is still down when it ends pages then', () => {
    const story = storyOf();
    silence(story, ['shop']);
    story.down('shop');
    story.deliver().pass(2 * HOUR - 1);
    expect(story.pages()).toEqual([]);
    story.pass(1);
    expect(story.pages()).toEqual(['page ana by sms: opened']);
    expect(story.incident()).toMatchObject({ state: 'open', brokeAt: story.now - 2 * HOUR });
    expect(story.board.silences.size).toBe(0);
  });

  test('what was down and is up when it ends pages nobody', () => {
    const story = storyOf();
    silence(story, ['shop']);
    story.down('shop');
    story.after(HOUR).up('shop');
    story.pass(HOUR);
    expect(story.board.incidents.size).toBe(0);
  });

  test.each([
    ['every check', ['*'], ['silenced', 'silenced', 'silenced']],
    ['those with a tag', ['team=web'], ['silenced', 'silenced', 'opened']],
    ['those that it names', ['cart', 'db'], ['opened', 'silenced', 'silenced']],
    ['none, where no check is meant', ['team=nobody'], ['opened', 'joined', 'joined']],
  ])('covers %s', (_, covers, outcomes) => {
    const story = storyOf();
    silence(story, covers);
    expect(['shop', 'cart', 'db'].map((id) => story.down(id)[0])).toEqual(outcomes);
  });

  test('covers what hangs below only if it says so', () => {
    const story = storyOf();
    silence(story, ['db']);
    expect(story.down('replica')).toContain('opened');
    const deeper = storyOf();
    silence(deeper, ['db'], HOUR, true);
    expect(deeper.down('replica')).toEqual(['silenced']);
  });

  test('never covers what is wrong with Tocsin itself, unless by its name', () => {
    const story = storyOf();
    const blind = checkCalled('self:blind', { type: 'self' });
    const self = { witnesses: new Map(), rdap: null, checks: new Map([['self:blind', blind]]) };
    story.config = { ...story.config, self };
    silence(story, ['*']);
    expect(story.down('self:blind')).toContain('opened');
  });

  test('begun while an incident is open stops its paging; it is posted, and shows', () => {
    const story = storyOf();
    story.down('shop');
    story.deliver().after(MINUTE);
    expect(silence(story, ['shop'])).toEqual(['silence begun', 'paging silenced']);
    expect(story.incident()).toMatchObject({ state: 'open', silencedAt: story.now });
    expect(story.outgoing()).toEqual(['post all by lifeline: updated']);
    expect(factsOf(story.queued()[0]).text).toBe('silenced by Ana Silva: deploy');
    story.deliver().pass(HOUR);
    expect(story.pages()).toEqual([]);
    expect(story.timeline()).toEqual(['opened', 'paged', 'silenced']);
  });

  test('a page that has not left yet is withheld', () => {
    const story = storyOf();
    story.down('shop');
    const [page] = story.queued();
    silence(story, ['shop']);
    expect(story.board.notifications.get(page!.key)).toMatchObject({
      state: 'withheld',
      reason: 'silenced',
      dueAt: null,
    });
  });

  test('a page that was accepted and is never proven goes no other way meanwhile', () => {
    const story = new Story(configOf({ checks: CHECKS, proof: { sms: 'receipt' } }));
    story.down('shop');
    story.deliver();
    silence(story, ['shop']);
    story.deliver().pass(HOUR);
    expect(story.pages()).toEqual([]);
  });

  test('when it ends, an incident that is still down pages from the first step', () => {
    const story = storyOf();
    story.down('shop');
    story.deliver().after(MINUTE);
    silence(story, ['shop'], HOUR);
    story.deliver().pass(HOUR);
    expect(story.pages()).toEqual(['page ana by sms: still_down']);
    expect(story.incident()).toMatchObject({ silencedAt: null, step: 0 });
    story.deliver().pass(5 * MINUTE);
    expect(story.pages()).toEqual(['page ben by sms: escalated']);
  });

  test('whoever was told is told that it ended, silence or not', () => {
    const story = storyOf();
    story.down('shop');
    story.deliver();
    silence(story, ['shop']);
    story.deliver().after(HOUR).up('shop');
    expect(story.outgoing()).toEqual([
      'resolved ana by sms: resolved',
      'post all by lifeline: resolved',
    ]);
  });

  test('ended by hand, what is down pages at once; another is not known', () => {
    const story = storyOf();
    silence(story, ['shop']);
    story.down('shop');
    const id = silenceId(story);
    expect(story.take({ type: 'unsilence', silence: id, by: 'ben' })).toContain('silence ended');
    expect(story.pages()).toEqual(['page ana by sms: opened']);
    expect(story.take({ type: 'unsilence', silence: id, by: 'ben' })).toEqual(['unknown silence']);
  });

  test('of two over the same check the longer one counts', () => {
    const story = storyOf();
    silence(story, ['shop'], HOUR);
    silence(story, ['*'], 3 * HOUR);
    story.down('shop');
    story.pass(2 * HOUR);
    expect(story.board.incidents.size).toBe(0);
    story.pass(HOUR);
    expect(story.board.incidents.size).toBe(1);
  });

  test('one of two checks is silenced: the incident pages on for the other, until that is up', () => {
    const story = storyOf();
    story.down('shop');
    story.down('cart');
    story.deliver();
    silence(story, ['shop']);
    expect(story.incident().silencedAt).toBeNull();
    story.pass(5 * MINUTE);
    expect(story.pages()).toEqual(['page ben by sms: escalated']);
    expect(factsOf(story.queued().find(({ kind }) => kind === 'page')).name).toBe('Check cart');
    story.deliver().after(MINUTE);
    expect(story.up('cart')).toContain('paging silenced');
    story.deliver().pass(HOUR);
    expect(story.pages()).toEqual([]);
  });

  test('a check that it does not cover goes down in a silenced incident: that pages', () => {
    const story = storyOf();
    story.down('shop');
    story.down('cart');
    story.up('cart');
    story.deliver();
    silence(story, ['shop']);
    story.deliver().after(MINUTE);
    expect(story.down('cart')).toContain('paging again');
    expect(story.pages()).toEqual(['page ana by sms: still_down']);
  });

  test('a silenced incident takes no others: they open their own', () => {
    const story = storyOf();
    story.down('shop');
    silence(story, ['shop']);
    story.after(10 * SECOND);
    expect(story.down('cart')).toContain('opened');
  });

  test('an acknowledgement that runs out meanwhile pages nobody before the end', () => {
    const story = storyOf();
    story.down('shop');
    story.deliver();
    const { code } = story.incident();
    story.take({ type: 'acknowledge', incident: code, by: 'ana', forMs: 30 * MINUTE });
    silence(story, ['shop'], HOUR);
    story.deliver().pass(45 * MINUTE);
    expect(story.incident()).toMatchObject({ state: 'open', acknowledgedBy: null });
    expect(story.pages()).toEqual([]);
    story.pass(15 * MINUTE);
    expect(story.pages()).toEqual(['page ana by sms: still_down']);
  });

  test('an acknowledgement that outlasts it pages nobody', () => {
    const story = storyOf();
    story.down('shop');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    silence(story, ['shop'], HOUR);
    story.deliver().pass(HOUR);
    expect(story.incident()).toMatchObject({ state: 'acknowledged', silencedAt: null });
    expect(story.pages()).toEqual([]);
  });
});

describe('the owner of a silence', () => {
  const notices = (story: Story): readonly unknown[] =>
    story.queued().flatMap(({ responder, channel, facts }) => {
      return facts.event === 'notice' ? [[responder, channel, facts.text]] : [];
    });

  test('is told a quarter of an hour before it ends, and of what will page', () => {
    const story = storyOf();
    silence(story, ['shop']);
    story.down('shop');
    story.pass(105 * MINUTE - 1);
    expect(notices(story)).toEqual([]);
    story.pass(1);
    const text = 'Silence of shop ends in 15m. Will page: Check shop. By Ana Silva: deploy';
    expect(notices(story)).toEqual([['ana', 'sms', text]]);
    story.deliver().pass(14 * MINUTE);
    expect(notices(story)).toEqual([]);
  });

  test('of a short one is told when half of it is left', () => {
    const story = storyOf();
    silence(story, ['shop'], 10 * MINUTE);
    story.pass(5 * MINUTE);
    expect(notices(story)).toEqual([
      ['ana', 'sms', 'Silence of shop ends in 5m. Nothing of it is down. By Ana Silva: deploy'],
    ]);
  });

  test('who is nobody that can be reached is told where pages are posted', () => {
    const story = storyOf();
    const wish = { type: 'silence', covers: ['shop'], below: false, forMs: HOUR } as const;
    story.take({ ...wish, by: 'root', why: 'deploy' });
    story.pass(45 * MINUTE);
    expect(notices(story)).toMatchObject([[null, 'lifeline', expect.stringContaining('root')]]);
  });

  test('of one until it recovers is told every day that it is still there', () => {
    const story = storyOf();
    silence(story, ['shop'], null);
    story.down('shop');
    story.pass(24 * HOUR);
    expect(notices(story)).toMatchObject([
      ['ana', 'sms', expect.stringContaining('Still silenced until it recovers, for 24h now')],
    ]);
    story.deliver().pass(24 * HOUR);
    expect(notices(story)).toHaveLength(1);
    expect(story.up('shop')).toContain('silence ended');
  });
});

test('of what one forced end has silenced, its owner is reminded once', () => {
  const checks = ['a', 'b', 'c', 'd', 'e'].map((id) => checkCalled(id));
  const story = new Story(configOf({ checks }));
  for (const { id } of checks) story.down(id);
  const { code } = story.incident();
  story.take({ type: 'resolve', incident: code, by: 'ana', force: 'moving house' });
  story.deliver().pass(24 * HOUR);
  expect(story.queued().map(({ facts }) => ('text' in facts ? facts.text : ''))).toEqual([
    'Still silenced until it recovers, for 24h now: a, b, c +2 more. By Ana Silva: moving house',
  ]);
});

describe('over a restart', () => {
  test('a silence goes on, and ends when it was to', () => {
    const story = storyOf();
    silence(story, ['shop']);
    story.down('shop');
    story.after(HOUR);
    story.take({ type: 'started', awaySince: story.now - SECOND });
    expect(story.board.incidents.size).toBe(0);
    story.pass(HOUR);
    expect(story.pages()).toEqual(['page ana by sms: opened']);
  });

  test('one that ended meanwhile ends once its checks can have been looked at', () => {
    const story = storyOf();
    silence(story, ['shop']);
    story.down('shop');
    story.after(6 * HOUR);
    story.take({ type: 'started', awaySince: story.now - 6 * HOUR });
    expect(story.pages()).toEqual([]);
    // Two looks, ten seconds apart, of five seconds each.
    story.pass(20 * SECOND);
    expect(story.pages()).toEqual(['page ana by sms: opened']);
  });
});

test('a silenced parent suppresses nothing: a child below it pages on its own', () => {
  const escalations = [escalationCalled('on-call', { groupMs: 0 })];
  const story = new Story(configOf({ checks: CHECKS, escalations }));
  story.down('db');
  silence(story, ['db']);
  expect(story.down('replica')).toContain('opened');
});
