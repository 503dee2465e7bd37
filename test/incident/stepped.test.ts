/** The clock is set: what is to come comes when it would have come. */
import { expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND, Story } from './story.ts';

const silence = {
  type: 'silence',
  covers: ['shop'],
  below: false,
  by: 'ana',
  why: 'deploy',
} as const;

test.each([HOUR, -HOUR])(
  'by %i ms: the next step still comes five minutes after the first',
  (byMs) => {
    const story = new Story();
    story.down('shop');
    story.after(4 * MINUTE);
    const [incident] = story.board.incidents.values();
    const leftMs = (incident?.stepDueAt ?? 0) - story.now;
    story.after(byMs);
    expect(story.take({ type: 'stepped', byMs })).toEqual(['deadlines moved']);
    const [moved] = story.board.incidents.values();
    expect((moved?.stepDueAt ?? 0) - story.now).toBe(leftMs);
    expect(moved?.openedAt).toBe(incident?.openedAt);
  },
);

test('an acknowledgement lasts as long as it was given for, and a silence too', () => {
  const story = new Story();
  story.down('shop');
  const { code } = [...story.board.incidents.values()][0]!;
  story.take({ type: 'acknowledge', incident: code, by: 'ana', forMs: HOUR });
  story.take({ ...silence, forMs: 2 * HOUR });
  story.after(3 * HOUR);
  story.take({ type: 'stepped', byMs: 3 * HOUR });
  const [incident] = story.board.incidents.values();
  expect(incident?.ackExpiresAt).toBe(story.now + HOUR);
  expect([...story.board.silences.values()][0]?.endsAt).toBe(story.now + 2 * HOUR);
});

test('a message that waits for another try waits no longer, and none is old because of it', () => {
  const story = new Story();
  story.down('shop');
  story.after(-HOUR);
  story.take({ type: 'stepped', byMs: -HOUR });
  for (const { at, dueAt } of story.board.notifications.values()) {
    if (dueAt !== null) expect([at, dueAt]).toEqual([story.now, story.now]);
  }
  story.after(30 * SECOND);
  expect(story.take({ type: 'due' })).toEqual(['nothing due']);
});
