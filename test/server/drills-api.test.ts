import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../src/incident/apply.ts';
import { change, drill, NOON, reach } from '../store/rows.ts';
import { configOf, House, notificationOf } from './house.ts';

const ANA = {
  id: 'ana',
  name: 'Ana Silva',
  addresses: new Map([['sms' as const, '+351912345678']]),
  timezone: null,
};
const AT = '/api/v1/drills';

let house: House;
let stop: () => Promise<void>;

beforeEach(async () => {
  house = new House();
  const escalations = new Map([['on-call', {} as never]]);
  house.config = configOf([], { responders: new Map([['ana', ANA]]), escalations });
  const channels = house.config.channels;
  const sms = { ...channels.get('sms')!, address: 'sms' as const };
  house.config = { ...house.config, channels: new Map([...channels, ['sms', sms]]) };
  const sent = notificationOf('d1.drill.ana.sms', { kind: 'drill', about: ['d1'] });
  const drills = [
    drill('d1'),
    drill('d2', { code: '3P', begunAt: null, people: [], startsAt: NOON + 1, answerBy: null }),
  ];
  const reaches = [reach('ana', 'sms'), reach('ana', 'lifeline', { answeredAt: NOON })];
  apply(house.board, change({ seq: 1, epoch: 1, drills, reaches, notifications: [sent] }));
  house.outcome = 'drill begun';
  house.about = { drill: 'd1' };
  const operator = await house.open();
  stop = () => operator.stop();
});
afterEach(() => stop());

describe('drills', () => {
  it('are listed, the latest first, with who is asked and what was sent', async () => {
    const { json } = await house.get(AT);
    expect(json).toMatchObject({
      items: [
        { code: '3P', state: 'planned', people: [] },
        {
          code: '9M',
          state: 'under way',
          people: [
            {
              responder: 'ana',
              name: 'Ana Silva',
              state: 'asked',
              notifications: [{ channel: 'sms', state: 'accepted' }],
            },
          ],
        },
      ],
      next: null,
    });
    expect((await house.get(`${AT}/9m`)).json).toMatchObject({ code: '9M' });
    expect((await house.get(`${AT}/7K`)).status).toBe(404);
  });

  it('begin by a word, and only one at a time', async () => {
    const wish = { escalation: 'on-call', within: '10m', by: 'ana' };
    expect((await house.post(AT, wish)).status).toBe(201);
    expect(house.inputs).toEqual([
      { type: 'drill', escalation: 'on-call', by: 'ana', withinMs: 600_000 },
    ]);
    house.recorded = false;
    expect((await house.post(AT, wish)).status).toBe(202);
    house.outcome = 'drill under way';
    const second = await house.post(AT, wish);
    expect(second.status).toBe(409);
    expect(second.json).toMatchObject({ detail: expect.stringContaining('9M of on-call') });
  });

  it.each([
    [{ escalation: 'on-cal' }, 'escalation: unknown escalation "on-cal": did you mean "on-call"?'],
    [{ escalation: 'on-call', within: '5s' }, 'within: 5s is too short: at least 1m'],
  ])('%j is refused', async (wish, problem) => {
    const reply = await house.post(AT, { ...wish, by: 'ana' });
    expect(reply.status).toBe(400);
    expect(JSON.stringify(reply.json)).toContain(problem.replaceAll('"', '\\"'));
    expect(house.inputs).toEqual([]);
  });

  it('are answered by those who are asked', async () => {
    house.outcome = 'drill answered';
    expect((await house.post(`${AT}/9M/acknowledge`, { by: 'ana' })).status).toBe(200);
    expect(house.inputs).toEqual([{ type: 'answer', drill: 'd1', by: 'ana', channel: null }]);
    house.outcome = 'unknown responder';
    const other = await house.post(`${AT}/9M/acknowledge`, { by: 'zoe' });
    expect([other.status, other.json]).toMatchObject([409, { title: 'not asked' }]);
    expect((await house.post(`${AT}/3P/acknowledge`, { by: 'ana' })).status).toBe(404);
  });

  it('are called off by their code or their escalation, while they are under way', async () => {
    house.outcome = 'drill over';
    expect((await house.post(`${AT}/9M/cancel`, { by: 'ben' })).status).toBe(200);
    expect((await house.post(`${AT}/on-call/cancel`, { by: 'ben' })).status).toBe(200);
    const off = { type: 'call_off', drill: 'd1', by: 'ben' };
    expect(house.inputs).toEqual([off, off]);
    house.outcome = 'drill not under way';
    const early = await house.post(`${AT}/3P/cancel`, { by: 'ben' });
    expect([early.status, early.json]).toMatchObject([
      409,
      { detail: '3P has not begun: take it out of checks.yml.' },
    ]);
    expect((await house.post(`${AT}/other/cancel`, { by: 'ben' })).status).toBe(404);
  });

  it('are no incidents: whoever asks for one by that name is shown the way', async () => {
    const reply = await house.get('/api/v1/incidents/9M');
    expect(reply.status).toBe(404);
    expect(reply.json).toMatchObject({ detail: expect.stringContaining('/api/v1/drills/9M') });
    expect((await house.get('/api/v1/incidents?state=all')).json).toMatchObject({ items: [] });
  });
});

it('when everybody was last reached is told for each way to them', async () => {
  expect((await house.get('/api/v1/reach')).json).toEqual({
    items: [
      {
        responder: 'ana',
        name: 'Ana Silva',
        channel: 'sms',
        lastReachedAt: new Date(NOON).toISOString(),
        lastAnsweredAt: null,
      },
      {
        responder: 'ana',
        name: 'Ana Silva',
        channel: 'lifeline',
        lastReachedAt: new Date(NOON).toISOString(),
        lastAnsweredAt: new Date(NOON).toISOString(),
      },
    ],
    next: null,
  });
});
