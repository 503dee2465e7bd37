import { describe, expect, test } from 'vitest';
import type { MaintenanceWindow } from '../../src/config/config.ts';
import { planOf, type Comparable } from '../../src/incident/plan.ts';
import { checkCalled, configOf, factsOf, HOUR, MIDNIGHT, MINUTE, Story } from './story.ts';

const CHECKS = [
  checkCalled('shop'),
  checkCalled('cart', { dependsOn: ['shop'] }),
  checkCalled('other'),
];

/** From three to four every night. */
const NIGHTLY: MaintenanceWindow = {
  key: 'nightly',
  covers: ['shop'],
  below: true,
  when: { cron: '0 3 * * *', timezone: 'UTC', forMs: HOUR },
  why: 'nightly deploy',
};

/** Started at midnight, three hours before the window. */
function storyOf(...maintenance: readonly MaintenanceWindow[]): Story {
  const story = new Story(configOf({ checks: CHECKS, maintenance }));
  story.take({ type: 'started', awaySince: null });
  return story;
}

function planned(story: Story): readonly unknown[] {
  return [...story.board.silences.values()].map(({ window, startsAt, endsAt, begunAt }) => [
    window,
    startsAt - MIDNIGHT,
    (endsAt ?? Infinity) - MIDNIGHT,
    begunAt !== null,
  ]);
}

describe('a maintenance window', () => {
  test('is on the board before it begins, while it lasts, and then the next one', () => {
    const story = storyOf(NIGHTLY);
    expect(planned(story)).toEqual([['nightly', 3 * HOUR, 4 * HOUR, false]]);
    story.pass(3 * HOUR);
    expect(planned(story)).toEqual([['nightly', 3 * HOUR, 4 * HOUR, true]]);
    story.pass(HOUR);
    expect(planned(story)).toEqual([['nightly', 27 * HOUR, 28 * HOUR, false]]);
  });

  test('what goes down in it opens nothing; what is still down at its end pages then', () => {
    const story = storyOf(NIGHTLY);
    story.pass(3 * HOUR);
    expect(story.down('shop')).toEqual(['silenced']);
    story.pass(HOUR - 1);
    expect(story.outgoing()).toEqual([]);
    story.pass(1);
    expect(story.pages()).toEqual(['page ana by sms: opened']);
  });

  test('before it and after it, its checks page as ever', () => {
    const story = storyOf(NIGHTLY);
    expect(story.down('shop')).toContain('opened');
  });

  test('covers what hangs below with `below: true`, and only then', () => {
    const story = storyOf(NIGHTLY);
    story.pass(3 * HOUR);
    expect(story.down('cart')).toEqual(['silenced']);
    expect(story.down('other')).toContain('opened');
    const alone = storyOf({ ...NIGHTLY, below: false });
    alone.pass(3 * HOUR);
    expect(alone.down('cart')).toContain('opened');
  });

  test('begun while an incident is open, it stops the paging; at its end that goes on', () => {
    const story = storyOf(NIGHTLY);
    story.pass(3 * HOUR - MINUTE);
    story.down('shop');
    story.deliver().pass(MINUTE);
    expect(story.incident().silencedAt).toBe(story.now);
    expect(factsOf(story.queued()[0]).text).toBe('maintenance: nightly deploy');
    story.deliver().pass(HOUR - 1);
    expect(story.pages()).toEqual([]);
    story.pass(1);
    expect(story.pages()).toEqual(['page ana by sms: still_down']);
  });

  test('once: it is over, and nothing follows', () => {
    const when = { from: MIDNIGHT + HOUR, to: MIDNIGHT + 2 * HOUR };
    const story = storyOf({ ...NIGHTLY, when });
    story.pass(2 * HOUR);
    expect(planned(story)).toEqual([]);
    story.take({ type: 'reloaded' });
    expect(planned(story)).toEqual([]);
  });

  test('of which one follows the other lets nothing through in between', () => {
    const when = { cron: '0 * * * *', timezone: 'UTC', forMs: HOUR };
    const story = storyOf({ ...NIGHTLY, when });
    story.down('shop');
    story.pass(5 * HOUR);
    expect(story.board.incidents.size).toBe(0);
  });

  test('is not for a person to end: it is written in checks.yml', () => {
    const story = storyOf(NIGHTLY);
    const [silence = ''] = story.board.silences.keys();
    expect(story.take({ type: 'unsilence', silence, by: 'ana' })).toEqual([
      'planned in checks.yml',
    ]);
  });
});

