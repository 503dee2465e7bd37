import { describe, expect, test } from 'vitest';
import { hoursOf } from '../../src/calendar/hours.ts';
import { midnightOf } from '../../src/calendar/rotation.ts';
import { checkCalled, configOf, escalationCalled, HOUR, MINUTE, Story } from './story.ts';

const LISBON = 'Europe/Lisbon';
const rotation = {
  id: 'primary',
  layers: [
    {
      members: ['ana', 'ben'],
      startsAt: midnightOf('2026-02-24', LISBON),
      handoff: '0 9 * * 2',
      timezone: LISBON,
      hours: null,
    },
  ],
};

describe('a step that names a rotation', () => {
  const escalation = escalationCalled('on-call', {
    steps: [{ afterMs: 0, page: ['primary'], by: ['sms'] }],
    repeat: { everyMs: 30 * MINUTE, times: null },
  });
  const rotating = () => new Story(configOf({ escalations: [escalation], rotations: [rotation] }));

  test('pages whoever is on duty at that moment, and at a repeat whoever is then', () => {
    const story = rotating();
    story.after(8 * HOUR + 50 * MINUTE);
    story.down('shop');
    expect(story.outgoing()).toContain('page ana by sms: opened');
    story.deliver().after(30 * MINUTE);
    story.due();
    expect(story.outgoing()).toContain('page ben by sms: still_down');
  });

  test('its last resort is all of them', () => {
    const once = { ...escalation, repeat: { everyMs: 30 * MINUTE, times: 0 } };
    const story = new Story(configOf({ escalations: [once], rotations: [rotation] }));
    story.down('shop');
    story.deliver().after(30 * MINUTE);
    expect(story.due()).toContain('last resort');
    expect(story.outgoing()).toEqual(
      expect.arrayContaining(['page ana by email: still_down', 'page ben by sms: still_down']),
    );
  });
});

describe('a turn that somebody takes over', () => {
  const escalation = escalationCalled('on-call', {
    steps: [{ afterMs: 0, page: ['primary'], by: ['sms'] }],
  });
  const rotating = () => new Story(configOf({ escalations: [escalation], rotations: [rotation] }));
  const taken = (story: Story, from: number, until: number) =>
    story.take({
      ...{ type: 'override', rotation: 'primary', responder: 'ben', by: 'ben', why: '' },
      ...{ from, until },
    });

  test('pages whoever took it over, from its beginning to its end', () => {
    const story = rotating();
    expect(taken(story, story.now + HOUR, story.now + 2 * HOUR)).toEqual(['override set']);
    const whoIsPaged = () => {
      story.down('shop');
      const [page] = story.outgoing().filter((line) => line.startsWith('page'));
      story.deliver().after(30 * MINUTE);
      story.up('shop');
      story.deliver().after(30 * MINUTE);
      return page;
    };
    expect(whoIsPaged()).toBe('page ana by sms: opened');
    expect(whoIsPaged()).toBe('page ben by sms: opened');
    expect(whoIsPaged()).toBe('page ana by sms: opened');
  });

  test('can be given back', () => {
    const story = rotating();
    taken(story, story.now, story.now + HOUR);
    const [id = ''] = story.board.overrides.keys();
    expect(story.take({ type: 'unoverride', override: id })).toEqual(['override ended']);
    expect(story.take({ type: 'unoverride', override: id })).toEqual(['unknown override']);
    story.down('shop');
    expect(story.outgoing()).toContain('page ana by sms: opened');
  });

  test('is nobody’s when whoever took it over is not configured any more', () => {
    const story = rotating();
    taken(story, story.now, story.now + HOUR);
    const responders = new Map([...story.config.responders].filter(([id]) => id !== 'ben'));
    story.config = { ...story.config, responders };
    story.down('shop');
    expect(story.outgoing()).toContain('page ana by sms: opened');
  });

  test('is forgotten when it is over and another one is made', () => {
    const story = rotating();
    taken(story, story.now, story.now + HOUR);
    story.after(2 * HOUR);
    taken(story, story.now, story.now + HOUR);
    expect(story.board.overrides.size).toBe(1);
  });
});

describe('a severity that waits for working hours', () => {
  const waiting = escalationCalled('on-call', {
    hours: { ...hoursOf('mon-fri', '09:00', '18:00'), timezone: null },
    waits: ['minor'],
  });
  const shop = (severity: 'minor' | 'major') => checkCalled('shop', { severity });
  const atNight = (severity: 'minor' | 'major') =>
    new Story(configOf({ checks: [shop(severity)], escalations: [waiting] }));

  test('is posted at once, and its page is withheld until the hours begin', () => {
    const story = atNight('minor');
    expect(story.down('shop')).toEqual(['opened', 'withheld', 'waiting for hours']);
    expect(story.outgoing()).toEqual(['post all by lifeline: opened']);
    const [page] = [...story.board.notifications.values()].filter(({ kind }) => kind === 'page');
    expect(page).toMatchObject({ state: 'withheld', reason: 'until 09:00', responder: 'ana' });
    expect(story.incident().stepDueAt).toBe(story.now + 9 * HOUR);
    story.deliver().after(9 * HOUR);
    story.due();
    expect(story.outgoing()).toContain('page ana by sms: opened');
    expect(story.incident().stepDueAt).toBe(story.now + 5 * MINUTE);
  });

  test('waits no longer than until the rotation is handed to somebody at work', () => {
    const london = {
      ...rotation,
      layers: rotation.layers.map((layer) => ({ ...layer, handoff: '0 3 * * 2' })),
    };
    const early = {
      ...waiting,
      hours: { ...hoursOf('mon-fri', '09:00', '18:00'), timezone: null },
    };
    const story = new Story(
      configOf({
        checks: [shop('minor')],
        escalations: [{ ...early, steps: [{ afterMs: 0, page: ['primary'], by: ['sms'] }] }],
        rotations: [london],
      }),
    );
    const responders = new Map(story.config.responders);
    const ben = responders.get('ben');
    if (ben) responders.set('ben', { ...ben, timezone: 'Asia/Kolkata' });
    story.config = { ...story.config, responders };
    story.down('shop');
    // At three it is Ben's, and half past eight where he is.
    expect(story.incident().stepDueAt).toBe(story.now + 3 * HOUR + 30 * MINUTE);
    story.deliver().after(3 * HOUR + 30 * MINUTE);
    story.due();
    expect(story.outgoing()).toContain('page ben by sms: opened');
  });

  test('what recovers before is never paged', () => {
    const story = atNight('minor');
    story.down('shop');
    story.deliver().after(HOUR);
    story.up('shop');
    expect(story.outgoing()).toEqual(['post all by lifeline: resolved']);
    story.deliver().after(9 * HOUR);
    expect(story.due()).not.toContain('paged');
  });

  test('a worse check that joins pages at once', () => {
    const checks = [shop('minor'), checkCalled('till', { severity: 'critical' })];
    const story = new Story(configOf({ checks, escalations: [waiting] }));
    story.down('shop');
    story.deliver();
    story.down('till');
    expect(story.outgoing()).toContain('page ana by sms: escalated');
  });

  test('other severities do not wait', () => {
    const story = atNight('major');
    story.down('shop');
    expect(story.outgoing()).toContain('page ana by sms: opened');
  });

  test('on Friday evening it says which day', () => {
    const story = atNight('minor');
    story.after(3 * 24 * HOUR + 19 * HOUR);
    story.down('shop');
    const [page] = [...story.board.notifications.values()].filter(({ kind }) => kind === 'page');
    expect(page?.reason).toBe('until Mon 09:00');
  });
});
