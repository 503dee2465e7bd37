import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Rotation } from '../../src/calendar/rotation.ts';
import { boardOf, checkOf, configOf, House } from './house.ts';

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

let house: House;
let stop: () => Promise<void>;
beforeEach(async () => {
  house = new House();
  house.board = boardOf([], []);
  house.config = configOf([checkOf('shop')], { rotations: new Map([['primary', PRIMARY]]) });
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
