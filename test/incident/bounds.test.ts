/** How often a phone rings: what waits for its bounds, and what never does. */
import { describe, expect, test } from 'vitest';
import { goOn, heard, held, ids, settleAll, story, texts, together } from './crowd.ts';
import type { Story } from './story.ts';
import { checkCalled, factsOf, HOUR, inShort, MIDNIGHT, MINUTE, SECOND } from './story.ts';

const QUARTER = 15 * MINUTE;

describe('at most 5 SMS in 15 minutes', () => {
  test('five incidents are five messages, and the sixth waits for the bound to free', () => {
    const told = story(6);
    for (const id of ids(6)) {
      told.down(id);
      settleAll(told);
      goOn(told, MINUTE);
    }
    expect(texts(told)).toHaveLength(5);
    expect(held(told)).toMatchObject([{ heldUntil: MIDNIGHT + QUARTER }]);
    goOn(told, 9 * MINUTE);
    expect(texts(told)).toHaveLength(6);
    expect(texts(told).map(inShort)).toEqual(Array(6).fill('page ana by sms: opened'));
  });

  test('what waits is one message when the bound frees, and nothing is dropped', () => {
    const told = story(9);
    for (const id of ids(9)) {
      told.down(id);
      settleAll(told);
      goOn(told, MINUTE);
    }
    goOn(told, 7 * MINUTE);
    const [last] = texts(told).slice(-1);
    expect(texts(told)).toHaveLength(6);
    expect(last?.about).toHaveLength(4);
    expect(factsOf(last).bundle).toMatchObject({ down: 4, checks: 4, shared: 'team=shop' });
    const bundled = [...told.board.notifications.values()].filter(
      (row) => row.channel === 'sms' && row.reason === 'bundled',
    );
    expect(bundled.map(({ bundledInto }) => bundledInto)).toEqual(Array(4).fill(last?.key));
  });

  test('another person has bounds of their own', () => {
    const told = story(6, 'major', {
      steps: [{ afterMs: 0, page: ['ana', 'ben'], by: ['sms'] }],
    });
    for (const id of ids(5)) {
      told.down(id);
      settleAll(told);
      goOn(told, MINUTE);
    }
    const incident = told.incident().id;
    told.take({ type: 'acknowledge', incident, by: 'ana' });
    expect(texts(told).filter(({ responder }) => responder === 'ana')).toHaveLength(5);
    expect(held(told)).toMatchObject([{ responder: 'ben', heldUntil: MIDNIGHT + QUARTER }]);
  });
});

test('at most 11 an hour, and nothing waits for longer than 15 minutes', () => {
  const told = story(80, 'major', { repeat: { everyMs: 24 * HOUR, times: null } });
  for (const id of ids(80)) {
    told.down(id);
    settleAll(told);
    goOn(told, 2 * MINUTE);
  }
  goOn(told, 20 * MINUTE);
  const times = texts(told).map(({ at }) => at);
  expect(most(times, QUARTER)).toBeLessThanOrEqual(5);
  expect(most(times, HOUR)).toBeLessThanOrEqual(11);
  expect(held(told)).toEqual([]);
  const paged = new Set(texts(told).flatMap(({ about }) => about));
  expect(paged.size).toBe(80);
  for (const row of texts(told)) {
    for (const key of told.board.gathered.get(row.key) ?? []) {
      expect(row.at - told.board.notifications.get(key)!.at).toBeLessThanOrEqual(QUARTER);
    }
  }
});

test('a new critical incident never waits', () => {
  const told = story(5);
  const vault = checkCalled('vault', { severity: 'critical' });
  told.config = { ...told.config, checks: new Map([...told.config.checks, ['vault', vault]]) };
  for (const id of ids(5)) {
    told.down(id);
    settleAll(told);
    told.after(SECOND);
  }
  goOn(told, MINUTE);
  told.down('vault');
  expect(texts(told).at(-1)).toMatchObject({ about: [told.incident().id], at: told.now });
});

describe('what is full of messages about something else', () => {
  function fullPhone(): Story {
    const told = story(6, 'minor');
    for (const id of ids(5)) {
      told.down(id);
      settleAll(told);
      goOn(told, MINUTE);
    }
    return told;
  }

  test('an incident that becomes critical does not wait, and its repeats do', () => {
    const told = fullPhone();
    const { id } = told.incident();
    told.take({ type: 'severity', incident: id, severity: 'critical', by: 'ben' });
    expect(texts(told).at(-1)).toMatchObject({ about: [id], at: told.now });
    settleAll(told);
    told.take({ type: 'severity', incident: id, severity: 'minor', by: 'ben' });
    told.take({ type: 'severity', incident: id, severity: 'critical', by: 'ben' });
    expect(held(told).map(({ responder }) => responder)).toContain('ana');
  });

  test('a step that somebody asks for does not wait', () => {
    const told = fullPhone();
    const { id } = told.incident();
    heard(told, `ESC ${told.incident().code}`, 'ben');
    const pages = texts(told).filter(({ kind }) => kind === 'page');
    expect(pages.at(-1)).toMatchObject({
      about: [id],
      at: told.now,
      facts: { by: 'Ben Okoro' },
    });
  });

  test('messages that failed do not count: the sixth page goes the other way as the first did', () => {
    const told = story(6);
    for (const id of ids(6)) {
      told.down(id);
      for (const row of told
        .queued()
        .filter(({ channel, heldUntil }) => channel === 'sms' && !heldUntil)) {
        told.receipt(row, { outcome: 'refused', reason: 'auth', detail: 'HTTP 401' });
      }
      expect(texts(told, 'email').at(-1)).toMatchObject({ about: [told.incident().id] });
      settleAll(told);
      goOn(told, MINUTE);
    }
    expect(texts(told, 'email')).toHaveLength(6);
    expect(held(told)).toEqual([]);
  });
});

test('what has ended together makes no storm of the next that breaks', () => {
  const told = story(6);
  together(told, ids(5), 'down');
  settleAll(told);
  goOn(told, HOUR);
  together(told, ids(5), 'up');
  settleAll(told);
  goOn(told, MINUTE);
  told.down('c5');
  const [page] = texts(told).slice(-1);
  expect(page).toMatchObject({ kind: 'page', about: [told.incident().id], at: told.now });
  expect(texts(told, 'lifeline').at(-1)).toMatchObject({ kind: 'post', at: told.now });
});

test('answers to replies never wait, and count for nothing', () => {
  const told = story(6);
  for (const id of ids(6)) told.down(id);
  settleAll(told);
  for (let n = 0; n < 8; n += 1) expect(heard(told.after(1), 'WHY')).not.toBe('');
  expect(held(told).map(({ channel }) => channel)).toEqual(['sms', 'lifeline']);
});

function most(times: readonly number[], within: number): number {
  return Math.max(
    0,
    ...times.map((from) => times.filter((at) => at >= from && at < from + within).length),
  );
}