describe('over a reload', () => {
  test('a window that has not changed goes on, and nothing is said', () => {
    const story = storyOf(NIGHTLY);
    story.pass(3 * HOUR);
    story.down('shop');
    expect(story.take({ type: 'reloaded' })).toEqual(['nothing changed']);
    expect(story.board.silences.size).toBe(1);
  });

  test('one that is removed while it lasts ends: what is down pages', () => {
    const story = storyOf(NIGHTLY);
    story.pass(3 * HOUR);
    story.down('shop');
    story.config = configOf({ checks: CHECKS });
    expect(story.take({ type: 'reloaded' })).toContain('maintenance ended');
    expect(story.pages()).toEqual(['page ana by sms: opened']);
  });

  test('one that is made longer while it lasts lets nothing through', () => {
    const story = storyOf(NIGHTLY);
    story.pass(3 * HOUR + 30 * MINUTE);
    story.down('shop');
    const longer = { ...NIGHTLY, key: 'longer', when: { ...NIGHTLY.when, forMs: 2 * HOUR } };
    story.config = configOf({ checks: CHECKS, maintenance: [longer] });
    story.take({ type: 'reloaded' });
    story.pass(HOUR);
    expect(story.board.incidents.size).toBe(0);
    story.pass(30 * MINUTE);
    expect(story.pages()).toEqual(['page ana by sms: opened']);
  });

  test('one that is not wanted any more before it began is taken off the board', () => {
    const story = storyOf(NIGHTLY);
    story.config = configOf({ checks: CHECKS });
    expect(story.take({ type: 'reloaded' })).toEqual(['maintenance no longer planned']);
    expect(planned(story)).toEqual([]);
  });
});

test('after an absence over a whole window the next one is planned', () => {
  const story = storyOf(NIGHTLY);
  story.after(10 * HOUR);
  story.take({ type: 'started', awaySince: MIDNIGHT });
  story.pass(0);
  expect(planned(story)).toEqual([['nightly', 27 * HOUR, 28 * HOUR, false]]);
});

describe('a plan', () => {
  const running = (...ids: readonly string[]): readonly Comparable[] =>
    CHECKS.filter(({ id }) => ids.includes(id));

  test('says which checks come, go and change, and in what', () => {
    const next = configOf({
      checks: [checkCalled('shop', { severity: 'critical', escalation: null }), CHECKS[2]!],
    });
    const plan = planOf(running('shop', 'cart'), storyOf().board, next, MIDNIGHT);
    expect(plan).toEqual({
      added: ['other'],
      removed: ['cart'],
      changed: [{ id: 'shop', what: ['severity major → critical', 'page on-call → none'] }],
      incidents: [],
      told: [],
    });
  });

  test('says which incidents it would end, and who would be told; and changes nothing', () => {
    const story = storyOf();
    story.down('shop');
    story.deliver();
    const { id, code } = story.incident();
    const next = configOf({ checks: [CHECKS[2]!] });
    const plan = planOf(running('shop', 'other'), story.board, next, story.now);
    expect(plan.incidents).toEqual([
      { code, title: 'Check shop', becomes: 'ended', left: ['shop'] },
    ]);
    expect(plan.told).toEqual([
      { kind: 'resolved', responder: 'ana', channel: 'sms' },
      { kind: 'post', responder: null, channel: 'lifeline' },
    ]);
    expect(story.board.incidents.get(id)?.state).toBe('open');
  });

  test('says that a window in it would silence what is open', () => {
    const story = storyOf();
    story.down('shop');
    const when = { from: MIDNIGHT, to: MIDNIGHT + HOUR };
    const next = configOf({ checks: CHECKS, maintenance: [{ ...NIGHTLY, when }] });
    expect(planOf(CHECKS, story.board, next, story.now).incidents).toMatchObject([
      { becomes: 'silenced' },
    ]);
  });
});
