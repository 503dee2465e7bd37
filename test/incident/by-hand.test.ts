import { describe, expect, test } from 'vitest';
import type { Input } from '../../src/incident/input.ts';
import { checkCalled, configOf, factsOf, HOUR, MINUTE, Story } from './story.ts';

const OPEN: Input = {
  type: 'open',
  title: 'Customers report that they cannot pay',
  severity: 'major',
  escalation: 'on-call',
  by: 'ben',
  text: 'three calls since nine',
};

function pageText(story: Story): string | null {
  return factsOf(story.queued().find(({ kind }) => kind === 'page')).text;
}

describe('an incident opened by hand', () => {
  test('pages from the first step, says who reported what, and is posted', () => {
    const story = new Story();
    expect(story.take(OPEN)).toContain('opened');
    expect(story.outgoing()).toEqual(['page ana by sms: opened', 'post all by lifeline: opened']);
    expect(pageText(story)).toBe('reported by Ben Okoro: three calls since nine');
    expect(story.incident()).toMatchObject({ openedBy: 'ben', size: 0, down: 0 });
  });

  test('escalates, repeats and is acknowledged like any other', () => {
    const story = new Story();
    story.take(OPEN);
    story.deliver().pass(5 * MINUTE);
    expect(story.pages()).toEqual(['page ben by sms: escalated']);
    story.deliver().pass(30 * MINUTE);
    expect(story.pages()).toEqual(['page ana by sms: still_down']);
    story.deliver().take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    story.deliver().pass(2 * HOUR - 1);
    expect(story.pages()).toEqual([]);
    story.pass(1);
    expect(story.pages()).toEqual(['page ana by sms: still_down']);
  });

  test('lasts until a person ends it, over reloads and restarts', () => {
    const story = new Story();
    story.take(OPEN);
    story.deliver();
    story.take({ type: 'reloaded' });
    story.take({ type: 'started', awaySince: story.now });
    expect(story.incident().state).toBe('open');
    const { code } = story.incident();
    expect(story.take({ type: 'resolve', incident: code, by: 'ana', force: null })).toContain(
      'resolved',
    );
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });

  test('takes no checks, and no silence stops it', () => {
    const story = new Story();
    story.take(OPEN);
    expect(story.down('shop')).toContain('opened');
    const wish = { type: 'silence', covers: ['*'], below: false, forMs: HOUR } as const;
    story.take({ ...wish, by: 'ana', why: 'deploy' });
    const [first] = story.board.incidents.values();
    expect(first?.silencedAt).toBeNull();
  });

  test('may page nobody; an escalation that is not there is refused', () => {
    const story = new Story();
    expect(story.take({ ...OPEN, escalation: 'nobody' })).toEqual(['unknown escalation']);
    expect(story.take({ ...OPEN, escalation: null })).toEqual(['opened, nobody to page']);
    expect(story.outgoing()).toEqual([]);
  });
});

describe('severity by hand', () => {
  const severity = (story: Story, to: 'critical' | 'major' | 'minor') =>
    story.take({ type: 'severity', incident: story.incident().code, by: 'ben', severity: to });

  test('raised, it un-acknowledges and pages from the first step', () => {
    const story = new Story();
    story.down('shop');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ana' });
    story.deliver().after(MINUTE);
    expect(severity(story, 'critical')).toContain('raised');
    expect(story.incident()).toMatchObject({ severity: 'critical', state: 'open', step: 0 });
    expect(story.pages()).toEqual(['page ana by sms: escalated']);
    expect(pageText(story)).toBe('now critical by Ben Okoro');
  });

  test('lowered, it is posted, and pages nobody', () => {
    const story = new Story();
    story.down('shop');
    story.deliver();
    expect(severity(story, 'minor')).toEqual(['lowered']);
    expect(story.incident()).toMatchObject({ severity: 'minor', state: 'open' });
    expect(story.outgoing()).toEqual(['post all by lifeline: updated']);
  });

  test('lowered, a worse check that joins raises it again', () => {
    const story = new Story(configOf({ checks: [checkCalled('shop'), checkCalled('cart')] }));
    story.down('shop');
    severity(story, 'minor');
    expect(story.down('cart')).toContain('raised');
  });

  test('to what it is changes nothing, and neither does that of one that has ended', () => {
    const story = new Story();
    story.down('shop');
    expect(severity(story, 'major')).toEqual(['nothing changed']);
    story.up('shop');
    expect(severity(story, 'critical')).toEqual(['resolved already']);
  });
});

describe('paging somebody by hand', () => {
  const page = (story: Story, responder: string) =>
    story.take({ type: 'page', incident: story.incident().code, by: 'ana', responder });

  test('reaches them by every address, whoever has it, and says who asked', () => {
    const story = new Story();
    story.down('shop');
    story.deliver();
    story.take({ type: 'acknowledge', incident: story.incident().code, by: 'ben' });
    story.deliver();
    expect(page(story, 'Ana Silva')).toEqual(['paged']);
    expect(story.pages()).toEqual(['page ana by sms: opened', 'page ana by email: opened']);
    expect(pageText(story)).toBe('paged by Ana Silva');
  });

  test('again is a page again, and they are told that it ended', () => {
    const story = new Story();
    story.down('shop');
    story.deliver();
    page(story, 'ben');
    story.deliver().after(MINUTE);
    page(story, 'ben');
    expect(story.pages()).toEqual(['page ben by sms: opened']);
    story.deliver();
    story.up('shop');
    expect(story.outgoing()).toContain('resolved ben by sms: resolved');
  });

  test('a name that nobody has is refused, and so is an incident that has ended', () => {
    const story = new Story();
    story.down('shop');
    expect(page(story, 'zoe')).toEqual(['unknown responder']);
    story.up('shop');
    expect(page(story, 'ben')).toEqual(['resolved already']);
  });
});
