/**
 * Drills on a board. The stories begin on Tuesday 3 March 2026, 00:00 UTC; Ana lives in Lisbon, where
 * it is as late, and Ben's hours are UTC. Both are of the escalation on-call.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { DrillPlan, Escalation } from '../../src/config/config.ts';
import { hoursOf } from '../../src/calendar/hours.ts';
import { answered, awaited } from '../../src/incident/awaited.ts';
import { decide } from '../../src/incident/decide.ts';
import { drillView } from '../../src/incident/drill-view.ts';
import type { Drill } from '../../src/incident/drill.ts';
import type { DrillFacts } from '../../src/incident/notification.ts';
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

const WITHIN = 15 * MINUTE;
const DAY = 24 * HOUR;
const NINE = MIDNIGHT + 9 * HOUR;

let story: Story;

beforeEach(() => {
  story = new Story(configOf({ proof: { sms: 'receipt' } }));
  story.now = NINE;
});

const wishFor = (escalation: string) => [
  { type: 'drill', escalation, by: 'Zoe', withinMs: WITHIN } as const,
];

const drillNow = (escalation = 'on-call') => story.take(...wishFor(escalation));

function drill(): Drill {
  const found = [...story.board.drills.values()].findLast(({ begunAt }) => begunAt !== null);
  if (!found) throw new Error('no drill has begun');
  return found;
}

const said = (responder: string, text: string, channel = 'sms') => ({
  type: 'heard' as const,
  channel,
  responder,
  text,
  sentAt: story.now,
  reference: `${responder} ${text} ${String(story.now)}`,
});

const answers = () =>
  [...story.board.notifications.values()].flatMap(({ facts }) =>
    facts.event === 'answer' ? [facts.text] : [],
  );

function report(): DrillFacts | undefined {
  for (const { facts } of story.board.notifications.values()) {
    if (facts.event === 'drill_over') return facts;
  }
  return undefined;
}

describe('a drill', () => {
  it('asks everybody of the escalation at once, by every channel that it names, and announces it', () => {
    const both = escalationCalled('on-call', {
      steps: [
        { afterMs: 0, page: ['ana'], by: ['sms'] },
        { afterMs: 5 * MINUTE, page: ['ana', 'ben'], by: ['sms'] },
        { afterMs: 5 * MINUTE, page: ['ana'], by: ['email'] },
      ],
    });
    story.config = configOf({ escalations: [both] });
    expect(drillNow()).toEqual(['drill begun', 'drill asked', 'drill asked']);
    expect(story.outgoing()).toEqual([
      'drill all by lifeline: drill_begun',
      'drill ana by sms: drill',
      'drill ana by email: drill',
      'drill ben by sms: drill',
    ]);
    expect(story.queued()[1]?.facts).toMatchObject({
      code: drill().code,
      escalation: 'on-call',
      by: 'Zoe',
      answerBy: NINE + WITHIN,
    });
    expect(story.board.incidents.size).toBe(0);
  });

  it('is over once everybody has answered, each for themselves', () => {
    drillNow();
    const { code } = drill();
    story.deliver().after(MINUTE).take(said('ana', code));
    expect(drill().endedAt).toBeNull();
    expect(story.outgoing()).toEqual(['update ana by sms: answer']);
    expect(answers()).toEqual([`${code}: thank you, Ana Silva. Drill passed`]);
    story.after(MINUTE).take({ type: 'answer', drill: code, by: 'Ben Okoro', channel: null });
    expect(drill()).toMatchObject({ ending: 'answered', endedAt: story.now });
    expect(report()).toMatchObject({ answered: 2, asked: 2 });
    expect(report()?.lines).toEqual([
      'Answered: Ana Silva by sms, after 1m',
      'Answered: Ben Okoro, after 2m',
    ]);
  });

  it('tells the team who did not answer, and what became of what was sent to them', () => {
    drillNow();
    story.take(said('ana', drill().code));
    const [, toBen] = story.queued().filter(({ responder }) => responder !== null);
    story.receipt(toBen!, { outcome: 'refused', reason: 'address', detail: 'STOP' });
    story.pass(WITHIN - 1);
    expect(drill().endedAt).toBeNull();
    story.pass(1);
    expect(drill().ending).toBe('unanswered');
    expect(report()?.lines).toEqual([
      'No answer: Ben Okoro (sms failed: address)',
      'Answered: Ana Silva by sms, after 0s',
    ]);
    expect(story.outgoing()).toContain('drill all by lifeline: drill_over');
  });

  it('is told in working hours: of one at night the team hears in the morning', () => {
    story.now = MIDNIGHT + 2 * HOUR;
    drillNow();
    story.pass(WITHIN);
    expect(drill().endedAt).toBe(MIDNIGHT + 2 * HOUR + WITHIN);
    expect(report()).toBeUndefined();
    story.pass(NINE - story.now - 1);
    expect(report()).toBeUndefined();
    story.pass(1);
    expect(report()).toMatchObject({ answered: 0, asked: 2 });
  });

  it('of an escalation without posts is told to those who were asked, by mail where they have it', () => {
    story.config = configOf({ escalations: [escalationCalled('on-call', { post: [] })] });
    drillNow();
    story.deliver().pass(WITHIN);
    expect(story.outgoing()).toEqual([
      'drill ana by email: drill_over',
      'drill ben by sms: drill_over',
    ]);
  });

  it('is one at a time for an escalation', () => {
    drillNow();
    expect(drillNow()).toEqual(['drill under way']);
    expect(drillNow('nobody')).toEqual(['unknown escalation']);
    expect(story.board.drills.size).toBe(1);
  });

  it('does not fail over, does not escalate, and what has not left at its end does not leave', () => {
    drillNow();
    const [toAna, toBen] = story.queued().filter(({ responder }) => responder !== null);
    const busy = { outcome: 'deferred', reason: 'server', detail: '503' } as const;
    story.receipt(toAna!, busy, story.now + HOUR);
    story.receipt(toBen!, { outcome: 'refused', reason: 'address', detail: '' });
    expect(story.outgoing()).toEqual([
      'drill all by lifeline: drill_begun',
      'drill ana by sms: drill',
    ]);
    story.pass(WITHIN);
    expect(story.board.notifications.get(toAna!.key)).toMatchObject({
      state: 'withheld',
      reason: 'over',
      dueAt: null,
    });
  });

  it('is asked after often while an answer is waited for, and not after it', () => {
    drillNow();
    story.deliver();
    const channel = () => awaited(story.board, 'sms').map(({ responder }) => responder);
    expect(channel()).toEqual(['ana', 'ben']);
    story.take(said('ana', drill().code));
    expect(channel()).toEqual(['ben']);
    story.pass(WITHIN);
    expect(channel()).toEqual([]);
  });
});

describe('an answer', () => {
  it.each(['7K', 'ack 7K', 'Ok 7K!', 'OK', 'esc 7K', 'res 7K', 'why 7K', 'ben 7K'])(
    'is whatever is said with the code, and does nothing else: %s',
    (text) => {
      drillNow();
      const words = text.replace('7K', drill().code);
      expect(story.take(said('ana', words))).toEqual(['drill answered', 'answered']);
      expect(drill().people[0]).toMatchObject({ answeredBy: 'sms', answeredAt: NINE });
      expect(story.outgoing().filter((line) => line.startsWith('page'))).toEqual([]);
      expect(answers()[0]).toMatch(/: thank you, Ana Silva\. /);
    },
  );

  it('twice is one answer; by somebody who was not asked it is none', () => {
    story.config = configOf({
      escalations: [
        escalationCalled('on-call', { steps: [{ afterMs: 0, page: ['ana'], by: ['sms'] }] }),
      ],
    });
    drillNow();
    const { code } = drill();
    expect(story.take(said('ben', code))).toEqual(['answered']);
    expect(answers()).toEqual([
      `${code} is a drill of on-call, and you are not asked. Nothing is down`,
    ]);
    story.take(said('ana', code));
    expect(story.after(SECOND).take(said('ana', code))).toEqual([
      'drill answered already',
      'answered',
    ]);
    expect(drill().people[0]?.answeredAt).toBe(NINE);
  });

  it('that was sent before it began is none', () => {
    const early = { ...said('ana', 'OK'), sentAt: NINE - MINUTE };
    drillNow();
    story.take(early);
    expect(drill().people[0]?.answeredAt).toBeNull();
  });

  it('that comes late is noted, and told if the team has not been', () => {
    story.now = MIDNIGHT + 2 * HOUR;
    drillNow();
    story.pass(WITHIN).after(HOUR).take(said('ana', drill().code));
    expect(answers()[0]).toContain('thank you, Ana Silva, but the drill was over at Tue 02:15');
    story.pass(NINE - story.now);
    expect(report()).toMatchObject({ answered: 1, asked: 2 });
  });
});

describe('a drill beside real pages', () => {
  it('leaves out whoever is being paged, and says so', () => {
    story.down('shop');
    story.deliver();
    drillNow();
    expect(story.outgoing()).toEqual([
      'drill all by lifeline: drill_begun',
      'drill ben by sms: drill',
    ]);
    story.take(said('ben', drill().code));
    expect(report()?.lines).toContain('Left out, being paged for real: Ana Silva');
    expect(report()).toMatchObject({ asked: 1, answered: 1 });
  });

  it('lets go of whoever is paged meanwhile: what has not left is withheld, and a bare OK is for the page', () => {
    drillNow();
    const question = story.queued().find(({ responder }) => responder === 'ana')!;
    expect(story.after(SECOND).down('shop')).toContain('drill spared');
    expect(story.board.notifications.get(question.key)).toMatchObject({
      state: 'withheld',
      reason: 'paged',
    });
    expect(story.outgoing()).toContain('page ana by sms: opened');
    story.after(SECOND).take(said('ana', 'OK'));
    expect(story.incident()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ana' });
    expect(drill().people[0]).toMatchObject({ answeredAt: null, sparedAt: NINE + SECOND });
  });

  it('of which all are paged is over', () => {
    story.down('shop');
    story.pass(6 * MINUTE);
    drillNow();
    expect(drill()).toMatchObject({ ending: 'spared', people: [{}, {}] });
    expect(story.outgoing().filter((line) => line.startsWith('drill'))).toEqual([]);
    expect(drill()).toMatchObject({ endedAt: story.now, tellAt: null });
  });

  it('keeps no page from anybody, nor does it count among what a phone bears', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    story.config = configOf({
      checks: ids.map((id) => checkCalled(id)),
      escalations: [escalationCalled('on-call', { groupMs: 0 })],
    });
    const alone = new Story(story.config);
    alone.now = NINE;
    drillNow();
    story.deliver();
    for (const each of [alone, story]) {
      for (const id of ids) {
        each.down(id);
        each.deliver().pass(2 * MINUTE);
      }
    }
    const told = ({ board }: Story) =>
      [...board.notifications.values()]
        .filter(({ kind }) => kind === 'page')
        .map(({ responder, channel, state, reason, at }) => [
          responder,
          channel,
          state,
          reason,
          at,
        ]);
    expect(told(story)).toEqual(told(alone));
    expect(told(alone).length).toBeGreaterThan(ids.length);
  });
});

describe('a drill that is called off', () => {
  it('is over: what has not left does not leave, and the team hears by whom', () => {
    drillNow();
    const toAna = story.queued().find(({ responder }) => responder === 'ana')!;
    story.receipt(toAna, { outcome: 'accepted', reference: 'SM1' });
    expect(story.take({ type: 'call_off', drill: drill().id, by: 'Ben Okoro' })).toContain(
      'drill over',
    );
    expect(drill()).toMatchObject({ ending: 'called off', calledOffBy: 'ben', endedAt: NINE });
    expect(story.queued().filter(({ responder }) => responder !== null)).toEqual([]);
    const over = story.queued().find(({ facts }) => facts.event === 'drill_over');
    expect(over?.facts).toMatchObject({ calledOffBy: 'Ben Okoro', asked: 2, answered: 0 });
    expect(story.take({ type: 'call_off', drill: drill().id, by: 'ben' })).toEqual([
      'drill not under way',
    ]);
    expect(story.take(said('ana', drill().code))).toContain('drill answered');
    expect(answered(story.board, 'sms').map(({ key }) => key)).toEqual([toAna.key]);
  });
});

describe('an escalation that waits for hours', () => {
  const waiting: Partial<Escalation> = {
    hours: { ...hoursOf('mon-fri', '09:00', '18:00'), timezone: null },
    waits: ['minor'],
  };

  it('is drilled in them: whoever sleeps is asked in the morning, and has as long to answer', () => {
    story.now = MIDNIGHT + 2 * HOUR;
    story.config = configOf({ escalations: [escalationCalled('on-call', waiting)] });
    drillNow();
    expect(story.outgoing()).toEqual(['drill all by lifeline: drill_begun']);
    expect(drillView(story.board, drill(), story.config).people).toMatchObject([
      { responder: 'ana', state: 'waiting', askAt: '2026-03-03T09:00:00.000Z' },
      { responder: 'ben', state: 'waiting' },
    ]);
    story.pass(NINE - story.now);
    expect(story.outgoing()).toContain('drill ana by sms: drill');
    expect(drill().answerBy).toBe(NINE + WITHIN);
  });
});

describe('a planned drill', () => {
  const PLAN: DrillPlan = {
    key: 'p1',
    escalation: 'on-call',
    cron: '0 10 * * *',
    timezone: 'Europe/Lisbon',
    withinMs: WITHIN,
  };
  const planned = () =>
    [...story.board.drills.values()].filter(
      ({ begunAt, endedAt }) => begunAt === null && endedAt === null,
    );

  beforeEach(() => {
    story.config = configOf({ drills: [PLAN] });
    story.take({ type: 'started', awaySince: null });
  });

  it('begins at its time, and the next one is planned', () => {
    expect(planned()).toMatchObject([{ plan: 'p1', startsAt: NINE + HOUR }]);
    story.pass(HOUR);
    expect(drill()).toMatchObject({ by: null, plan: 'p1', begunAt: NINE + HOUR });
    expect(planned()).toMatchObject([{ startsAt: NINE + HOUR + DAY }]);
  });

  it('that was missed is not made up for, however many there were', () => {
    story.after(10 * DAY + 2 * HOUR).take({ type: 'started', awaySince: NINE });
    story.take({ type: 'due' });
    expect([...story.board.drills.values()].map(({ ending }) => ending)).toEqual(['missed', null]);
    expect(planned()).toMatchObject([{ startsAt: NINE + HOUR + 11 * DAY }]);
    expect(story.outgoing()).toEqual([]);
  });

  it('is held all the same when a restart made it a little late', () => {
    story.after(HOUR + 2 * MINUTE).take({ type: 'started', awaySince: NINE });
    story.take({ type: 'due' });
    expect(drill().begunAt).toBe(story.now);
  });

  it('that is not in the file any more is called off; one that has changed is planned anew', () => {
    story.config = configOf({ drills: [{ ...PLAN, key: 'p2', cron: '0 11 * * *' }] });
    expect(story.take({ type: 'reloaded' })).toEqual(['drill no longer planned', 'drill planned']);
    expect(planned()).toMatchObject([{ plan: 'p2', startsAt: NINE + 2 * HOUR }]);
    story.config = configOf({});
    story.take({ type: 'reloaded' });
    expect(planned()).toEqual([]);
  });

  it('that is under way goes on over a reload that takes it out of the file', () => {
    story.pass(HOUR);
    story.config = configOf({});
    story.take({ type: 'reloaded' });
    story.take(said('ana', drill().code));
    expect(drill().people[0]?.answeredAt).toBe(story.now);
  });
});

describe('the code of a drill', () => {
  it('is not given to another while the drill is shown, however long ago it was', () => {
    drillNow();
    const { code } = drill();
    story.deliver().pass(20 * MINUTE);
    story.pass(100 * DAY);
    const change = decide(story.board, wishFor('on-call'), story.config, story.now, [2, 2, 3, 4]);
    expect(change.change.drills[0]?.code).not.toBe(code);
  });

  it('is that of the newest of those that had it', () => {
    drillNow();
    const { code } = drill();
    story.deliver().pass(20 * MINUTE);
    story.pass(100 * DAY);
    drillNow();
    story.board.drills.set(drill().id, { ...drill(), code });
    story.take(said('ana', code));
    expect(drill().people[0]).toMatchObject({ answeredBy: 'sms' });
  });
});

describe('what time does to a drill', () => {
  it('after an absence there is time to hear the answers that came meanwhile', () => {
    drillNow();
    story.deliver().after(HOUR).take({ type: 'resumed', awaySince: NINE });
    expect(drill()).toMatchObject({ endedAt: null, answerBy: story.now + 2 * MINUTE });
    story.take({ ...said('ana', drill().code), sentAt: NINE + MINUTE });
    story.pass(2 * MINUTE);
    expect(report()).toMatchObject({ answered: 1, asked: 2 });
  });

  it('nobody is asked an hour late because Tocsin was away', () => {
    drillNow();
    story.after(HOUR).take({ type: 'started', awaySince: NINE });
    const asked = [...story.board.notifications.values()].filter(({ kind }) => kind === 'drill');
    expect(asked.map(({ dueAt }) => dueAt)).toEqual([null, null, null]);
    expect(asked.map(({ reason }) => reason)).toEqual(['stale', 'stale', 'stale']);
  });

  it('when the clock is set, the time to answer stays as long', () => {
    drillNow();
    story.now += HOUR;
    story.take({ type: 'stepped', byMs: HOUR });
    expect(drill().answerBy).toBe(NINE + HOUR + WITHIN);
  });
});

describe('when somebody was last reached', () => {
  const reach = (place: string) => story.board.reaches.get(place);

  it('is when a message was delivered where receipts tell, and when they answered', () => {
    drillNow();
    story.deliver();
    expect(reach('ana sms')).toBeUndefined();
    const toAna = [...story.board.notifications.values()].find(
      ({ responder }) => responder === 'ana',
    );
    story.after(SECOND).receipt(toAna!, { outcome: 'delivered', reference: 'SM1' });
    expect(reach('ana sms')).toMatchObject({ reachedAt: NINE + SECOND, answeredAt: null });
    story.after(MINUTE).take(said('ana', drill().code));
    expect(reach('ana sms')).toMatchObject({ answeredAt: NINE + SECOND + MINUTE });
  });

  it('is told by real pages as well; an answer from a terminal tells nothing of a phone', () => {
    story.config = configOf({});
    story.down('shop');
    story.deliver();
    expect(reach('ana sms')).toMatchObject({ reachedAt: NINE, answeredAt: null });
    story.take(said('ana', 'OK'));
    expect(reach('ana sms')).toMatchObject({ answeredAt: NINE });
    drillNow();
    story.take({ type: 'answer', drill: drill().code, by: 'ben', channel: null });
    expect(reach('ben sms')).toBeUndefined();
  });
});
