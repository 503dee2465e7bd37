/** A store that was not there at the start, and is: what it held, beside what has been told since. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/incident/board.ts';
import { rowsOf } from '../../src/store/_rows.ts';
import { isBundle } from '../../src/incident/lane.ts';
import { ids, together } from './crowd.ts';
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

const rules = configOf({
  checks: [checkCalled('shop'), checkCalled('cart')],
  escalations: [escalationCalled('on-call', { groupMs: 0 })],
});

let before: Story;
let story: Story;
beforeEach(() => {
  before = new Story(rules);
  story = new Story(rules);
  // Another run draws other ids and codes.
  for (let n = 0; n < 20; n++) story.due();
});

/** What the store of the run before held when it was found, a minute after it had ended. */
function held(): Snapshot {
  const { seq } = before.board;
  const known = { seq, epoch: 7, savedAt: before.now, secret: '', codes: [] };
  return { ...known, ...rowsOf(before.board) };
}

function found(): void {
  story.after(Math.max(0, before.now - story.now) + MINUTE);
  story.take({ type: 'remembered', snapshot: held() });
}

const codes = (of: Story) => [...of.board.incidents.values()].map(({ code }) => code);

describe('an incident that the store held', () => {
  test('goes on as after a restart: acknowledged, with its code and its timeline', () => {
    before.down('shop');
    before.deliver();
    before.after(SECOND).take({ type: 'acknowledge', incident: codes(before)[0]!, by: 'ana' });
    before.deliver();
    found();
    expect(story.incident()).toMatchObject({
      code: codes(before)[0],
      state: 'acknowledged',
      acknowledgedBy: 'ana',
    });
    expect(story.board.timelines.get(story.incident().id)?.map(({ type }) => type)).toEqual([
      'opened',
      'paged',
      'acknowledged',
    ]);
    expect(story.outgoing()).toEqual([]);
    story.after(MINUTE).up('shop');
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });

  test('pages its overdue step once, after a fresh look', () => {
    before.down('shop');
    before.deliver();
    before.after(6 * MINUTE);
    found();
    expect(story.outgoing()).toEqual([]);
    story.take({ type: 'fresh', check: 'shop', down: true });
    expect(story.outgoing().filter((line) => line.startsWith('page'))).toHaveLength(1);
  });

  test('whose check is up by now ends', () => {
    before.down('shop');
    before.deliver();
    story.up('shop');
    found();
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });

  test('and that is told of by another code by now: this one ends, and whoever had it has it', () => {
    before.down('shop');
    before.deliver();
    before.take({ type: 'acknowledge', incident: codes(before)[0]!, by: 'ana' });
    before.deliver();
    story.after(before.now - story.now + 30 * SECOND).down('shop');
    story.deliver();
    const [now] = codes(story);
    story.take({ type: 'remembered', snapshot: held() });
    const [newer, older] = [...story.board.incidents.values()];
    expect(newer).toMatchObject({ code: now, state: 'acknowledged', acknowledgedBy: 'ana' });
    expect(newer?.ackExpiresAt).toBe(before.now + 2 * HOUR);
    expect(older).toMatchObject({ state: 'resolved', down: 0 });
    const told = [...story.board.notifications.values()].filter(({ kind }) => kind === 'resolved');
    expect(told).toMatchObject([{ facts: { by: 'Tocsin', text: `it goes on as ${now ?? ''}` } }]);
    story.after(MINUTE).up('shop');
    expect(story.outgoing()).toContain('resolved ana by sms: resolved');
  });
});

describe('what goes on as an incident of this run', () => {
  test("is nobody's where it is more and worse than what was acknowledged", () => {
    const checks = [
      checkCalled('tiny', { severity: 'minor' }),
      checkCalled('db', { severity: 'critical' }),
    ];
    const grouped = configOf({ checks, escalations: [escalationCalled('on-call')] });
    before.config = grouped;
    story.config = grouped;
    before.down('tiny');
    before.deliver();
    before.take({ type: 'acknowledge', incident: codes(before)[0]!, by: 'ana' });
    before.deliver();
    story.after(30 * SECOND).down('db');
    story.after(SECOND).down('tiny');
    story.deliver();
    found();
    const [now, old] = [...story.board.incidents.values()];
    expect(now).toMatchObject({ state: 'open', severity: 'critical', down: 2 });
    expect(old).toMatchObject({ state: 'resolved' });
    expect(
      story
        .deliver()
        .pass(10 * MINUTE)
        .pages(),
    ).toContain('page ben by sms: escalated');
  });

  test("is nobody's either where it is only more", () => {
    const grouped = configOf({
      checks: [checkCalled('shop'), checkCalled('cart')],
      escalations: [escalationCalled('on-call')],
    });
    before.config = grouped;
    story.config = grouped;
    before.down('shop');
    before.deliver();
    before.take({ type: 'acknowledge', incident: codes(before)[0]!, by: 'ana' });
    before.deliver();
    story.after(30 * SECOND).down('shop');
    story.after(SECOND).down('cart');
    story.deliver();
    found();
    expect([...story.board.incidents.values()][0]).toMatchObject({ state: 'open', down: 2 });
  });

  test('ends for everybody who was paged before as well', () => {
    before.down('shop');
    before.deliver().pass(5 * MINUTE);
    before.deliver();
    story.after(before.now - story.now + 30 * SECOND).down('shop');
    story.deliver();
    found();
    expect(story.outgoing()).toContain('resolved ben by sms: resolved');
    story.deliver().after(MINUTE).up('shop');
    expect(story.outgoing()).toContain('resolved ben by sms: resolved');
  });
});

