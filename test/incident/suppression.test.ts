import { describe, expect, test } from 'vitest';
import { checkCalled, configOf, escalationCalled, HOUR, MINUTE, SECOND, Story } from './story.ts';

const CHECKS = [
  checkCalled('edge', { name: 'Gateway' }),
  checkCalled('shop', { dependsOn: ['edge'] }),
  checkCalled('cart', { dependsOn: ['shop'], severity: 'critical' }),
  checkCalled('other'),
];
/** Grouping off, so that what joins does so for what it hangs below. */
const APART = [escalationCalled('on-call', { groupMs: 0 })];

function storyOf(checks = CHECKS): Story {
  return new Story(configOf({ checks, escalations: APART }));
}

function members(story: Story): readonly unknown[] {
  const { id } = story.incident();
  return [...(story.board.members.get(id)?.values() ?? [])].map(({ check, below, leftAt }) => {
    return [check, below, leftAt === null];
  });
}

function incidents(story: Story): readonly string[] {
  return [...story.board.incidents.values()].map(({ title, state }) => `${title}: ${state}`);
}

describe('below a check that is down', () => {
  test('a child opens and pages nothing; the incident of its parent lists it', () => {
    const story = storyOf();
    story.down('edge');
    story.deliver().after(10 * SECOND);
    expect(story.down('shop')).toEqual(['joined']);
    expect(story.pages()).toEqual([]);
    expect(story.board.incidents.size).toBe(1);
    expect(members(story)).toEqual([
      ['edge', null, true],
      ['shop', 'edge', true],
    ]);
  });

  test('so does a grandchild, whose parent is up', () => {
    const story = storyOf();
    story.down('edge');
    story.down('cart');
    expect(members(story)).toContainEqual(['cart', 'edge', true]);
  });

  test('what hangs below nothing that is down opens its own', () => {
    const story = storyOf();
    story.down('edge');
    expect(story.down('other')).toContain('opened');
  });

  test('an acknowledged parent suppresses as well', () => {
    const story = storyOf();
    story.down('edge');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    story.deliver();
    expect(story.down('shop')).toEqual(['joined']);
    expect(story.pages()).toEqual([]);
  });

  test('a critical child raises the incident of its parent, acknowledged or not', () => {
    const story = storyOf();
    story.down('edge');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    story.deliver();
    expect(story.down('cart')).toContain('raised');
    expect(story.incident()).toMatchObject({ severity: 'critical', state: 'open' });
    expect(story.pages()).toEqual(['page ana by sms: escalated']);
  });

  test('a child that recovers is up in the incident, which goes on', () => {
    const story = storyOf();
    story.down('edge');
    story.down('shop');
    story.up('shop');
    expect(story.incident()).toMatchObject({ state: 'open', down: 1, orphansDueAt: null });
    expect(story.timeline()).toContain('member_recovered');
  });

  test.each([
    [
      'page: none',
      [checkCalled('edge', { escalation: null }), ...CHECKS.slice(1)],
      (story: Story) => story.down('edge'),
    ],
    [
      'silenced',
      CHECKS,
      (story: Story) => {
        const wish = { type: 'silence', covers: ['edge'], below: false, forMs: HOUR } as const;
        story.take({ ...wish, by: 'ana', why: 'deploy' });
        story.down('edge');
      },
    ],
    ['unknown', CHECKS, (story: Story) => story.turn('edge', 'unknown')],
    [
      'resolved by force',
      CHECKS,
      (story: Story) => {
        story.down('edge');
        const { code } = story.incident();
        story.deliver();
        story.take({ type: 'resolve', incident: code, by: 'ana', force: 'known' });
      },
    ],
  ])('a parent that is %s suppresses nothing', (_, checks, happens) => {
    const story = storyOf(checks);
    happens(story);
    story.deliver().after(MINUTE);
    expect(story.down('shop')).toContain('opened');
    expect(story.pages()).toEqual(['page ana by sms: opened']);
  });
});

describe('when the parent is back', () => {
  /** Two successes ten seconds apart, each within its timeout of five, and ten more. */
  const PATIENCE = 30 * SECOND;

  function parentIsBack(): Story {
    const story = storyOf();
    story.down('edge');
    story.down('shop');
    story.pass(MINUTE).deliver();
    story.up('edge');
    return story;
  }

  test('a child has the time of a fresh look, and if it is up as well all of it has ended', () => {
    const story = parentIsBack();
    expect(story.incident()).toMatchObject({
      state: 'open',
      orphansDueAt: story.now + PATIENCE,
    });
    story.pass(PATIENCE - 1);
    story.up('shop');
    expect(incidents(story)).toEqual(['Gateway: resolved']);
    expect(story.pages()).toEqual([]);
  });

  test('a child that is still down then pages on its own, and the incident above ends', () => {
    const story = parentIsBack();
    story.pass(PATIENCE);
    expect(incidents(story)).toEqual(['Gateway: resolved', 'Check shop: open']);
    expect(story.outgoing()).toEqual([
      'resolved ana by sms: resolved',
      'post all by lifeline: resolved',
      'page ana by sms: opened',
      'post all by lifeline: opened',
    ]);
  });

  test('the paging does not go on meanwhile, if there is nothing else to page for', () => {
    const story = storyOf();
    story.down('edge');
    story.down('shop');
    story.deliver().after(5 * MINUTE - SECOND);
    story.up('edge');
    story.pass(10 * SECOND);
    expect(story.pages()).toEqual([]);
  });

  test('so it does in an acknowledged incident', () => {
    const story = storyOf();
    story.down('edge');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    story.down('shop');
    story.deliver();
    story.up('edge');
    story.pass(PATIENCE);
    expect(incidents(story)).toEqual(['Gateway: resolved', 'Check shop: open']);
    expect(story.pages()).toEqual(['page ana by sms: opened']);
  });

  test('a grandchild goes with the child above it, and stays suppressed', () => {
    const story = storyOf();
    for (const id of ['edge', 'shop', 'cart']) story.down(id);
    story.pass(MINUTE).deliver();
    story.up('edge');
    story.pass(PATIENCE);
    expect(incidents(story)).toEqual(['Gateway: resolved', 'Check shop: open']);
    expect(members(story)).toEqual([
      ['shop', null, true],
      ['cart', 'shop', true],
    ]);
    expect(story.pages()).toHaveLength(1);
  });

  test('removed from the configuration, it suppresses nothing either', () => {
    const story = storyOf();
    story.down('edge');
    story.down('shop');
    story.deliver().after(MINUTE);
    story.config = configOf({
      checks: [checkCalled('shop')],
      escalations: APART,
    });
    story.take({ type: 'reloaded' });
    story.pass(PATIENCE);
    expect(incidents(story)).toEqual(['Gateway: resolved', 'Check shop: open']);
  });

  test('orphans of one parent are one incident again, if grouping is on', () => {
    const story = new Story(
      configOf({ checks: [...CHECKS, checkCalled('blog', { dependsOn: ['edge'] })] }),
    );
    for (const id of ['edge', 'shop', 'blog']) story.down(id);
    story.deliver().after(20 * SECOND);
    story.up('edge');
    story.pass(PATIENCE);
    expect(incidents(story)).toEqual(['Gateway: resolved', 'Check shop: open']);
    expect(story.incident()).toMatchObject({ size: 2, down: 2 });
  });
});
