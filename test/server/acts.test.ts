import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Input } from '../../src/incident/input.ts';
import { escalationCalled } from '../incident/story.ts';
import { facts } from '../message/facts.ts';
import { boardOf, House, incidentOf, memberOf, notificationOf } from './house.ts';

let house: House;
let stop: () => Promise<void>;

beforeEach(async () => {
  house = new House();
  house.board = boardOf([incidentOf('7K')], [memberOf('incident-7K', 'shop')]);
  const operator = await house.open();
  stop = () => operator.stop();
});
afterEach(() => stop());

const AT = '/api/v1/incidents/7k';
const ABOUT = { incident: 'incident-7K', by: 'ana' };

describe('acknowledging', () => {
  it('answers 200 with the incident when it is stored', async () => {
    const reply = await house.post(`${AT}/acknowledge`, { by: ' ana ' });
    expect(reply.status).toBe(200);
    expect(reply.json.code).toBe('7K');
    expect(house.inputs).toEqual<Input[]>([{ type: 'acknowledge', ...ABOUT, takeOver: false }]);
  });

  it('answers 202 when it took effect and is not stored yet', async () => {
    house.recorded = false;
    expect((await house.post(`${AT}/acknowledge`, { by: 'ana' })).status).toBe(202);
  });

  it('takes how long it holds, and words for the timeline', async () => {
    await house.post(`${AT}/acknowledge`, { by: 'ana', for: '4h', text: 'on it' });
    expect(house.inputs).toEqual<Input[]>([
      { type: 'acknowledge', ...ABOUT, takeOver: false, forMs: 14_400_000 },
      { type: 'note', ...ABOUT, text: 'on it' },
    ]);
  });

  it('takes it over from whoever has it, if asked to', async () => {
    await house.post(`${AT}/acknowledge`, { by: 'ana', take_over: true });
    expect(house.inputs).toEqual<Input[]>([{ type: 'acknowledge', ...ABOUT, takeOver: true }]);
  });

  it('twice is no error', async () => {
    house.outcome = 'acknowledged already';
    expect((await house.post(`${AT}/acknowledge`, { by: 'ben' })).status).toBe(200);
  });

  it('what is over is a conflict', async () => {
    house.outcome = 'resolved already';
    const reply = await house.post(`${AT}/acknowledge`, { by: 'ana', text: 'late' });
    expect(reply.status).toBe(409);
    expect(reply.json.title).toBe('resolved already');
    expect(house.inputs).toHaveLength(1);
  });

  it('an unknown code is not found, and nothing is decided', async () => {
    expect((await house.post('/api/v1/incidents/ZZ/acknowledge', { by: 'ana' })).status).toBe(404);
    expect(house.inputs).toEqual([]);
  });
});

describe('resolving', () => {
  beforeEach(() => {
    house.outcome = 'resolved';
  });

  it('by hand', async () => {
    expect((await house.post(`${AT}/resolve`, { by: 'ana', text: 'fixed' })).status).toBe(200);
    expect(house.inputs).toEqual<Input[]>([
      { type: 'resolve', ...ABOUT, force: null },
      { type: 'note', ...ABOUT, text: 'fixed' },
    ]);
  });

  it('while it is still down is a conflict that says what to do', async () => {
    house.outcome = 'still down';
    const reply = await house.post(`${AT}/resolve`, { by: 'ana' });
    expect(reply.status).toBe(409);
    expect(reply.json).toMatchObject({
      status: 409,
      title: 'still down: ack, or silence it',
      detail: expect.stringContaining('The shop is not back'),
    });
  });

  it('by force needs the reason', async () => {
    const reply = await house.post(`${AT}/resolve`, { by: 'ana', force: true });
    expect(reply.status).toBe(400);
    expect(house.inputs).toEqual([]);
    await house.post(`${AT}/resolve`, { by: 'ana', force: true, text: 'decommissioned' });
    expect(house.inputs).toEqual<Input[]>([{ type: 'resolve', ...ABOUT, force: 'decommissioned' }]);
  });

  it.each(['resolved already', 'unknown incident'] as const)(
    'what is over (%s) is as wanted',
    async (outcome) => {
      house.outcome = outcome;
      const over = incidentOf('2A', { state: 'resolved' });
      house.stored = [{ incident: over, members: [], timeline: [], notifications: [] }];
      const reply = await house.post('/api/v1/incidents/2A/resolve', { by: 'ana' });
      expect(reply.status).toBe(200);
      expect(reply.json.state).toBe('resolved');
    },
  );
});

