/** Where two rules meet: what each of them does alone is told elsewhere. */
import { describe, expect, test } from 'vitest';
import { hoursOf } from '../../src/calendar/hours.ts';
import { goOn, held, ids, settleAll, story as crowd, texts, together } from './crowd.ts';
import { checkCalled, configOf, escalationCalled, HOUR, MINUTE, SECOND, Story } from './story.ts';

function silence(story: Story, check: string, forMs: number | null): void {
  story.take({ type: 'silence', covers: [check], below: false, forMs, by: 'ana', why: 'deploy' });
}

describe('a silence', () => {
  test('over while a flapping incident is held open: it pages when it is down again', () => {
    const story = new Story();
    for (let reopenings = 0; reopenings < 3; reopenings += 1) {
      story.down('shop');
      story.deliver().up('shop');
      story.deliver().after(MINUTE);
    }
    story.down('shop');
    story.deliver();
    silence(story, 'shop', 2 * MINUTE);
    expect(story.up('shop')).toContain('flapping, held open');
    story
      .deliver()
      .pass(3 * MINUTE)
      .down('shop');
    expect(story.incident()).toMatchObject({ state: 'open', down: 1, silencedAt: null });
    expect(story.incident().stepDueAt).not.toBeNull();
    expect(story.pages()).toEqual(['page ana by sms: reopened']);
  });

  test('over for one that went down again meanwhile: its incident, silenced for another, pages', () => {
    const story = new Story(configOf({ checks: [checkCalled('shop'), checkCalled('cart')] }));
    story.down('shop');
    story.down('cart');
    story.deliver().up('cart');
    silence(story, 'shop', 2 * HOUR);
    silence(story, 'cart', HOUR);
    expect(story.down('cart')).toEqual(['silenced']);
    story.deliver().pass(HOUR);
    expect(story.incident()).toMatchObject({ state: 'open', down: 2, silencedAt: null });
    expect(story.pages()).toEqual(['page ana by sms: still_down']);
  });

  test('that a reload leaves without its check: it pages again', () => {
    const tagged = checkCalled('shop', { tags: { team: 'web' } });
    const story = new Story(configOf({ checks: [tagged] }));
    story.down('shop');
    story.deliver();
    silence(story, 'team=web', 2 * HOUR);
    story.deliver().pass(HOUR);
    story.config = configOf({ checks: [checkCalled('shop')] });
    expect(story.take({ type: 'reloaded' })).toContain('paging again');
    expect(story.pages()).toEqual(['page ana by sms: still_down']);
  });

  test('holds over a restart in which an ack expired', () => {
    const story = new Story();
    story.down('shop');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().id, by: 'ana' });
    silence(story, 'shop', 10 * HOUR);
    story.deliver().after(3 * HOUR);
    story.take({ type: 'started', awaySince: story.now - 3 * HOUR });
    story.take({ type: 'fresh', check: 'shop', down: true });
    expect(story.pages()).toEqual([]);
    story.pass(7 * HOUR);
    expect(story.pages()).toEqual(['page ana by sms: still_down']);
  });
});

describe('a receipt that is waited for', () => {
  const byReceipt = () => new Story(configOf({ proof: { sms: 'receipt' } }));

  test('while Tocsin is away has its time again: no other address is paged meanwhile', () => {
    const story = byReceipt();
    story.down('shop');
    story.deliver().after(3 * MINUTE);
    story.take({ type: 'started', awaySince: story.now - 3 * MINUTE });
    expect(story.due()).not.toContain('failed over');
    story.deliver().after(MINUTE);
    expect(story.due()).toContain('failed over');
    expect(story.pages()).toEqual(['page ana by email: opened']);
  });

  test('is waited for no more once the incident has ended, also if it is reopened', () => {
    const story = byReceipt();
    story.down('shop');
    story
      .deliver()
      .after(30 * SECOND)
      .up('shop');
    story
      .deliver()
      .after(5 * MINUTE)
      .down('shop');
    story.due();
    expect(story.pages()).toEqual(['page ana by sms: reopened']);
  });
});

