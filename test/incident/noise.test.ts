/** What many incidents at once come to: bundles, and what is answered to them. One story for each promise. */
import { describe, expect, test } from 'vitest';
import { rebuild } from '../../src/incident/apply.ts';
import type { Snapshot } from '../../src/incident/board.ts';
import { CODE_REST_MS } from '../../src/incident/chance.ts';
import { nextDueAt } from '../../src/incident/decide.ts';
import { inSlices } from '../../src/incident/hearing-of-bundles.ts';
import { isBundle, isHeld } from '../../src/incident/lane.ts';
import type { Severity } from '../../src/config/config.ts';
import { goOn, heard, held, ids, settleAll, story, texts, together } from './crowd.ts';
import type { Story } from './story.ts';
import { factsOf, HOUR, inShort, MIDNIGHT, MINUTE, SECOND } from './story.ts';

const QUARTER = 15 * MINUTE;

describe('in a storm', () => {
  test('new incidents of one step are one message that says how many and what they share', () => {
    const told = story(200);
    together(told, ids(200), 'down');
    const sent = texts(told);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ kind: 'page', at: told.now });
    expect(sent[0]?.about).toHaveLength(200);
    const { bundle, more, code } = factsOf(sent[0]);
    expect(bundle).toMatchObject({ down: 200, checks: 200, shared: 'team=shop' });
    expect(more).toBe(199);
    expect([...told.board.incidents.values()].map((row) => row.code)).not.toContain(code);
    expect(texts(told, 'lifeline')).toMatchObject([{ kind: 'post', facts: { code } }]);
  });

  test.each<Severity>(['major', 'critical'])(
    'ten thousand %s incidents are a few messages, and their end is one',
    (severity) => {
      const told = story(10_000, severity);
      for (let from = 0; from < 10_000; from += 200) {
        together(told, ids(200, from), 'down');
        settleAll(told);
        told.after(200);
      }
      expect(texts(told)).toHaveLength(1);
      goOn(told, 3 * MINUTE);
      expect(texts(told)).toHaveLength(2);
      expect(new Set(texts(told).flatMap(({ about }) => about)).size).toBe(10_000);
      for (let from = 0; from < 10_000; from += 200) {
        together(told, ids(200, from), 'up');
        settleAll(told);
        told.after(200);
      }
      goOn(told, 3 * MINUTE);
      const ends = texts(told).filter(({ kind }) => kind === 'resolved');
      expect(ends).toHaveLength(1);
      expect(ends[0]?.about).toHaveLength(10_000);
      expect(factsOf(ends[0]).code).toBe(factsOf(texts(told)[0]).code);
      expect(texts(told)).toHaveLength(3);
    },
    20_000,
  );

  test('what begins one by one is told one by one, until the third within 30 s', () => {
    const told = story(20);
    for (const id of ids(20)) {
      told.down(id);
      settleAll(told);
      told.after(SECOND);
    }
    expect(texts(told).map(({ about }) => about.length)).toEqual([1, 1]);
    goOn(told, MINUTE);
    expect(texts(told).map(({ about }) => about.length)).toEqual([1, 1, 18]);
  });

  test('one that has recovered before its bundle leaves is in none, and nobody hears of its end', () => {
    const told = story(6);
    for (const id of ids(6)) told.down(id);
    settleAll(told);
    told.after(SECOND);
    told.up('c5');
    goOn(told, MINUTE);
    const told5 = [...told.board.incidents.values()].find(({ title }) => title === 'Check c5');
    expect(texts(told).flatMap(({ about }) => about)).not.toContain(told5?.id);
  });

  test('whoever was told in a bundle is told the end, and who has it', () => {
    const told = story(5, 'major', {
      steps: [{ afterMs: 0, page: ['ana', 'ben'], by: ['sms'] }],
    });
    together(told, ids(5), 'down');
    settleAll(told);
    const { code } = factsOf(texts(told)[0]);
    heard(told.after(MINUTE), code);
    goOn(told, 2 * MINUTE);
    const bens = texts(told).filter(({ responder }) => responder === 'ben');
    expect(bens.map(inShort)).toEqual([
      'page ben by sms: opened',
      'acknowledged ben by sms: acknowledged',
    ]);
    expect(factsOf(bens[1])).toMatchObject({ code, by: 'Ana Silva' });
    together(told, ids(5), 'up');
    goOn(told, 2 * MINUTE);
    const ends = texts(told).filter(({ kind }) => kind === 'resolved');
    expect(ends.map(({ responder, about }) => [responder, about.length])).toEqual([
      ['ana', 5],
      ['ben', 5],
    ]);
  });

  test('one refused fails over as one', () => {
    const told = story(5);
    together(told, ids(5), 'down');
    const [sms] = texts(told);
    told.receipt(sms!, { outcome: 'refused', reason: 'address', detail: '' });
    expect(texts(told, 'email')).toMatchObject([{ kind: 'page', about: sms?.about }]);
    settleAll(told);
    together(told, ids(5), 'up');
    goOn(told, 2 * MINUTE);
    expect(texts(told, 'email').map(inShort)).toEqual([
      'page ana by email: opened',
      'resolved ana by email: resolved',
    ]);
  });

  test('one about very many that is refused goes another way in slices, each a step of its own', () => {
    const told = story(1_000);
    together(told, ids(1_000), 'down');
    const [sms] = texts(told);
    const refusal = { outcome: 'refused', reason: 'address', detail: '' } as const;
    expect(told.receipt(sms!, refusal).filter((each) => each === 'failed over')).toHaveLength(200);
    expect(nextDueAt(told.board)).toBeLessThanOrEqual(told.now);
    const steps = told.changes.length;
    goOn(told, 10 * SECOND);
    const slices = told.changes
      .slice(steps)
      .map(({ reasons }) => reasons.filter(({ outcome }) => outcome === 'failed over').length);
    expect(slices.filter((count) => count > 0)).toEqual([200, 200, 200, 200]);
    goOn(told, 3 * MINUTE);
    const mailed = texts(told, 'email').flatMap(({ about }) => about);
    expect(new Set(mailed).size).toBe(1_000);
    expect(mailed).toHaveLength(1_000);
  });

  test('what one fails over to is tried again where that fails too', () => {
    const told = story(5);
    together(told, ids(5), 'down');
    told.receipt(texts(told)[0]!, { outcome: 'refused', reason: 'address', detail: '' });
    const [mail] = texts(told, 'email');
    const retryAt = told.now + 20 * SECOND;
    told.receipt(mail!, { outcome: 'deferred', reason: 'server', detail: '' }, retryAt);
    goOn(told, MINUTE);
    expect(texts(told, 'email')).toMatchObject([{ about: mail?.about, state: 'accepted' }]);
  });

  test('an end that waited with a page goes another way with it', () => {
    const told = story(6);
    for (const id of ids(5)) {
      told.down(id);
      settleAll(told);
      told.after(40 * SECOND);
    }
    together(told, ['c0'], 'up');
    told.down('c5');
    told.pass(QUARTER);
    const mixed = texts(told).at(-1)!;
    expect(factsOf(mixed).bundle).toMatchObject({ down: 1, over: 1 });
    told.receipt(mixed, { outcome: 'refused', reason: 'address', detail: '' });
    expect(texts(told, 'email').map(inShort)).toEqual([
      'page ana by email: opened',
      'resolved ana by email: resolved',
    ]);
  });

  test('one without its receipt fails over once', () => {
    const told = story(5);
    told.config = {
      ...told.config,
      channels: new Map(
        [...told.config.channels].map(([id, channel]) => [
          id,
          id === 'sms' ? { ...channel, proof: 'receipt' as const } : channel,
        ]),
      ),
    };
    together(told, ids(5), 'down');
    settleAll(told);
    goOn(told, 50 * SECOND);
    expect(texts(told, 'email')).toEqual([]);
    goOn(told, 5 * MINUTE);
    expect(texts(told, 'email')).toHaveLength(1);
  });

  test('machines are told of every incident by itself', () => {
    const told = story(5);
    const lifeline = told.config.channels.get('lifeline')!;
    told.config = {
      ...told.config,
      channels: new Map([
        ...told.config.channels,
        ['lifeline', { ...lifeline, forMachines: true }],
      ]),
    };
    together(told, ids(5), 'down');
    expect(texts(told, 'lifeline')).toHaveLength(5);
  });
});

