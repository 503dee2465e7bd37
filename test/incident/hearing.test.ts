import { describe, expect, test } from 'vitest';
import { CODE_REST_MS } from '../../src/incident/chance.ts';
import { isBundle } from '../../src/incident/lane.ts';
import { readReply } from '../../src/incident/reply.ts';
import { ids, settleAll, story as crowd, texts, together } from './crowd.ts';
import { checkCalled, configOf, escalationCalled, HOUR, MINUTE, SECOND, Story } from './story.ts';

let references = 0;

function say(story: Story, responder: string, text: string, sentAt = story.now) {
  references += 1;
  const reference = `SM${String(references)}`;
  const heard = { type: 'heard', channel: 'sms', responder, text, sentAt, reference } as const;
  return { decisions: story.take(heard), heard };
}

/** The last answer that is on its way. */
function answer(story: Story): string {
  const answers = story.queued().flatMap(({ facts }) => (facts.event === 'answer' ? [facts] : []));
  return answers.at(-1)?.text ?? '';
}

function twoOpen() {
  const checks = [checkCalled('shop'), checkCalled('cart')];
  const story = new Story(
    configOf({ checks, escalations: [escalationCalled('on-call', { groupMs: 0 })] }),
  );
  story.down('shop');
  story.after(MINUTE).down('cart');
  story.deliver();
  const [first, second] = [...story.board.incidents.values()];
  if (!first || !second) throw new Error('two incidents');
  const state = (id: string) => story.board.incidents.get(id)?.state;
  return { story, first, second, state };
}

describe('reading a reply', () => {
  test.each([
    ['7K', { does: 'acknowledge', code: '7K' }],
    [' 7k. ', { does: 'acknowledge', code: '7K' }],
    ['ACK 7K', { does: 'acknowledge', code: '7K' }],
    ['ack:7k!!', { does: 'acknowledge', code: '7K' }],
    ['ACK7K', { does: 'acknowledge', code: '7K' }],
    ['ok 7K', { does: 'acknowledge', code: '7K' }],
    ['esc 7k', { does: 'escalate', code: '7K' }],
    ['RES 7K', { does: 'resolve', code: '7K' }],
    ['why 7k?', { does: 'explain', code: '7K' }],
    ['Ben 7K', { does: 'page', code: '7K', name: 'BEN' }],
    ['ack', { does: 'acknowledge the only one' }],
    ['Ok!', { does: 'acknowledge the only one' }],
    ['7K please ack', { does: 'acknowledge', code: '7K' }],
    ['７Ｋ', { does: 'acknowledge', code: '7K' }],
    ['', { does: 'nothing' }],
    ['👍', { does: 'nothing' }],
    ['STOP', { does: 'nothing' }],
    ['yes', { does: 'nothing' }],
    ['I am on the train and cannot look at it', { does: 'nothing' }],
    ['1O', { does: 'nothing' }],
    ['x'.repeat(1_600), { does: 'nothing' }],
  ])('%j', (text, reply) => {
    expect(readReply(text)).toEqual(reply);
  });
});

