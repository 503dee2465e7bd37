import { describe, expect, test } from 'vitest';
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

describe('an incident from the first page to the end', () => {
  test('a check that goes down opens an incident, pages the first step and posts at once', () => {
    const story = new Story();
    expect(story.down('shop')).toEqual(['opened', 'paged']);
    expect(story.outgoing()).toEqual(['page ana by sms: opened', 'post all by lifeline: opened']);
    expect(story.incident()).toMatchObject({
      state: 'open',
      severity: 'major',
      title: 'Check shop',
    });
    expect(story.incident().stepDueAt).toBe(story.now + 5 * MINUTE);
  });

  test('nobody acknowledges: the next step, then everything again, each at its time', () => {
    const story = new Story();
    story.down('shop');
    story.deliver().after(5 * MINUTE);
    story.due();
    expect(story.outgoing()).toEqual([
      'page ben by sms: escalated',
      'post all by lifeline: escalated',
    ]);
    story.deliver().after(30 * MINUTE);
    expect(story.due()).toContain('repeated');
    expect(story.outgoing()).toContain('page ana by sms: still_down');
    story.deliver().after(5 * MINUTE);
    story.due();
    expect(story.outgoing()).toContain('page ben by sms: escalated');
  });

  test('when the repeats run out, everyone is paged by every address, again and again', () => {
    const escalation = escalationCalled('on-call', { repeat: { everyMs: 30 * MINUTE, times: 0 } });
    const story = new Story(configOf({ escalations: [escalation] }));
    story.down('shop');
    story.deliver().after(5 * MINUTE);
    story.due();
    story.deliver().after(30 * MINUTE);
    expect(story.due()).toContain('last resort');
    const pages = story.outgoing().filter((line) => line.startsWith('page'));
    expect(pages).toEqual([
      'page ana by sms: still_down',
      'page ana by email: still_down',
      'page ben by sms: still_down',
    ]);
    story.deliver().after(30 * MINUTE);
    expect(story.due()).toContain('last resort');
  });

  test('an acknowledgement stops the paging and tells the others who has it', () => {
    const story = new Story();
    story.down('shop');
    story.deliver().after(5 * MINUTE);
    story.due();
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code.toLowerCase(), by: 'ana' });
    expect(story.incident()).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'ana',
      stepDueAt: null,
    });
    expect(story.outgoing()).toEqual([
      'acknowledged ben by sms: acknowledged',
      'post all by lifeline: acknowledged',
    ]);
    story.deliver().after(HOUR);
    expect(story.due()).toEqual(['nothing due']);
  });

  test('for how long, only who has it can say', () => {
    const story = new Story();
    story.down('shop');
    const ack = (by: string, forMs: number) =>
      story.take({ type: 'acknowledge', incident: story.incident().code, by, forMs });
    ack('ana', HOUR);
    expect(ack('ben', 4 * HOUR)).toEqual(['acknowledged already']);
    expect(story.incident().ackExpiresAt).toBe(story.now + HOUR);
    ack('ana', 2 * HOUR);
    expect(story.incident().ackExpiresAt).toBe(story.now + 2 * HOUR);
    expect(story.timeline().filter((type) => type === 'acknowledged')).toHaveLength(2);
  });

  test('a page that has not left yet is withheld by an acknowledgement', () => {
    const story = new Story();
    story.down('shop');
    story.take({ type: 'acknowledge', incident: story.incident().id, by: 'ben' });
    const page = [...story.board.notifications.values()].find(({ kind }) => kind === 'page');
    expect(page).toMatchObject({ state: 'withheld', reason: 'acknowledged', dueAt: null });
  });

  test('a page that was in flight when somebody acknowledged is followed by who has it', () => {
    const story = new Story();
    story.down('shop');
    const [page] = story.queued();
    story.take({ type: 'acknowledge', incident: story.incident().id, by: 'ben' });
    story.receipt(page!, { outcome: 'accepted', reference: 'SM1' });
    expect(story.outgoing()).toContain('acknowledged ana by sms: acknowledged');
  });

  test('an acknowledgement that expires pages from the first step and says who had it', () => {
    const story = new Story();
    story.down('shop');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    story.deliver().after(2 * HOUR);
    expect(story.due()).toContain('ack expired');
    const page = story.queued().find(({ kind }) => kind === 'page');
    expect(factsOf(page)).toMatchObject({ event: 'still_down', text: 'was acked by Ana Silva' });
    expect(story.incident().state).toBe('open');
  });

  test('"never" keeps an acknowledgement for good', () => {
    const escalation = escalationCalled('on-call', { ackExpiresMs: null });
    const story = new Story(configOf({ escalations: [escalation] }));
    story.down('shop');
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    expect(story.incident().ackExpiresAt).toBeNull();
  });

  test('acknowledging for a time of one’s own', () => {
    const story = new Story();
    story.down('shop');
    const { code } = story.incident();
    story.take({ type: 'acknowledge', incident: code, by: 'ana', forMs: 4 * HOUR });
    expect(story.incident().ackExpiresAt).toBe(story.now + 4 * HOUR);
    expect(story.take({ type: 'acknowledge', incident: code, by: 'ben' })).toEqual([
      'acknowledged already',
    ]);
    expect(story.incident().acknowledgedBy).toBe('ana');
  });

  test('taking it over: everybody who was paged hears who has it now, the one before as well', () => {
    const story = new Story();
    story.down('shop');
    story.deliver();
    const { code } = story.incident();
    story.take({ type: 'acknowledge', incident: code, by: 'ana' });
    story.deliver().after(MINUTE);
    const taken = story.take({ type: 'acknowledge', incident: code, by: 'ben', takeOver: true });
    expect(taken).toContain('acknowledged');
    expect(story.incident()).toMatchObject({ acknowledgedBy: 'ben', acknowledgedAt: story.now });
    expect(story.outgoing()).toEqual([
      'acknowledged ana by sms: acknowledged',
      'post all by lifeline: acknowledged',
    ]);
  });

  test('recovery ends it and tells everyone who was told, by the same channel', () => {
    const story = new Story();
    story.down('shop');
    story.deliver().after(5 * MINUTE);
    story.due();
    story.deliver();
    expect(story.up('shop')).toContain('resolved');
    expect(story.outgoing()).toEqual([
      'resolved ana by sms: resolved',
      'resolved ben by sms: resolved',
      'post all by lifeline: resolved',
    ]);
    expect(story.incident()).toMatchObject({ state: 'resolved', resolvedBecause: 'recovered' });
  });

  test('who was never reached is not told of the end, and the page is withheld', () => {
    const story = new Story();
    story.down('shop');
    story.up('shop');
    expect(story.outgoing().filter((line) => !line.startsWith('post'))).toEqual([]);
    const page = [...story.board.notifications.values()].find(({ kind }) => kind === 'page');
    expect(page).toMatchObject({ state: 'withheld', reason: 'recovered' });
  });

  test('a page that may have arrived is followed by its end, and is not sent again', () => {
    const story = new Story();
    story.down('shop');
    const [page] = story.queued();
    const retryAt = story.now + 2 * SECOND;
    story.receipt(page!, { outcome: 'unconfirmed', reason: 'timeout', detail: '' }, retryAt);
    story.up('shop');
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
    expect(story.board.notifications.get(page!.key)).toMatchObject({
      state: 'unconfirmed',
      dueAt: null,
    });
  });

  test('a page accepted after the end is followed by the end, and never before', () => {
    const story = new Story();
    story.down('shop');
    const [page] = story.queued();
    story.up('shop');
    expect(story.outgoing()).not.toContain('resolved ana by sms: resolved');
    expect(story.receipt(page!, { outcome: 'accepted', reference: 'SM1' })).toContain('told late');
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });

  test('page: none opens an incident that pages and posts nothing', () => {
    const story = new Story(configOf({ checks: [checkCalled('shop', { escalation: null })] }));
    expect(story.down('shop')).toEqual(['opened, nobody to page']);
    expect(story.outgoing()).toEqual([]);
    expect(story.incident()).toMatchObject({ escalation: null, stepDueAt: null });
    story.up('shop');
    expect(story.incident().state).toBe('resolved');
  });

  test('unknown neither opens nor resolves', () => {
    const story = new Story();
    expect(story.turn('shop', 'unknown')).toEqual(['nothing changed']);
    story.down('shop');
    story.turn('shop', 'unknown');
    expect(story.incident().state).toBe('open');
  });

  test('codes have a digit and a letter and do not come back within 90 days', () => {
    const checks = Array.from({ length: 300 }, (_, n) => checkCalled(`c${String(n)}`));
    const escalation = escalationCalled('on-call', { groupMs: 0 });
    const story = new Story(configOf({ checks, escalations: [escalation] }));
    for (const { id } of checks) {
      story.down(id);
      story.up(id);
    }
    const codes = [...story.board.incidents.values()].map(({ code }) => code);
    expect(new Set(codes).size).toBe(300);
    for (const code of codes) expect(code).toMatch(/^(?=.*\d)(?=.*[A-Z])[2-9A-HJKMNP-Z]{2,6}$/);
  });

  test('by hand while still down is refused; forced, its checks stay silent until they recover', () => {
    const story = new Story();
    story.down('shop');
    const { code } = story.incident();
    const resolve = { type: 'resolve', incident: code, by: 'ana' } as const;
    expect(story.take({ ...resolve, force: null })).toEqual(['still down']);
    expect(story.take({ ...resolve, force: 'known, fixed tomorrow' })).toContain('resolved');
    expect(story.incident()).toMatchObject({ state: 'resolved', resolvedBecause: 'forced' });
    expect(story.outgoing()).toContain('post all by lifeline: resolved');
    expect(story.down('shop')).toEqual(['silenced']);
    expect(story.up('shop')).toContain('silence ended');
    story.after(HOUR);
    expect(story.down('shop')).toContain('opened');
  });
});