describe('a reply to a message about several', () => {
  function stormTold(): { readonly told: Story; readonly code: string } {
    const told = story(5, 'major', {
      steps: [
        { afterMs: 0, page: ['ana'], by: ['sms'] },
        { afterMs: 30 * MINUTE, page: ['ben'], by: ['sms'] },
      ],
    });
    together(told, ids(5), 'down');
    settleAll(told);
    told.after(MINUTE);
    return { told, code: factsOf(texts(told)[0]).code };
  }
  const states = ({ board }: Story) => [...board.incidents.values()].map(({ state }) => state);
  const holders = ({ board }: Story) =>
    [...board.incidents.values()].map(({ acknowledgedBy }) => acknowledgedBy);
  const takenByBen = (told: Story, n: number) => {
    for (const incident of [...told.board.incidents.keys()].slice(0, n)) {
      told.take({ type: 'acknowledge', incident, by: 'ben' });
    }
  };

  test('its code acknowledges each', () => {
    const { told, code } = stormTold();
    expect(heard(told, code)).toBe(`${code}: all 5 incidents are yours`);
    expect(states(told)).toEqual(Array(5).fill('acknowledged'));
  });

  test('RES resolves those that are up, and says how many are not', () => {
    const { told, code } = stormTold();
    expect(heard(told, `RES ${code}`)).toBe(
      `${code}: none of 5 incidents ended; 5 still down: ack, or silence`,
    );
    expect(states(told)).toEqual(Array(5).fill('open'));
  });

  test('ESC pages the next step for each, in one message', () => {
    const { told, code } = stormTold();
    expect(heard(told, `ESC ${code}`)).toBe(
      `${code}: all 5 incidents escalated, the next step is being paged`,
    );
    const bens = texts(told).filter(({ responder }) => responder === 'ben');
    expect(bens).toMatchObject([{ kind: 'page' }]);
    expect(bens[0]?.about).toHaveLength(5);
  });

  test('what others have, and what has ended, stays as it is', () => {
    const { told, code } = stormTold();
    takenByBen(told, 2);
    told.up('c2');
    expect(heard(told, code)).toBe(
      `${code}: 2 of 5 incidents are yours; others have 2; 1 has ended`,
    );
    expect(holders(told)).toEqual(['ben', 'ben', null, 'ana', 'ana']);
  });

  test('ESC heard again once its answer has been taken pages nobody else', () => {
    const told = story(3, 'major', {
      steps: [
        { afterMs: 0, page: ['ana'], by: ['sms'] },
        { afterMs: HOUR, page: ['ben'], by: ['sms'] },
        { afterMs: HOUR, page: ['ana'], by: ['email'] },
      ],
    });
    together(told, ids(3), 'down');
    settleAll(told);
    const text = `ESC ${factsOf(texts(told)[0]).code}`;
    const by = { channel: 'sms', responder: 'ana', sentAt: told.now } as const;
    const words = { type: 'heard', ...by, text, reference: 'SM9' } as const;
    told.take(words);
    told.deliver();
    expect(told.take(words)).toEqual(['heard already']);
    expect([...told.board.incidents.values()].map(({ step }) => step)).toEqual([1, 1, 1]);
  });

  test('ESC leaves those that somebody has, and says so', () => {
    const { told, code } = stormTold();
    takenByBen(told, 2);
    expect(heard(told, `ESC ${code}`)).toBe(
      `${code}: 3 of 5 incidents escalated, the next step is being paged; somebody has 2`,
    );
    expect(holders(told)).toEqual(['ben', 'ben', null, null, null]);
    takenByBen(told.after(1), 5);
    expect(heard(told, `ESC ${code}`)).toBe(`${code}: nothing escalated; somebody has 5`);
    expect(states(told)).toEqual(Array(5).fill('acknowledged'));
  });

  test('what it told as an end is not meant, though it may be down again by now', () => {
    const told = story(7, 'major', { reopenMs: HOUR });
    for (const id of ids(5)) {
      told.down(id);
      settleAll(told);
      goOn(told, MINUTE);
    }
    told.down('c5');
    for (const id of ids(2)) told.up(id);
    goOn(told, 15 * MINUTE);
    const bundle = factsOf(texts(told).find(({ about }) => about.length === 3));
    expect(bundle.bundle).toMatchObject({ down: 1, over: 2 });
    told.down('c0');
    goOn(told, QUARTER);
    expect(heard(told, bundle.code)).toBe(`${bundle.code} is yours: Check c5`);
    expect(holders(told)).toEqual([null, null, null, null, null, 'ana']);
    expect(heard(told.after(1), `RES ${bundle.code}`)).toBe(
      `${bundle.code} still down: ack, or silence it`,
    );
    const { code } = told.incident();
    expect(heard(told, `ESC ${bundle.code}`)).toBe(
      `${bundle.code}: Ana Silva has it. ESC ${code} = all the same`,
    );
  });

  test('about very many it is taken in slices, and answered once', () => {
    const told = story(450);
    for (let from = 0; from < 450; from += 150) together(told, ids(150, from), 'down');
    goOn(told, MINUTE);
    const row = texts(told).find(({ about }) => about.length === 300)!;
    const { code } = factsOf(row);
    const sentAt = told.now;
    const said = { type: 'heard', channel: 'sms', responder: 'ana', text: code, sentAt } as const;
    const slices = inSlices(told.board, { ...said, reference: 'R1' });
    expect(slices.map(({ part }) => part?.ids.length)).toEqual([200, 100]);
    const [first, last] = slices.map((slice) => told.take(slice));
    expect(first).toContain('heard in part');
    expect(last).toContain('answered');
    expect(states(told).filter((state) => state === 'acknowledged')).toHaveLength(300);
    const [answer] = told.changes.at(-1)!.notifications.filter(({ key }) => key.startsWith('answ'));
    expect(answer?.facts).toMatchObject({ text: `${code}: all 300 incidents are yours` });
    expect(told.take(...slices)).toEqual(['heard already', 'heard already']);
  });

  test('WHY says how many are down, and the first codes', () => {
    const { told, code } = stormTold();
    const said = heard(told, `WHY ${code}`);
    expect(said).toContain(`${code}: 5 incidents, all still down. Nobody has 5: `);
    for (const row of told.board.incidents.values()) expect(said).toContain(row.code);
  });

  test('a name pages that person for each, in one message', () => {
    const { told, code } = stormTold();
    expect(heard(told, `BEN ${code}`)).toBe(`${code}: Ben Okoro is being paged for 5 incidents`);
    expect(texts(told).filter(({ responder }) => responder === 'ben')).toHaveLength(1);
  });

  test('changes nothing once all have ended, or when it is from the use before of that code', () => {
    const { told, code } = stormTold();
    const sentAt = MIDNIGHT - CODE_REST_MS;
    told.take({
      ...{ type: 'heard', channel: 'sms', responder: 'ana', text: code, sentAt, reference: 'R' },
    });
    expect(states(told)).toEqual(Array(5).fill('open'));
    together(told, ids(5), 'up');
    expect(heard(told, code)).toBe(`${code}: all 5 incidents have ended`);
  });

  test('a bare ACK is answered with the code of the bundle', () => {
    const { told, code } = stormTold();
    expect(heard(told, 'ACK')).toBe(`Which one? Reply with one of: ${code}`);
  });
});

