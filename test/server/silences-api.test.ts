import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../src/incident/apply.ts';
import type { Input } from '../../src/incident/input.ts';
import { change } from '../store/rows.ts';
import { checkOf, configOf, House, silenceOf, stateOf } from './house.ts';

let house: House;
let stop: () => Promise<void>;

beforeEach(async () => {
  house = new House();
  house.config = configOf([checkOf('shop', { tags: { team: 'web' } }), checkOf('edge')]);
  const planned = silenceOf('w1', { window: 'w', covers: ['edge'], begunAt: null });
  apply(house.board, change({ seq: 1, epoch: 1, silences: [silenceOf('s1'), planned] }));
  house.outcome = 'silence begun';
  house.about = { silence: 's1' };
  const operator = await house.open();
  stop = () => operator.stop();
});
afterEach(() => stop());

const AT = '/api/v1/silences';
const S1 = {
  id: 's1',
  covers: ['shop'],
  below: false,
  by: 'ana',
  why: 'deploy',
  startsAt: '2026-01-05T04:12:00.000Z',
  endsAt: '2026-01-05T05:12:00.000Z',
  maintenance: false,
  window: null,
  inForce: true,
};

describe('silencing', () => {
  it('a check for a while answers 201 with the silence', async () => {
    const reply = await house.post(AT, { check: 'shop', for: '1h', by: 'ana', why: 'deploy' });
    expect(reply.status).toBe(201);
    expect(reply.json).toEqual(S1);
    expect(house.inputs).toEqual<Input[]>([
      {
        type: 'silence',
        covers: ['shop'],
        below: false,
        forMs: 3_600_000,
        by: 'ana',
        why: 'deploy',
      },
    ]);
  });

  it('answers 202 when it took effect and is not stored yet', async () => {
    house.recorded = false;
    const reply = await house.post(AT, { check: 'shop', for: '1h', by: 'ana', why: 'deploy' });
    expect(reply.status).toBe(202);
  });

  it.each([
    [
      { check: '*', for: '1h' },
      { covers: ['*'], forMs: 3_600_000 },
    ],
    [
      { check: 'team=web', for: '1h', below: true },
      { covers: ['team=web'], below: true },
    ],
    [
      { check: 'shop', until: 'recovered' },
      { covers: ['shop'], forMs: null },
    ],
  ])('%j', async (wish, expected) => {
    expect((await house.post(AT, { ...wish, by: 'ana', why: 'deploy' })).status).toBe(201);
    expect(house.inputs).toMatchObject([expected]);
  });

  it.each([
    [{ check: 'shpo', for: '1h' }, 'check: unknown check "shpo": did you mean "shop"?'],
    [{ check: 'team=wbe', for: '1h' }, 'check: no check has the tag "team=wbe"'],
    [{ check: 'shop' }, 'for: expected either "for", such as "2h", or "until": "recovered"'],
    [{ check: 'shop', for: '1h', until: 'recovered' }, 'for: expected either'],
    [{ check: '*', until: 'recovered' }, 'until: only one check can be silenced until it recovers'],
    [{ check: 'shop', for: 2 }, 'for: 2 has no unit'],
    [{ check: 'shop', fro: '2h' }, 'unknown key "fro": did you mean "for"?'],
  ])('%j is refused, and nothing is decided', async (wish, expected) => {
    const reply = await house.post(AT, { ...wish, by: 'ana', why: 'deploy' });
    expect(reply.status).toBe(400);
    expect(reply.json.detail).toContain(expected);
    expect(house.inputs).toEqual([]);
  });

  it.each(['up', 'degraded'] as const)('%s, nothing is to recover from', async (status) => {
    house.board.checks.set('shop', stateOf('shop', { status }));
    const reply = await house.post(AT, { check: 'shop', until: 'recovered', by: 'ana', why: 'x' });
    expect(reply).toMatchObject({ status: 409, json: { title: `shop is ${status}` } });
    expect(house.inputs).toEqual([]);
  });

  it('needs a reason, and somebody whose it is', async () => {
    const reply = await house.post(AT, { check: 'shop', for: '1h' });
    expect(reply.json.problems).toEqual([
      'by: expected who says so, such as "ana"',
      'why: expected text',
    ]);
  });
});

it('lists those in force and those that are planned', async () => {
  const { json } = await house.get(AT);
  expect(json.items).toMatchObject([S1, { id: 'w1', maintenance: true, inForce: false }]);
  expect((await house.get(`${AT}/s1`)).json).toEqual(S1);
  expect((await house.get(`${AT}/s9`)).status).toBe(404);
});

it('a check says what silences it', async () => {
  const { json } = await house.get('/api/v1/checks/shop');
  expect(json).toMatchObject({ silence: S1, tags: { team: 'web' } });
});

describe('ending a silence', () => {
  it('before its time', async () => {
    house.outcome = 'silence ended';
    const reply = await house.post(`${AT}/s1/end`, { by: 'ben' });
    expect(reply.status).toBe(200);
    expect(house.inputs).toEqual<Input[]>([{ type: 'unsilence', silence: 's1', by: 'ben' }]);
  });

  it('that is not there is not found', async () => {
    expect((await house.post(`${AT}/s9/end`, { by: 'ben' })).status).toBe(404);
    expect(house.inputs).toEqual([]);
  });

  it('of the plan is a conflict that says where it is written', async () => {
    house.outcome = 'planned in checks.yml';
    const reply = await house.post(`${AT}/w1/end`, { by: 'ben' });
    expect(reply.status).toBe(409);
    expect(reply.json.title).toBe('planned in checks.yml');
  });
});