describe('notes', () => {
  it('go into the timeline', async () => {
    house.outcome = 'noted';
    expect((await house.post(`${AT}/notes`, { by: 'ana', text: 'disk full' })).status).toBe(200);
    expect(house.inputs).toEqual<Input[]>([{ type: 'note', ...ABOUT, text: 'disk full' }]);
  });
});

describe('severity', () => {
  it('is raised or lowered, with words for the timeline', async () => {
    house.outcome = 'raised';
    const reply = await house.post(`${AT}/severity`, {
      by: 'ana',
      severity: 'critical',
      text: 'no payments at all',
    });
    expect(reply.status).toBe(200);
    expect(house.inputs).toEqual<Input[]>([
      { type: 'severity', ...ABOUT, severity: 'critical' },
      { type: 'note', ...ABOUT, text: 'no payments at all' },
    ]);
  });
});

describe('paging somebody', () => {
  it('by id or name', async () => {
    house.outcome = 'paged';
    expect((await house.post(`${AT}/page`, { by: 'ana', responder: 'ben' })).status).toBe(200);
    expect(house.inputs).toEqual<Input[]>([{ type: 'page', ...ABOUT, responder: 'ben' }]);
  });

  it('who is not there is refused, with who may have been meant', async () => {
    house.outcome = 'unknown responder';
    const ben = { id: 'ben', name: 'Ben', addresses: new Map(), timezone: null };
    house.config = { ...house.config, responders: new Map([['ben', ben]]) };
    const reply = await house.post(`${AT}/page`, { by: 'ana', responder: 'bne' });
    expect(reply.status).toBe(400);
    expect(reply.json.detail).toContain('unknown responder "bne": did you mean "ben"?');
  });

  it('whom no channel reaches is a conflict', async () => {
    house.outcome = 'no address';
    expect((await house.post(`${AT}/page`, { by: 'ana', responder: 'ben' })).status).toBe(409);
  });
});

describe('opening one by hand', () => {
  const OPEN = '/api/v1/incidents';
  const report = { by: 'ben', title: 'Customers cannot pay', severity: 'major' };
  const escalations = new Map([['on-call', escalationCalled('on-call')]]);

  beforeEach(() => {
    house.config = { ...house.config, escalations };
    house.outcome = 'opened';
    house.about = { incident: 'incident-7K' };
  });

  it('answers 201 with the incident, and pages as a check would', async () => {
    const reply = await house.post(OPEN, { ...report, text: 'three calls' });
    expect(reply.status).toBe(201);
    expect(reply.json.code).toBe('7K');
    expect(house.inputs).toEqual<Input[]>([
      { type: 'open', ...report, severity: 'major', escalation: 'on-call', text: 'three calls' },
    ]);
  });

  it('or nobody, if so wished', async () => {
    await house.post(OPEN, { ...report, escalation: 'none' });
    expect(house.inputs).toMatchObject([{ type: 'open', escalation: null }]);
  });

  it.each([
    [{ escalation: 'on-cal' }, 'unknown escalation "on-cal": did you mean "on-call"?'],
    [{ severity: 'terrible' }, 'severity: expected critical, major or minor'],
    [{ title: 'two\nlines' }, 'title: expected 1 to 200 characters on one line'],
  ])('with %j it is refused, and nothing is decided', async (wrong, expected) => {
    const reply = await house.post(OPEN, { ...report, ...wrong });
    expect(reply.status).toBe(400);
    expect(reply.json.detail).toContain(expected);
    expect(house.inputs).toEqual([]);
  });
});