describe('all channels down for 6 hours and back', () => {
  test('one message to each of what is still true, and nothing stale', () => {
    const told = story(12, 'major', { repeat: { everyMs: 30 * MINUTE, times: null } });
    const fail = (): void => {
      for (const row of [...told.board.notifications.values()]) {
        if (row.dueAt === null || row.dueAt > told.now || isHeld(row)) continue;
        const wait = Math.min(5 * MINUTE, 10 * SECOND * 2 ** row.attempts);
        told.receipt(row, { outcome: 'deferred', reason: 'network', detail: '' }, told.now + wait);
      }
    };
    for (let hour = 0; hour < 6; hour += 1) {
      told.down(`c${2 * hour}`);
      told.down(`c${2 * hour + 1}`);
      for (let at = 0; at < 30; at += 1) {
        told.pass(MINUTE);
        fail();
      }
      told.up(`c${2 * hour}`);
      for (let at = 0; at < 30; at += 1) {
        told.pass(MINUTE);
        fail();
      }
    }
    expect(texts(told).filter(({ acceptedAt }) => acceptedAt !== null)).toEqual([]);
    goOn(told, 10 * MINUTE);
    for (const channel of ['sms', 'email', 'lifeline']) {
      const got = texts(told, channel).filter(({ acceptedAt }) => acceptedAt !== null);
      const open = [...told.board.incidents.values()].filter(({ state }) => state === 'open');
      expect(open).toHaveLength(6);
      expect(
        got.map(({ about }) => about.length),
        channel,
      ).toHaveLength(1);
      const said = new Set(got.flatMap(({ about }) => about));
      for (const { id } of open) expect(said).toContain(id);
      if (channel !== 'lifeline') expect(said.size).toBe(6);
    }
  });
});

