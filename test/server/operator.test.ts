import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { createOperator } from '../../src/server/operator.ts';
import { ask, boardOf, House, incidentOf, stateOf } from './house.ts';

let house: House;
let operator: ReturnType<typeof createOperator>;

beforeEach(async () => {
  house = new House();
  house.board = boardOf([incidentOf('7K')], []);
  house.board.checks.set(
    'shop',
    stateOf('shop', { status: 'down', lastStatus: 'down', reason: 'status', brief: 'HTTP 503' }),
  );
  house.board.incidentOf.set('shop', 'incident-7K');
  operator = await house.open();
});
afterEach(() => operator.stop());

describe('what machines ask', () => {
  it('metrics as they were rendered, with their content type', async () => {
    const reply = await house.get('/metrics');
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(reply.text).toBe('up 1\n');
  });

  it('a scraper that reads nothing costs a few chunks, and is let go when it leaves', async () => {
    let made = 0;
    house.metrics = function* () {
      for (;;) {
        made += 1;
        yield 'x'.repeat(64 * 1024);
      }
    };
    const scraper = connect(house.port, '127.0.0.1');
    scraper.pause().write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const turns = async () => {
      for (let turn = 0; turn < 500; turn += 1) await new Promise(setImmediate);
    };
    let before = -1;
    while (before !== made || made === 0) {
      before = made;
      await turns();
    }
    // What fits into the buffers of both sockets.
    expect(made).toBeLessThan(200);
    scraper.destroy();
    while (house.scrapesLeft === 0) await turns();
  });

  it('healthy says that the process lives; ready, that it watches', async () => {
    expect((await house.get('/-/healthy')).status).toBe(200);
    expect((await house.get('/-/ready')).status).toBe(200);
    house.ready = false;
    expect((await house.get('/-/healthy')).status).toBe(200);
    const reply = await house.get('/-/ready');
    expect(reply.status).toBe(503);
    expect(reply.headers['content-type']).toBe('application/problem+json');
  });

  it('a reload says what is wrong with the file, each problem on its own', async () => {
    expect((await house.post('/-/reload', '')).status).toBe(200);
    house.reloaded = { problems: ['checks.yml:3:1 unknown key', 'checks.yml:4:1 no such id'] };
    const reply = await house.post('/-/reload', {});
    expect(reply.status).toBe(400);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(reply.json.problems).toEqual(house.reloaded.problems);
  });

  it('nothing is cached or sniffed, errors included', async () => {
    for (const path of ['/metrics', '/api/v1/checks', '/nowhere']) {
      const { headers } = await house.get(path);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('the index names every endpoint', async () => {
    expect((await house.get('/')).text).toContain('POST /api/v1/incidents/CODE/acknowledge');
  });

  it('an unknown path is not found, a wrong method is told the right ones', async () => {
    expect((await house.get('/nowhere')).json).toMatchObject({ status: 404, title: 'not found' });
    expect((await house.get('/api/v1/checks/')).status).toBe(404);
    const onMetrics = await house.post('/metrics', {});
    expect(onMetrics.status).toBe(405);
    expect(onMetrics.headers.allow).toBe('GET, HEAD');
    const onReload = await house.get('/-/reload');
    expect(onReload.status).toBe(405);
    expect(onReload.headers.allow).toBe('POST');
    expect((await ask(house.port, 'DELETE', '/api/v1/incidents/7K')).status).toBe(405);
  });

  it('HEAD answers as GET does, without the body', async () => {
    const reply = await ask(house.port, 'HEAD', '/metrics');
    expect(reply.status).toBe(200);
    expect(reply.text).toBe('');
  });

  it('our own failure is told to the log, not to the client', async () => {
    house.metricsFail = true;
    const reply = await house.get('/metrics');
    expect(reply.status).toBe(500);
    expect(reply.text).not.toContain('no metrics today');
    expect(house.events).toEqual([
      { type: 'trouble', where: 'operator listener', what: 'no metrics today' },
    ]);
  });
});

describe('checks', () => {
  it('one that is down says why, since when and in which incident', async () => {
    expect((await house.get('/api/v1/checks/shop')).json).toEqual({
      availability: { '24h': null, '7d': null, '30d': null, '90d': null },
      id: 'shop',
      name: 'The shop',
      type: 'http',
      target: 'https://shop.example/',
      state: 'down',
      reason: 'status',
      detail: 'HTTP 503',
      since: '2026-01-05T04:12:00.000Z',
      lastProbeAt: '2026-01-05T04:12:00.000Z',
      tookMs: 12,
      nextProbeAt: '2026-01-05T04:12:30.000Z',
      incident: '7K',
      severity: 'major',
      page: 'on-call',
      dependsOn: [],
      tags: {},
      runbook: null,
      generation: 'g1',
      silence: null,
    });
  });

  it('one that was not looked at yet is unknown, and nothing is made up', async () => {
    expect((await house.get('/api/v1/checks/edge')).json).toMatchObject({
      state: 'unknown',
      reason: null,
      detail: null,
      since: null,
      lastProbeAt: null,
      tookMs: null,
      nextProbeAt: null,
      incident: null,
    });
  });

  it('one that is up has neither reason nor detail', async () => {
    house.board.checks.set('edge', stateOf('edge', { brief: 'HTTP 200' }));
    const { json } = await house.get('/api/v1/checks/edge');
    expect(json).toMatchObject({ state: 'up', reason: null, detail: null });
  });

  it('one that nobody looked at for two rounds and a timeout is not known, and says since when', async () => {
    house.board.checks.set('edge', stateOf('edge', { status: 'degraded', reason: 'slow' }));
    await house.clock.advance(65_000);
    expect((await house.get('/api/v1/checks/edge')).json).toMatchObject({ state: 'degraded' });
    await house.clock.advance(1);
    const since = '2026-01-05T04:12:00.000Z';
    expect((await house.get('/api/v1/checks/edge')).json).toMatchObject({
      state: 'unknown',
      reason: 'internal',
      detail: `stale: not looked at since ${since}`,
      lastProbeAt: since,
    });
    expect((await house.get('/api/v1/checks/shop')).json).toMatchObject({
      state: 'down',
      reason: 'status',
      detail: `HTTP 503; stale: not looked at since ${since}`,
    });
  });

  it('an unknown id is not found, with a guess at what was meant', async () => {
    const reply = await house.get('/api/v1/checks/shpo');
    expect(reply.status).toBe(404);
    expect(reply.json.detail).toBe('did you mean "shop"?');
    const far = await house.get('/api/v1/checks/zzzzzzzzz');
    expect(far.json.detail).toContain('GET /api/v1/checks');
  });

  it('come in pages, in the order of the file', async () => {
    const first = (await house.get('/api/v1/checks?limit=1')).json;
    expect(first.items.map(({ id }) => id)).toEqual(['shop']);
    const second = (await house.get(`/api/v1/checks?limit=1&cursor=${first.next}`)).json;
    expect(second.items.map(({ id }) => id)).toEqual(['edge']);
    expect(second.next).toBeNull();
    expect((await house.get('/api/v1/checks')).json.next).toBeNull();
  });

  it.each(['limit=0', 'limit=501', 'limit=1.5', 'limit=ten', 'limit=', 'cursor=', 'cursor=zz'])(
    'a wrong ?%s is an error, not a guess',
    async (query) => {
      const reply = await house.get(`/api/v1/checks?${query}`);
      expect(reply.status).toBe(400);
      expect(reply.headers['content-type']).toBe('application/problem+json');
    },
  );

  it('an unknown parameter is refused with what was meant', async () => {
    const reply = await house.get('/api/v1/checks?limt=5');
    expect(reply.status).toBe(400);
    expect(reply.json.problems).toEqual(['unknown key "limt": did you mean "limit"?']);
  });
});
