import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Input } from '../../src/incident/input.ts';
import type { Rotation } from '../../src/calendar/rotation.ts';
import { boardOf, checkOf, configOf, House, MORNING } from './house.ts';

const PRIMARY: Rotation = {
  id: 'primary',
  layers: [
    {
      members: ['ana', 'ben'],
      startsAt: Date.UTC(2026, 0, 5),
      handoff: '0 9 * * 1',
      timezone: 'UTC',
      hours: null,
    },
  ],
};

const BEN = { id: 'ben', name: 'Ben, Okoro', addresses: new Map(), timezone: null };

let house: House;
let stop: () => Promise<void>;
beforeEach(async () => {
  house = new House();
  house.board = boardOf([], []);
  house.config = configOf([checkOf('shop')], {
    rotations: new Map([['primary', PRIMARY]]),
    responders: new Map([['ben', BEN]]),
  });
  const operator = await house.open();
  stop = () => operator.stop();
});
afterEach(() => stop());

describe('who is on duty', () => {
  it('now, until when, and who is next', async () => {
    const { json } = await house.get('/api/v1/oncall');
    expect(json).toEqual({
      at: '2026-01-05T04:12:00.000Z',
      items: [
        {
          rotation: 'primary',
          responder: 'ana',
          name: null,
          until: '2026-01-12T09:00:00.000Z',
          next: 'ben',
          layer: 1,
        },
      ],
      next: null,
    });
  });

  it('at another time', async () => {
    const { json } = await house.get('/api/v1/oncall?at=2026-01-12T09:00Z');
    expect(json).toMatchObject({ items: [{ responder: 'ben', next: 'ana' }] });
  });

  it('a time that is none is refused in words', async () => {
    const { status, json } = await house.get('/api/v1/oncall?at=tuesday');
    expect(status).toBe(400);
    expect(json).toMatchObject({ detail: 'at: expected a time such as 2026-01-05T09:00Z' });
  });

  it.each(['2126-01-05T09:00Z', '1926-01-05T09:00Z'])(
    'a time so far off that it would hold up pages is refused: %s',
    async (at) => {
      const { status, json } = await house.get(`/api/v1/oncall?at=${at}`);
      expect(status).toBe(400);
      expect(json).toMatchObject({ detail: 'at: expected a time within a year' });
    },
  );
});

describe('taking a turn over', () => {
  const WISH = { rotation: 'primary', responder: 'ben', by: 'ben' };

  it('from now or from a time on, for so long or until a time', async () => {
    await house.post('/api/v1/overrides', { ...WISH, for: '12h' });
    const times = { from: '2026-01-06T18:00Z', until: '2026-01-07T09:00Z', why: 'a wedding' };
    expect((await house.post('/api/v1/overrides', { ...WISH, ...times })).status).toBe(201);
    expect(house.inputs).toEqual<Input[]>([
      { type: 'override', ...WISH, from: MORNING, until: MORNING + 12 * 3_600_000, why: '' },
      {
        ...{ type: 'override', ...WISH, why: 'a wedding' },
        ...{ from: Date.UTC(2026, 0, 6, 18), until: Date.UTC(2026, 0, 7, 9) },
      },
    ]);
  });

  it.each([
    [{ rotation: 'primray', for: '1h' }, 'did you mean "primary"?'],
    [{ responder: 'carol', for: '1h' }, 'unknown responder "carol": expected ben'],
    [{}, 'until: expected either "until", a time, or "for", such as "12h"'],
    [{ from: '2026-01-06T18:00Z', until: '2026-01-06T18:00Z' }, 'until: is not after "from"'],
    [{ from: '2026-01-01T18:00Z', until: '2026-01-02T18:00Z' }, 'until: is over already'],
    [{ for: '93d' }, 'until: at most 92 days: edit the rotation'],
  ])('%o is refused in words', async (wrong, why) => {
    const { status, json } = await house.post('/api/v1/overrides', { ...WISH, ...wrong });
    expect([status, json]).toEqual([400, expect.objectContaining({ detail: expect.any(String) })]);
    expect(JSON.stringify(json)).toContain(JSON.stringify(why).slice(1, -1));
    expect(house.inputs).toEqual([]);
  });

  it('is listed until it is over, and can be given back', async () => {
    const { board } = house;
    const spell = { ...WISH, why: '', at: MORNING, endedAt: null };
    board.overrides.set('o1', { ...spell, id: 'o1', from: 0, until: MORNING });
    board.overrides.set('o2', { ...spell, id: 'o2', from: MORNING, until: MORNING + 3_600_000 });
    const { json } = await house.get('/api/v1/overrides');
    expect(json).toMatchObject({ items: [{ id: 'o2', responder: 'ben', rotation: 'primary' }] });
    await house.post('/api/v1/overrides/o2/end', { by: 'ben' });
    expect(house.inputs).toEqual<Input[]>([{ type: 'unoverride', override: 'o2' }]);
    expect((await house.post('/api/v1/overrides/o3/end', { by: 'ben' })).status).toBe(404);
  });

  it('shows in the calendar', async () => {
    const { board } = house;
    const times = { from: MORNING + 3_600_000, until: MORNING + 7_200_000, at: 0, endedAt: null };
    board.overrides.set('o1', { id: 'o1', ...WISH, why: '', ...times });
    const { text, headers } = await house.get('/api/v1/oncall.ics');
    expect(headers['content-type']).toBe('text/calendar; charset=utf-8');
    const events = [...text.matchAll(/DTSTART:(\w+)\r\nDTEND:(\w+)\r\nSUMMARY:(.*)\r\n/g)];
    expect(events.slice(0, 3).map(([, from, until, title]) => [from, until, title])).toEqual([
      ['20260105T041200Z', '20260105T051200Z', 'ana: primary'],
      ['20260105T051200Z', '20260105T061200Z', 'Ben\\, Okoro: primary'],
      ['20260105T061200Z', '20260112T090000Z', 'ana: primary'],
    ]);
    expect((await house.get('/api/v1/oncall.ics?rotation=other')).status).toBe(404);
  });
});