test('a restart in the middle finds what waits, and when it leaves', () => {
  const told = story(12);
  for (const id of ids(12)) {
    told.down(id);
    settleAll(told);
    told.after(SECOND);
  }
  const [waiting] = held(told);
  expect(waiting).toBeDefined();
  const { board } = told;
  const snapshot: Snapshot = {
    ...{ seq: board.seq, epoch: 2, savedAt: told.now, secret: '' },
    checks: [...board.checks.values()],
    incidents: [...board.incidents.values()],
    members: [...board.members.values()].flatMap((members) => [...members.values()]),
    timeline: [...board.timelines.values()].flat(),
    notifications: [...board.notifications.values()].toSorted((a, b) => a.at - b.at),
    silences: [],
    overrides: [],
    drills: [],
    reaches: [],
    cursors: [],
    codes: [],
  };
  told.board = rebuild(snapshot, told.now);
  expect(told.board.lanes).toEqual(board.lanes);
  expect(told.board.gathered).toEqual(board.gathered);
  told.take({ type: 'started', awaySince: told.now });
  goOn(told, MINUTE);
  expect(texts(told).map(({ about }) => about.length)).toEqual([1, 1, 10]);
  expect(texts(told).at(-1)?.key).toBe(waiting?.key);
  expect(texts(told).filter(isBundle)).toHaveLength(1);
});