describe('a body that is not as expected is refused whole, and nothing is decided', () => {
  it.each([
    ['acknowledge', '', 'expected a JSON object'],
    ['acknowledge', '{"by":', 'expected a JSON object'],
    ['acknowledge', 'null', 'expected object'],
    ['acknowledge', '["ana"]', 'expected object'],
    ['acknowledge', {}, 'by: expected who says so'],
    ['acknowledge', { by: 7 }, 'by: expected who says so'],
    ['acknowledge', { by: '  ' }, 'by: expected a name'],
    ['acknowledge', { by: 'ana\nRESOLVED' }, 'by: expected a name'],
    ['acknowledge', { by: 'a'.repeat(101) }, 'by: expected a name'],
    ['acknowledge', { by: 'ana', for: 4 }, 'for: 4 has no unit'],
    ['acknowledge', { by: 'ana', for: '0s' }, 'for: 0s is too short'],
    ['acknowledge', { by: 'ana', fro: '4h' }, 'unknown key "fro": did you mean "for"?'],
    ['acknowledge', { by: 'ana', force: true }, 'unknown key "force": did you mean'],
    ['resolve', { by: 'ana', force: 'yes' }, 'force: expected true or false'],
    ['notes', { by: 'ana' }, 'text: expected text'],
    ['notes', { by: 'ana', text: ' ' }, 'text: must not be empty'],
    ['notes', { by: 'ana', text: 'x'.repeat(2_001) }, 'text: at most 2000 characters'],
  ])('%s %j', async (verb, body, expected) => {
    const reply = await house.post(`${AT}/${verb}`, body);
    expect(reply.status).toBe(400);
    expect(reply.json.detail).toContain(expected);
    expect(house.inputs).toEqual([]);
  });

  it('all that is wrong is said at once', async () => {
    const reply = await house.post(`${AT}/notes`, { yb: 'ana', txt: 'hello' });
    expect(reply.json.problems).toEqual([
      'by: expected who says so, such as "ana"',
      'text: expected text',
      'unknown key "yb": did you mean "by"?',
      'unknown key "txt": did you mean "text"?',
    ]);
  });
});

describe('by the code of a message about several', () => {
  const AT_D3 = '/api/v1/incidents/d3';
  const bundle = { down: 2, checks: 2, over: 1, news: 0, shared: '', lines: [] };

  beforeEach(async () => {
    await stop();
    const incidents = ['7K', '8M', '9Q'].map((code) => incidentOf(code));
    const row = notificationOf('bundle.1', {
      about: incidents.map(({ id }) => id),
      facts: facts({ code: 'D3', bundle }),
    });
    house.board = boardOf(incidents, [memberOf('incident-7K', 'shop')], [row]);
    house.board.bundles.set('D3', row.key);
    const operator = await house.open();
    stop = () => operator.stop();
  });

  it('each of those that it called down is acknowledged, and the answer says which', async () => {
    const reply = await house.post(`${AT_D3}/acknowledge`, { by: 'ana', for: '4h' });
    expect([reply.status, reply.json]).toEqual([
      200,
      { code: 'D3', changed: ['7K', '8M'], unchanged: [] },
    ]);
    const said = { type: 'acknowledge', by: 'ana', takeOver: false, forMs: 14_400_000 } as const;
    expect(house.inputs).toEqual<Input[]>([
      { ...said, incident: 'incident-7K' },
      { ...said, incident: 'incident-8M' },
    ]);
  });

  it('and why others are as they were', async () => {
    house.outcome = 'acknowledged already';
    house.recorded = false;
    const reply = await house.post(`${AT_D3}/acknowledge`, { by: 'ana' });
    const why = 'acknowledged already';
    expect([reply.status, reply.json]).toEqual([
      202,
      {
        code: 'D3',
        changed: [],
        unchanged: [
          { code: '7K', why },
          { code: '8M', why },
        ],
      },
    ]);
  });

  it('words are a note of each, but of those that are over', async () => {
    house.outcome = 'noted';
    await house.post(`${AT_D3}/notes`, { by: 'ana', text: 'a switch' });
    expect(house.inputs.map(({ type }) => type)).toEqual(['note', 'note']);
    house.outcome = 'resolved already';
    await house.post(`${AT_D3}/acknowledge`, { by: 'ana', text: 'on it' });
    expect(house.inputs.map(({ type }) => type).slice(2)).toEqual(['acknowledge', 'acknowledge']);
  });

  it('whom nobody knows is not paged for any', async () => {
    house.outcome = 'unknown responder';
    expect((await house.post(`${AT_D3}/page`, { by: 'ana', responder: 'bem' })).status).toBe(400);
  });

  it('what is asked by it is answered with all that the message was about', async () => {
    const { status, json } = await house.get(AT_D3);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      code: 'D3',
      at: '2026-01-05T04:12:00.000Z',
      incidentsTotal: 3,
      incidents: [{ code: '7K', checks: [{ id: 'shop' }] }, { code: '8M' }, { code: '9Q' }],
    });
  });
});