describe('acting on a reply', () => {
  test('the code acknowledges, is answered, and stops the paging', () => {
    const { story, first, state } = twoOpen();
    say(story, 'ana', first.code);
    expect(state(first.id)).toBe('acknowledged');
    expect(answer(story)).toBe(`${first.code} is yours for 2h: Check shop`);
  });

  test('a bare ACK is taken when there is only one, else the answer lists the codes', () => {
    const { story, first, second, state } = twoOpen();
    say(story, 'ana', 'ack');
    expect(answer(story)).toBe(`Which one? Reply with one of: ${first.code} ${second.code}`);
    expect(state(first.id)).toBe('open');
    story.deliver();
    say(story, 'ana', second.code);
    story.deliver();
    say(story, 'ana', 'ok');
    expect(state(first.id)).toBe('acknowledged');
  });

  test('a bare ACK of somebody who was not paged changes nothing', () => {
    const { story, first, state } = twoOpen();
    say(story, 'ben', 'ack');
    expect(state(first.id)).toBe('open');
    expect(answer(story)).toBe('Nothing is open that you were paged for');
  });

  test('heard twice, it counts and is answered once', () => {
    const { story, first } = twoOpen();
    const { heard } = say(story, 'ana', first.code);
    expect(story.take(heard)).toEqual(['heard already']);
  });

  test('a second person hears who has it', () => {
    const { story, first } = twoOpen();
    say(story, 'ana', first.code);
    story.deliver();
    say(story, 'ben', first.code);
    expect(answer(story)).toBe(`${first.code}: Ana Silva has it already`);
  });

  test('a bare reply from before it opened changes nothing, and the answer says what would', () => {
    const { story, second, state } = twoOpen();
    story.up('shop');
    story.deliver();
    say(story, 'ana', 'ok', second.openedAt - 5 * SECOND);
    expect(state(second.id)).toBe('open');
    expect(answer(story)).toContain(`opened after you sent this. Reply ${second.code} to take it`);
  });

  test('within the same second it counts: vendors tell whole seconds', () => {
    const { story, second, state } = twoOpen();
    story.up('shop');
    say(story, 'ana', 'ok', second.openedAt - 900);
    expect(state(second.id)).toBe('acknowledged');
  });

  test('the code counts whatever the clocks say: whoever names it has read it', () => {
    const { story, first, state } = twoOpen();
    story.now -= HOUR;
    story.take({ type: 'stepped', byMs: -HOUR });
    say(story, 'ana', first.code);
    expect(state(first.id)).toBe('acknowledged');
  });

  test('and so does the code of a message about several', () => {
    const several = crowd(3);
    together(several, ids(3), 'down');
    settleAll(several);
    const told = texts(several).find(isBundle);
    several.now -= HOUR;
    several.take({ type: 'stepped', byMs: -HOUR });
    say(several, 'ana', told?.facts.code ?? '');
    const states = new Set([...several.board.incidents.values()].map(({ state }) => state));
    expect([...states]).toEqual(['acknowledged']);
  });

  test('and that of a drill', () => {
    const { story } = twoOpen();
    story.up('shop');
    story.up('cart');
    story.take({ type: 'drill', escalation: 'on-call', by: 'Zoe', withinMs: 15 * MINUTE });
    const [drill] = story.board.drills.values();
    say(story, 'ana', drill?.code ?? '', story.now - 2 * MINUTE);
    expect(answer(story)).toContain('thank you, Ana Silva');
  });

  test('but not where it is from the use before of that code', () => {
    const { story, first, state } = twoOpen();
    say(story, 'ana', first.code, first.openedAt - CODE_REST_MS);
    expect(state(first.id)).toBe('open');
    expect(answer(story)).toContain('opened after you sent this');
  });

  test('a reply to something that ended changes nothing', () => {
    const { story, first, state } = twoOpen();
    story.up('shop');
    story.deliver();
    say(story, 'ana', first.code);
    expect(state(first.id)).toBe('resolved');
    expect(answer(story)).toBe(`${first.code} has ended: Check shop`);
  });

  test('RES does not end what is still down', () => {
    const { story, first, state } = twoOpen();
    say(story, 'ana', `RES ${first.code}`);
    expect(state(first.id)).toBe('open');
    expect(answer(story)).toBe(`${first.code} still down: ack, or silence it`);
  });

  test('ESC pages the next step now', () => {
    const { story, first } = twoOpen();
    say(story, 'ana', `ESC ${first.code}`);
    expect(story.outgoing()).toContain('page ben by sms: escalated');
  });

  test('WHY says more', () => {
    const { story, first } = twoOpen();
    say(story, 'ana', `WHY ${first.code}`);
    expect(answer(story)).toBe(
      `${first.code} major, Check shop: HTTP 503 for 1m. 1 of 1 down. Has it: nobody`,
    );
  });

  test('a name pulls somebody in', () => {
    const { story, first } = twoOpen();
    say(story, 'ana', `ben ${first.code}`);
    expect(story.outgoing()).toContain('page ben by sms: opened');
    expect(answer(story)).toBe(`${first.code}: Ben Okoro is being paged`);
  });

  test('a name nobody has is answered with those that there are', () => {
    const { story, first } = twoOpen();
    say(story, 'ana', `zoe ${first.code}`);
    expect(answer(story)).toBe(`${first.code}: nobody here is called ZOE. Known: ana, ben`);
  });

  test('a code nobody knows, and words that mean nothing, are answered', () => {
    const { story } = twoOpen();
    say(story, 'ana', '9ZZ9');
    expect(answer(story)).toBe('No incident has the code 9ZZ9');
    say(story, 'ana', 'what is going on here right now?');
    expect(answer(story)).toMatch(/^Not understood\. Open: /);
  });
});