describe('reopening', () => {
  test('down again within `reopen` is the same incident and code, paged from the first step', () => {
    const story = new Story();
    story.down('shop');
    story.deliver();
    const { code } = story.incident();
    story.up('shop');
    story.deliver().after(9 * MINUTE);
    expect(story.down('shop')).toContain('reopened');
    expect(story.incident()).toMatchObject({ code, state: 'open', reopenings: 1 });
    expect(story.outgoing()).toContain('page ana by sms: reopened');
  });

  test('after `reopen` it is another incident', () => {
    const story = new Story();
    story.down('shop');
    story.up('shop');
    story.after(11 * MINUTE);
    expect(story.down('shop')).toContain('opened');
    expect(story.board.incidents.size).toBe(2);
  });

  test('an acknowledgement still running is told once and pages nobody', () => {
    const story = new Story();
    story.down('shop');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    story.up('shop');
    story.deliver().after(MINUTE);
    story.down('shop');
    expect(story.incident()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ana' });
    expect(story.outgoing()).toEqual([
      'update ana by sms: reopened',
      'post all by lifeline: reopened',
    ]);
  });

  test('at the third reopening it is flapping, said once, and held open until it is steady', () => {
    const story = new Story();
    story.down('shop');
    for (let round = 0; round < 3; round += 1) {
      story.deliver().after(MINUTE);
      story.up('shop');
      story.deliver().after(MINUTE);
      story.down('shop');
    }
    expect(story.outgoing()).toContain('post all by lifeline: flapping');
    story.deliver().after(MINUTE);
    expect(story.up('shop')).toContain('flapping, held open');
    expect(story.incident().state).toBe('open');
    story.after(5 * MINUTE);
    story.due();
    expect(story.outgoing().filter((line) => line.startsWith('page'))).toEqual([]);
    story.after(5 * MINUTE);
    story.due();
    expect(story.incident().state).toBe('resolved');
  });
});

describe('grouping', () => {
  const checks = [
    checkCalled('shop', { tags: { team: 'web', region: 'eu' } }),
    checkCalled('cart', { tags: { team: 'web' } }),
    checkCalled('db', { severity: 'critical', tags: { team: 'web' } }),
    checkCalled('below', { dependsOn: ['shop'] }),
  ];

  test('checks of the same escalation join within the window, told of in one follow-up', () => {
    const story = new Story(configOf({ checks }));
    story.down('shop');
    story.deliver().after(30 * SECOND);
    expect(story.down('cart')).toEqual(['joined']);
    expect(story.outgoing()).toEqual([]);
    story.after(30 * SECOND);
    expect(story.due()).toContain('followed up');
    expect(story.outgoing()).toEqual([
      'update ana by sms: updated',
      'post all by lifeline: updated',
    ]);
    expect(factsOf(story.queued()[0])).toMatchObject({
      more: 1,
      text: '2 checks down, all team=web',
    });
  });

  test('after the window a check opens and pages on its own', () => {
    const story = new Story(configOf({ checks }));
    story.down('shop');
    story.after(61 * SECOND);
    expect(story.down('cart')).toContain('opened');
  });

  test('a worse one raises the severity, un-acknowledges, and pages at once', () => {
    const story = new Story(configOf({ checks }));
    story.down('shop');
    story.deliver();
    story.down('db');
    expect(story.incident()).toMatchObject({ severity: 'critical', state: 'open' });
    expect(story.outgoing()).toContain('page ana by sms: escalated');
  });

  test('an acknowledged incident takes only what hangs below a member', () => {
    const story = new Story(configOf({ checks }));
    story.down('shop');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    expect(story.down('below')).toEqual(['joined']);
    expect(story.down('cart')).toContain('opened');
    expect(story.board.incidents.size).toBe(2);
  });

  test('the worst of it is what messages are about, and the others have names', () => {
    const story = new Story(
      configOf({
        checks: [
          checkCalled('report', { severity: 'minor' }),
          checkCalled('payments', { severity: 'critical' }),
          checkCalled('login', { severity: 'critical' }),
        ],
      }),
    );
    story.down('report');
    story.deliver().after(SECOND);
    story.down('payments');
    story.down('login');
    const page = story.queued().find(({ responder }) => responder === 'ana');
    expect(factsOf(page)).toMatchObject({ event: 'escalated', name: 'Check payments' });
    expect(story.incident()).toMatchObject({ title: 'Check payments', severity: 'critical' });
    story.deliver().pass(MINUTE);
    const [update] = story.queued().slice(-1);
    expect(factsOf(update)).toMatchObject({
      name: 'Check payments',
      more: 2,
      others: ['Check report', 'Check login'],
    });
  });

  test('what joins below later does not open the window again for others', () => {
    const story = new Story(configOf({ checks }));
    story.down('shop');
    story.deliver().after(22 * MINUTE);
    expect(story.down('below')).toEqual(['joined']);
    story.after(30 * SECOND);
    expect(story.down('cart')).toContain('opened');
    story.after(30 * SECOND).due();
    expect(story.outgoing()).toContain('update ana by sms: updated');
  });

  test('below a check of another team: that team is paged for its own', () => {
    const others = [
      checkCalled('shop'),
      checkCalled('below', { dependsOn: ['shop'], escalation: 'team-b' }),
      checkCalled('quiet', { dependsOn: ['shop'], escalation: null, severity: 'critical' }),
    ];
    const escalations = [escalationCalled('on-call'), escalationCalled('team-b')];
    const story = new Story(configOf({ checks: others, escalations }));
    story.down('shop');
    expect(story.down('below')).toContain('opened');
    expect(story.down('quiet')).toEqual(['opened, nobody to page']);
  });

  test('acknowledged by a name that nobody can be reached by: all hear of what joined', () => {
    const story = new Story(configOf({ checks }));
    story.down('shop');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'root' });
    story.deliver();
    story.down('below');
    story.after(MINUTE).due();
    expect(story.outgoing()).toContain('update ana by sms: updated');
  });

  test('0s switches grouping off', () => {
    const escalations = [escalationCalled('on-call', { groupMs: 0 })];
    const story = new Story(configOf({ checks, escalations }));
    story.down('shop');
    expect(story.down('cart')).toContain('opened');
  });

  test('it ends when the last of them is up', () => {
    const story = new Story(configOf({ checks }));
    story.down('shop');
    story.down('cart');
    story.up('shop');
    expect(story.incident().state).toBe('open');
    story.up('cart');
    expect(story.incident().state).toBe('resolved');
  });

  test('ten thousand at once are one incident, decided in slices', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => checkCalled(`c${String(n)}`));
    const story = new Story(configOf({ checks: many }));
    for (let from = 0; from < many.length; from += 200) {
      story.take(
        ...many.slice(from, from + 200).map(({ id }) => ({
          type: 'turn' as const,
          check: id,
          from: 'up' as const,
          to: 'down' as const,
          at: story.now,
          since: story.now,
          reason: 'status' as const,
          brief: 'HTTP 503',
        })),
      );
    }
    expect(story.board.incidents.size).toBe(1);
    expect(story.incident()).toMatchObject({ size: 10_000, down: 10_000 });
    expect(story.outgoing()).toHaveLength(2);
  });
});
