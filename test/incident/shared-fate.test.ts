/** Who is told by what when a way of telling is lost together with what is down. */
import { describe, expect, test } from 'vitest';
import type { ChannelConfig, Config, Escalation } from '../../src/config/config.ts';
import type { Fate } from '../../src/config/fate.ts';
import { sms } from '../../src/message/sms.ts';
import { checkCalled, configOf, escalationCalled, factsOf, MINUTE, Story } from './story.ts';
import { DEFAULTS } from '../message/templates.ts';

const TWILIO: readonly Fate[] = ['host:api.twilio.com', 'domain:twilio.com'];
const REGION: readonly Fate[] = ['declared:aws-eu-west-1'];

/** With these channels beside those of every story, and what they stand or fall with. */
function told(
  fates: Readonly<Record<string, readonly Fate[]>>,
  escalations: readonly Escalation[],
  check: readonly Fate[],
): Config {
  const config = configOf({ escalations, checks: [checkCalled('shop', { fate: check })] });
  const channels = new Map(config.channels);
  for (const [id, fate] of Object.entries(fates)) {
    const blank: ChannelConfig = { id, type: id, address: null, ...ROOM };
    channels.set(id, { ...(channels.get(id) ?? blank), fate });
  }
  return { ...config, channels };
}
const ROOM = { answerable: false, proof: 'acceptance', options: {} } as const;

const posts = (story: Story): readonly string[] =>
  story.outgoing().filter((line) => line.startsWith('post'));
const caveats = (story: Story): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(story.queued().map((each) => [each.channel, factsOf(each).caveat]));

describe('a post that is out of band', () => {
  test('one room that is not lost with what is down is enough: nothing is said of it', () => {
    const escalation = escalationCalled('on-call', { post: ['lifeline', 'room'] });
    const fates = { lifeline: [], room: REGION };
    const story = new Story(told(fates, [escalation], REGION));
    expect(story.down('shop')).toEqual(['opened', 'paged']);
    expect(posts(story)).toEqual(['post all by lifeline: opened', 'post all by room: opened']);
    expect(caveats(story)).toEqual({ sms: undefined, lifeline: undefined, room: undefined });
  });

  test('if all are lost with it, a room of another escalation hears of it too, and of its end', () => {
    const other = escalationCalled('other', { post: ['elsewhere'] });
    const fates = { lifeline: REGION, elsewhere: [] };
    const story = new Story(told(fates, [escalationCalled('on-call'), other], REGION));
    expect(story.down('shop')).toEqual(['opened', 'paged', 'posted elsewhere']);
    expect(posts(story)).toEqual(['post all by lifeline: opened', 'post all by elsewhere: opened']);
    expect(caveats(story)).toEqual({
      sms: undefined,
      lifeline: undefined,
      elsewhere: 'posted here as lifeline may not work',
    });
    story.deliver().after(MINUTE).up('shop');
    expect(posts(story)).toEqual([
      'post all by lifeline: resolved',
      'post all by elsewhere: resolved',
    ]);
    expect(caveats(story)).toEqual({});
  });

  test('a room that nobody has written for posts, a console or a machine is not made one', () => {
    const other = escalationCalled('other', { post: ['console', 'ticket'] });
    const fates = { lifeline: REGION, unasked: [], console: [], ticket: [] };
    const config = told(fates, [escalationCalled('on-call'), other], REGION);
    const ticket = { ...config.channels.get('ticket')!, forMachines: true as const };
    const story = new Story({
      ...config,
      channels: new Map([...config.channels, ['ticket', ticket]]),
    });
    story.down('shop');
    expect(posts(story)).toEqual(['post all by lifeline: opened']);
  });

  test('where there is none at all, the page and the post say so', () => {
    const story = new Story(told({ lifeline: REGION }, [escalationCalled('on-call')], REGION));
    expect(story.down('shop')).toEqual(['opened', 'paged', 'posts at risk']);
    const page = story.queued().find(({ kind }) => kind === 'page');
    expect(caveats(story)).toEqual({
      sms: 'posts may not arrive',
      lifeline: 'posts may not arrive',
    });
    const reader = { name: null, timezone: null, canAnswer: true, link: null, templates: DEFAULTS };
    expect(sms(factsOf(page), 'page', reader)).toBe(
      `${story.incident().code} DOWN Check shop: HTTP 503, since 00:00Z, posts may not arrive. ` +
        `Reply ${story.incident().code} = ack.`,
    );
  });

  test('a check that recovered, and one that was taken out, put nothing at risk any more', () => {
    const config = told({ lifeline: REGION }, [escalationCalled('on-call')], REGION);
    const edge = checkCalled('edge', { fate: [] });
    const story = new Story({ ...config, checks: new Map([...config.checks, ['edge', edge]]) });
    story.down('shop');
    story.down('edge');
    story.up('shop');
    story
      .deliver()
      .pass(MINUTE)
      .deliver()
      .after(4 * MINUTE);
    expect(story.due()).not.toContain('posts at risk');
    expect(story.pages()).toEqual(['page ben by sms: escalated']);
  });

  test('nobody is posted to where no post is written', () => {
    const quiet = escalationCalled('on-call', { post: [] });
    const other = escalationCalled('other', { post: ['elsewhere'] });
    const story = new Story(told({ elsewhere: [] }, [quiet, other], REGION));
    story.down('shop');
    expect(posts(story)).toEqual([]);
    expect(caveats(story)).toEqual({ sms: undefined });
  });
});