describe('a code that both runs have drawn', () => {
  /** The incident that this run began, under a code that somebody has from the run before. */
  function takenBy(code: string): void {
    story.down('cart');
    const incident = story.incident();
    story.board.incidents.set(incident.id, { ...incident, code });
    for (const row of story.queued()) {
      const facts = { ...factsOf(row), code };
      story.board.notifications.set(row.key, { ...row, facts });
    }
    story.deliver();
  }
  const coded = () =>
    [...story.board.incidents.values()].map(({ title, code, state }) => ({ title, code, state }));

  test('stays with the older incident; who was told of the newer hears its new one', () => {
    before.down('shop');
    before.deliver();
    const [code] = codes(before);
    takenBy(code!);
    found();
    const [cart] = coded();
    expect(cart?.code).not.toBe(code);
    expect(coded()).toContainEqual({ title: 'Check shop', code, state: 'open' });
    const notices = story.queued().filter(({ facts }) => facts.event === 'notice');
    const text = `${code!} is ${cart!.code} from now on: another incident had the code ${code!} before`;
    expect(notices.map(({ responder, channel, facts }) => [responder, channel, facts])).toEqual([
      ['ana', 'sms', { event: 'notice', text }],
      [null, 'lifeline', { event: 'notice', text }],
    ]);
    story.take({
      ...({ type: 'heard', channel: 'sms', responder: 'ana', reference: 'R1' } as const),
      ...{ text: cart!.code, sentAt: story.now },
    });
    expect(coded()).toMatchObject([{ state: 'acknowledged' }, { state: 'open' }]);
  });

  test('rests for the 90 days that the store knows of', () => {
    const usedAt = story.now - 3 * HOUR;
    story.take({ type: 'remembered', snapshot: { ...held(), codes: [{ code: '7K', usedAt }] } });
    expect(story.board.codes.get('7K')).toBe(usedAt);
  });

  test('of a drill under way is answered as the incident that had it, and the drill by its new one', () => {
    before.down('shop');
    before.deliver();
    const [code] = codes(before);
    story.take({ type: 'drill', escalation: 'on-call', by: 'Zoe', withinMs: HOUR });
    const [drill] = [...story.board.drills.values()];
    story.board.drills.set(drill!.id, { ...drill!, code: code! });
    for (const row of story.queued()) {
      if (!('code' in row.facts)) continue;
      const facts = { ...row.facts, code: code! };
      story.board.notifications.set(row.key, { ...row, facts });
    }
    story.deliver();
    found();
    const [renamed] = [...story.board.drills.values()];
    expect(renamed?.code).not.toBe(code);
    const said = story.outgoing().filter((line) => line.endsWith('notice'));
    expect(said).toEqual([
      'post all by lifeline: notice',
      'update ana by sms: notice',
      'update ben by sms: notice',
    ]);
  });

  test('of a message about several is its no more', () => {
    before.down('shop');
    before.deliver();
    const [code] = codes(before);
    const checks = ids(3).map((id) => checkCalled(id));
    const wide = configOf({
      checks,
      escalations: [escalationCalled('on-call', { groupMs: 0 })],
    });
    before.config = wide;
    story.config = wide;
    together(story, ids(3), 'down');
    const bundle = [...story.board.notifications.values()].find(isBundle);
    const facts = { ...bundle!.facts, code: code! };
    story.board.bundles.delete(bundle!.facts.code);
    story.board.bundles.set(code!, bundle!.key);
    story.board.notifications.set(bundle!.key, { ...bundle!, facts });
    story.deliver();
    found();
    const now = story.board.notifications.get(bundle!.key)!;
    expect(story.board.bundles.has(code!)).toBe(false);
    expect(story.board.bundles.get('code' in now.facts ? now.facts.code : '')).toBe(bundle!.key);
  });
});

test('what comes after is of the epoch that the store has', () => {
  before.down('cart');
  before.deliver();
  found();
  expect(story.board.epoch).toBe(7);
  expect(story.board.seq).toBeGreaterThan(before.board.seq);
});