test('the last resort of what waits for working hours waits for them too', () => {
  const escalation = escalationCalled('on-call', {
    repeat: { everyMs: 30 * MINUTE, times: 0 },
    hours: { ...hoursOf('mon-fri', '09:00', '18:00'), timezone: 'UTC' },
    waits: ['minor'],
  });
  const checks = [checkCalled('shop', { severity: 'minor' })];
  const story = new Story(configOf({ checks, escalations: [escalation] }));
  story.after(17 * HOUR + 20 * MINUTE).down('shop');
  story.deliver().pass(35 * MINUTE);
  story.deliver();
  expect(story.timeline()).toContain('last_resort');
  story.pass(14 * HOUR);
  expect(story.pages()).toEqual([]);
  story.pass(HOUR + 5 * MINUTE);
  expect(story.pages()).toContain('page ana by email: still_down');
});

describe('a reload', () => {
  const team = escalationCalled('team');

  test('that makes an incident page leaves it to whoever has acknowledged it', () => {
    const story = new Story(configOf({ checks: [checkCalled('shop', { escalation: null })] }));
    story.down('shop');
    story.take({ type: 'acknowledge', incident: story.incident().id, by: 'ana' });
    story.config = configOf({});
    story.take({ type: 'reloaded' });
    story.pass(10 * MINUTE);
    expect(story.incident()).toMatchObject({ state: 'acknowledged', escalation: 'on-call' });
    expect(story.pages()).toEqual([]);
    story.pass(2 * HOUR);
    expect(story.pages()).not.toEqual([]);
  });

  test('to `page: none` stops a page that waits with others', () => {
    const story = crowd(6);
    together(story, ids(3), 'down');
    settleAll(story);
    together(story.after(5 * SECOND), ids(2, 3), 'down');
    const waiting = held(story).filter(({ responder }) => responder === 'ana');
    expect(waiting.map(({ key }) => story.board.gathered.get(key)?.size)).toEqual([2]);
    const checks = ids(6).map((id) =>
      checkCalled(id, id === 'c3' || id === 'c4' ? { escalation: null } : {}),
    );
    story.config = { ...story.config, checks: new Map(checks.map((check) => [check.id, check])) };
    story.take({ type: 'reloaded' });
    goOn(story, 5 * MINUTE);
    const pages = texts(story).filter(({ kind }) => kind === 'page');
    expect(pages.map(({ about }) => about.length)).toEqual([3]);
  });

  test('loses no step that was due just before it', () => {
    const story = new Story();
    story.down('shop');
    story.deliver().after(5 * MINUTE);
    const checks = [checkCalled('shop', { escalation: 'team' })];
    story.config = configOf({ checks, escalations: [team] });
    story.take({ type: 'due' }, { type: 'reloaded' });
    story.pass(0);
    expect(story.pages()).toEqual(['page ben by sms: escalated']);
  });

  test('without the escalation of an incident opened by hand says that it pages no more', () => {
    const story = new Story();
    const open = { title: 'no payments', severity: 'major', text: null, by: 'ben' } as const;
    story.take({ type: 'open', ...open, escalation: 'on-call' });
    story.deliver();
    story.config = configOf({ checks: [], escalations: [team] });
    expect(story.take({ type: 'reloaded' })).toContain('paging ended');
    expect(story.outgoing()).toContain('update ana by sms: updated');
    expect(story.incident().escalation).toBeNull();
  });

  test('that parts two checks leaves each in its own incident when one is reopened', () => {
    const [shop, cart] = [checkCalled('shop'), checkCalled('cart')];
    const escalations = [escalationCalled('on-call'), team];
    const story = new Story(configOf({ checks: [shop, cart], escalations }));
    story.down('shop');
    story.down('cart');
    story.deliver().up('shop');
    story.up('cart');
    story.deliver().after(MINUTE);
    story.config = configOf({ checks: [shop, { ...cart, escalation: 'team' }], escalations });
    story.take({ type: 'reloaded' });
    expect(story.down('cart')).toContain('opened');
    const { id } = story.incident();
    story.deliver();
    expect(story.down('shop')).toContain('reopened');
    story.deliver().up('cart');
    expect(story.board.incidents.get(id)?.state).toBe('resolved');
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });

  test('without a check forgets it in the store too: it comes back after a restart as a new one', () => {
    const story = new Story();
    story.down('shop');
    story.config = configOf({ checks: [] });
    story.take({ type: 'reloaded' });
    const stored = story.changes.flatMap(({ checks }) => checks).at(-1);
    expect(stored).toMatchObject({ check: 'shop', status: 'unknown', lookedAt: null });
  });

  test('without a check that was silenced until it recovers ends that silence', () => {
    const story = new Story();
    story.down('shop');
    const { id: incident } = story.incident();
    story.take({ type: 'resolve', incident, by: 'ana', force: 'known' });
    story.config = configOf({ checks: [] });
    story.board.checks.delete('shop');
    expect(story.take({ type: 'reloaded' })).toContain('silence ended');
    story.config = configOf({});
    story.take({ type: 'reloaded' });
    story.deliver().after(HOUR);
    expect(story.down('shop')).toContain('opened');
  });
});