describe('a message about several', () => {
  test('carries what is to be known of how it is told, each way its own', () => {
    const other = escalationCalled('other', { post: ['elsewhere'] });
    const ungrouped = escalationCalled('on-call', { groupMs: 0 });
    const config = told({ lifeline: REGION, elsewhere: [] }, [ungrouped, other], REGION);
    const ids = ['a', 'b', 'c'];
    const checks = new Map(ids.map((id) => [id, checkCalled(id, { fate: REGION })]));
    const story = new Story({ ...config, checks });
    const turn = { from: 'up', to: 'down', at: story.now, since: story.now } as const;
    const why = { reason: 'status', brief: 'HTTP 503' } as const;
    story.take(...ids.map((check) => ({ type: 'turn', check, ...turn, ...why }) as const));
    story.pass(MINUTE);
    const rows = [...story.board.notifications.values()];
    const caveat = (channel: string) =>
      rows.filter((row) => row.channel === channel && 'bundle' in row.facts).map(factsOf)[0]
        ?.caveat;
    expect(caveat('elsewhere')).toBe('posted here as lifeline may not work');
    expect(caveat('sms')).toBeUndefined();
  });
});

describe('another way to somebody', () => {
  const refusal = { outcome: 'refused', reason: 'server', detail: 'HTTP 500' } as const;
  const three = { repeat: { everyMs: 30 * MINUTE, times: null } };

  function withVoice(check: readonly Fate[], mailFate: readonly Fate[] = []): Story {
    const fates = { sms: TWILIO, voice: TWILIO, email: ['domain:sendgrid.com'] as const };
    const config = told(fates, [escalationCalled('on-call', three)], check);
    const voice = config.channels.get('voice');
    if (voice)
      (config.channels as Map<string, ChannelConfig>).set('voice', { ...voice, address: 'sms' });
    const ana = config.responders.get('ana');
    if (!ana) throw new Error('no Ana');
    const responders = new Map([...config.responders, ['ana', { ...ana, mailFate }]]);
    return new Story({ ...config, responders });
  }

  test('as ever it is the next address in the order written', () => {
    const story = withVoice(['domain:example.com']);
    story.down('shop');
    const [page] = story.queued();
    if (page) story.receipt(page, refusal);
    expect(story.pages()).toEqual(['page ana by voice: opened']);
  });

  test('one that is lost with the vendor that is down is tried in its turn, and one that is not beside it', () => {
    const story = withVoice(TWILIO);
    story.down('shop');
    expect(story.pages()).toEqual(['page ana by sms: opened']);
    const [page] = story.queued();
    if (page) story.receipt(page, refusal);
    expect(story.pages()).toEqual(['page ana by voice: opened', 'page ana by email: opened']);
    for (const told of story.queued()) story.receipt(told, refusal);
    expect(story.pages()).toEqual([]);
  });

  test('a mailbox in the domain that is down is lost with it, whoever carries the mail', () => {
    const story = withVoice(['domain:example.com'], ['domain:example.com']);
    story.down('shop');
    const [page] = story.queued();
    if (page) story.receipt(page, refusal);
    expect(story.pages()).toEqual(['page ana by voice: opened']);
    const call = story.queued().find(({ channel }) => channel === 'voice');
    if (call) story.receipt(call, refusal);
    expect(story.pages()).toEqual(['page ana by email: opened']);
  });
});
