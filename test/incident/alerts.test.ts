import { beforeEach, describe, expect, test } from 'vitest';
import type { AlertHook } from '../../src/config/config.ts';
import type { Alert } from '../../src/incident/input.ts';
import {
  checkCalled,
  configOf,
  escalationCalled,
  factsOf,
  MINUTE,
  SECOND,
  Story,
} from './story.ts';

const HOOK: AlertHook = {
  id: 'prometheus',
  type: 'alertmanager',
  token: 'token-of-prometheus',
  escalation: 'on-call',
  severity: 'major',
};
const ALERT: Alert = {
  type: 'alert',
  hook: 'prometheus',
  fingerprint: 'f1',
  status: 'firing',
  title: 'Too many errors in the shop',
  text: '7% of requests',
  severity: null,
  escalation: null,
  since: null,
};

let story: Story;
beforeEach(() => {
  story = new Story(configOf({ hooks: [HOOK] }));
});

const fire = (changes: Partial<Alert> = {}) => story.take({ ...ALERT, ...changes });
const end = (changes: Partial<Alert> = {}) => fire({ status: 'resolved', ...changes });

describe('an alert of somebody else', () => {
  test('opens an incident and pages, as the hook says', () => {
    const since = story.now - 5 * MINUTE;
    expect(fire({ since })).toContain('opened');
    expect(story.outgoing()).toEqual(['page ana by sms: opened', 'post all by lifeline: opened']);
    expect(story.incident()).toMatchObject({ severity: 'major', escalation: 'on-call', down: 1 });
    expect(factsOf(story.queued()[0])).toMatchObject({
      name: 'Too many errors in the shop',
      brief: '7% of requests',
      since,
    });
  });

  test('that is told again does nothing', () => {
    fire();
    story.deliver().after(4 * MINUTE);
    const { seq } = story.board;
    expect(fire()).toEqual(['nothing changed']);
    expect(story.outgoing()).toEqual([]);
    const { incidents, members, timeline, notifications } = story.changes.at(-1) ?? {};
    expect([incidents, members, timeline, notifications]).toEqual([[], [], [], []]);
    expect(story.board.seq).toBe(seq + 1);
  });

  test('escalates and is acknowledged like any other', () => {
    fire();
    story.deliver().pass(5 * MINUTE);
    expect(story.pages()).toEqual(['page ben by sms: escalated']);
    story.deliver().take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    expect(story.outgoing()).toContain('acknowledged ben by sms: acknowledged');
  });

  test('that is over ends it, and whoever was paged is told', () => {
    fire();
    story.deliver().after(10 * MINUTE);
    expect(end()).toContain('resolved');
    expect(story.outgoing()).toEqual([
      'resolved ana by sms: resolved',
      'post all by lifeline: resolved',
    ]);
    expect(story.incident()).toMatchObject({ state: 'resolved', resolvedBecause: 'recovered' });
    expect(end()).toEqual(['not part of an incident']);
  });

  test('one that nobody has heard of is not over', () => {
    expect(end()).toEqual(['not part of an incident']);
    expect(story.board.incidents.size).toBe(0);
  });

  test('many of one moment, and a check, are one incident and one page', () => {
    story.take(...['f1', 'f2', 'f3'].map((fingerprint) => ({ ...ALERT, fingerprint })));
    story.down('shop');
    expect(story.board.incidents.size).toBe(1);
    expect(story.pages()).toEqual(['page ana by sms: opened']);
    story.deliver().pass(MINUTE);
    expect(factsOf(story.queued()[0]).text).toContain('4 checks down');
    end();
    end({ fingerprint: 'f2' });
    end({ fingerprint: 'f3' });
    expect(story.incident().state).toBe('open');
    story.up('shop');
    expect(story.incident().state).toBe('resolved');
  });

  test('that comes back soon is the same incident', () => {
    fire();
    story.deliver().after(MINUTE);
    end();
    story.deliver().after(MINUTE);
    expect(fire()).toContain('reopened');
    expect(story.board.incidents.size).toBe(1);
    expect(story.pages()).toEqual(['page ana by sms: reopened']);
  });

  test('that ends and comes back in one message is the same incident', () => {
    fire();
    story.deliver().after(MINUTE);
    expect(story.take({ ...ALERT, status: 'resolved' }, ALERT)).toContain('reopened');
    expect(story.board.incidents.size).toBe(1);
  });

  test('its labels say how bad it is and who hears, as far as that is known', () => {
    const night = escalationCalled('night', { post: [] });
    const hooks = [HOOK];
    story = new Story(configOf({ hooks, escalations: [escalationCalled('on-call'), night] }));
    fire({ severity: 'critical', escalation: 'night' });
    expect(story.incident()).toMatchObject({ severity: 'critical', escalation: 'night' });
    fire({ fingerprint: 'f2', escalation: 'gone' });
    expect(story.incident()).toMatchObject({ severity: 'major', escalation: 'on-call' });
    fire({ fingerprint: 'f3', escalation: 'none' });
    expect(story.incident().escalation).toBeNull();
  });

  test('that becomes worse pages again; one that becomes better does not', () => {
    fire();
    story.deliver().take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    story.deliver();
    expect(fire({ severity: 'critical' })).toContain('raised');
    expect(story.pages()).toEqual(['page ana by sms: escalated']);
    story.deliver();
    expect(fire({ severity: 'minor', text: 'only 2%' })).toEqual(['member changed']);
    expect(story.outgoing()).toEqual([]);
    expect(story.incident().severity).toBe('critical');
  });

  test('ended by force while it fires says nothing more until it is over', () => {
    fire();
    story.deliver();
    const { code } = story.incident();
    const resolve = { type: 'resolve', incident: code, by: 'ana', force: null } as const;
    expect(story.take(resolve)).toEqual(['still down']);
    story.take({ ...resolve, force: 'known' });
    story.deliver().after(15 * MINUTE);
    expect(fire()).toContain('silenced');
    end();
    story.after(15 * MINUTE);
    expect(fire()).toContain('opened');
    expect(story.board.incidents.size).toBe(2);
  });

  test('is there after a reload and a restart; without its hook it leaves', () => {
    fire();
    story.deliver();
    story.take({ type: 'reloaded' });
    story.take({ type: 'started', awaySince: story.now - 10 * SECOND });
    expect(story.incident().state).toBe('open');
    story.config = configOf({ checks: [checkCalled('shop')] });
    story.take({ type: 'reloaded' });
    expect(story.incident()).toMatchObject({ state: 'resolved', resolvedBecause: 'removed' });
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
    expect(fire()).toEqual(['unknown hook']);
  });

  test('from a clock that is ahead began when it was told', () => {
    fire({ since: story.now + 60 * MINUTE });
    expect(story.incident().brokeAt).toBe(story.now);
  });
});