describe('a page that a person asked for, not sent before a restart', () => {
  const asked = (story: Story) => {
    const { id: incident } = story.incident();
    story.take({ type: 'page', incident, by: 'ana', responder: 'ben' });
    story.after(11 * MINUTE);
    story.take({ type: 'started', awaySince: story.now - 11 * MINUTE });
    return incident;
  };

  test('leaves an acknowledged incident to whoever has it', () => {
    const story = new Story();
    story.down('shop');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().id, by: 'ana' });
    asked(story);
    story.pass(HOUR);
    expect(story.pages()).toEqual([]);
    expect(story.incident()).toMatchObject({ state: 'acknowledged', stepDueAt: null });
  });

  test('before the first step: the first step is the next', () => {
    const late = escalationCalled('on-call', {
      steps: [{ afterMs: HOUR, page: ['ana'], by: ['sms'] }],
    });
    const story = new Story(configOf({ escalations: [late] }));
    story.down('shop');
    const incident = asked(story);
    expect(story.incident().step).toBe(-1);
    story.take({ type: 'acknowledge', incident, by: 'ana', forMs: MINUTE });
    const { code } = story.incident();
    const from = { channel: 'sms', responder: 'ben', sentAt: story.now + MINUTE };
    story.take({ type: 'heard', ...from, text: `ESC ${code}`, reference: 'SM2' });
    expect(story.pages()).toEqual(['page ana by sms: opened']);
    expect(story.incident().stepDueAt).not.toBeNull();
  });
});

test.each([
  ['of working hours', { escalation: 'on-call' }, /nobody of the next step is at work/],
  ['of an escalation', { escalation: null }, /has nobody to page/],
])('ESC outside %s is not answered as if somebody were paged', (_, fields, said) => {
  const escalation = escalationCalled('on-call', {
    hours: { ...hoursOf('mon-fri', '09:00', '18:00'), timezone: 'UTC' },
    waits: ['minor'],
  });
  const checks = [checkCalled('shop', { severity: 'minor', ...fields })];
  const story = new Story(configOf({ checks, escalations: [escalation] }));
  story.down('shop');
  const from = { channel: 'sms', responder: 'ana', sentAt: story.now + MINUTE };
  const text = `ESC ${story.incident().code}`;
  story.take({ type: 'heard', ...from, text, reference: 'SM1' });
  expect(story.pages()).toEqual([]);
  expect(story.queued().at(-1)?.facts).toMatchObject({
    text: expect.stringMatching(said) as string,
  });
});
