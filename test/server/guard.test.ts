import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOperator } from '../../src/server/operator.ts';
import { ask, boardOf, configOf, House, incidentOf, memberOf } from './house.ts';

let house: House;
let operator: ReturnType<typeof createOperator>;

beforeEach(async () => {
  house = new House();
  house.board = boardOf([incidentOf('7K')], [memberOf('incident-7K', 'shop')]);
  operator = await house.open();
});
afterEach(() => operator.stop());

const ACK = '/api/v1/incidents/7K/acknowledge';

describe('the operator listener answers only to its own names', () => {
  it.each(['127.0.0.1', '127.0.0.1:9110', 'localhost', 'LOCALHOST:1', '[::1]:9110', '10.0.0.7'])(
    'Host %s',
    async (host) => {
      expect((await house.get('/-/healthy', { host })).status).toBe(200);
    },
  );

  it.each(['tocsin.internal', 'tocsin.internal:9110', 'Tocsin.Internal'])(
    'Host %s, which is in listen.hosts',
    async (host) => {
      expect((await house.get('/-/healthy', { host })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'evil.example:9110',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'tocsin.internal.evil.example',
  ])('a rebound name is refused: %s', async (host) => {
    const reply = await house.get('/api/v1/checks', { host });
    expect(reply.status).toBe(421);
    expect(reply.json).toMatchObject({ status: 421, title: 'wrong host' });
  });

  it('a Host that is none is an error of the client', async () => {
    const socket = connect(house.port, '127.0.0.1');
    socket.end('GET /api/v1/checks HTTP/1.1\r\nHost: a b@evil/x\r\nConnection: close\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 4/);
    socket.destroy();
  });

  it('the name in an absolute request target does not stand in for the Host', async () => {
    const reply = await ask(house.port, 'GET', 'http://localhost/api/v1/checks', {
      host: 'evil.example',
    });
    expect(reply.status).toBe(421);
  });
});

describe('pages of other sites may not use it', () => {
  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'file://', 'x'])(
    'Origin %s is refused, for reading too',
    async (origin) => {
      expect((await house.post(ACK, { by: 'ana' }, { origin })).status).toBe(403);
      expect((await house.get('/api/v1/checks', { origin })).status).toBe(403);
      expect(house.inputs).toEqual([]);
    },
  );

  it('its own Origin passes', async () => {
    const origin = `http://127.0.0.1:${String(house.port)}`;
    expect((await house.post(ACK, { by: 'ana' }, { origin })).status).toBe(200);
  });

  it('a request from another site without an Origin is refused', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await house.get('/api/v1/checks', headers)).status).toBe(403);
    expect((await house.post(ACK, { by: 'ana' }, headers)).status).toBe(403);
  });

  it('a link that somebody follows opens a page, and changes nothing', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await house.get('/metrics', headers)).status).toBe(200);
    expect((await house.post(ACK, { by: 'ana' }, headers)).status).toBe(403);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'what a form can send is refused: %s',
    async (type) => {
      const reply = await house.post(ACK, { by: 'ana' }, { 'content-type': type });
      expect(reply.status).toBe(415);
      expect((await house.post('/-/reload', '', { 'content-type': type })).status).toBe(415);
      expect(house.inputs).toEqual([]);
    },
  );

  it('a charset beside application/json is fine', async () => {
    const type = { 'content-type': 'Application/JSON; charset=utf-8' };
    expect((await house.post(ACK, { by: 'ana' }, type)).status).toBe(200);
  });
});

describe('tokens', () => {
  beforeEach(() => {
    house.config = configOf([], { tokens: ['first-token', 'second-token'] });
  });

  it('guard the API and every POST, and say how to be let in', async () => {
    for (const path of ['/api/v1/checks', '/api/v1/incidents/7K', '/api/v1/nothing']) {
      const reply = await house.get(path);
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toBe('Bearer realm="tocsin"');
    }
    expect((await house.post('/-/reload', {})).status).toBe(401);
    expect((await house.post(ACK, { by: 'ana' })).status).toBe(401);
    expect((await ask(house.port, 'DELETE', '/metrics')).status).toBe(401);
    expect(house.inputs).toEqual([]);
  });

  it('leave metrics, health and readiness open', async () => {
    for (const path of ['/metrics', '/-/healthy', '/-/ready']) {
      expect((await house.get(path)).status).toBe(200);
    }
  });

  it.each(['Bearer first-token', 'bearer second-token'])('%s is let in', async (authorization) => {
    expect((await house.get('/api/v1/checks', { authorization })).status).toBe(200);
    expect((await house.post(ACK, { by: 'ana' }, { authorization })).status).toBe(200);
  });

  it.each(['Bearer', 'Bearer ', 'Bearer first', 'Basic first-token', 'Bearer first-token x'])(
    '%j is not',
    async (authorization) => {
      const reply = await house.get('/api/v1/checks', { authorization });
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toContain('error="invalid_token"');
      expect(reply.text).not.toContain('first');
    },
  );
});

describe('limits', () => {
  it('a body over 64 KiB is refused, whether its length is told or not', async () => {
    const text = 'x'.repeat(70_000);
    expect((await house.post(ACK, { by: 'ana', text })).status).toBe(413);
    const chunked = { 'transfer-encoding': 'chunked' };
    expect((await house.post(ACK, { by: 'ana', text }, chunked)).status).toBe(413);
    expect(house.inputs).toEqual([]);
  });

  it('a body whose length is not told is read all the same', async () => {
    const chunked = { 'transfer-encoding': 'chunked' };
    expect((await house.post(ACK, { by: 'ana' }, chunked)).status).toBe(200);
    expect((await house.post('/-/reload', '', chunked)).status).toBe(200);
  });

  it('a body that is announced as huge is answered before it is sent', async () => {
    const socket = connect(house.port, '127.0.0.1');
    socket.write(
      `POST ${ACK} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
        'Content-Length: 1000000000\r\n\r\n{',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 413');
    await once(socket.resume(), 'close');
  });

  it('headers over 16 KiB are refused', async () => {
    expect((await house.get('/metrics', { 'x-long': 'x'.repeat(20_000) })).status).toBe(431);
  });

  it('stopping lets an idle connection go at once', async () => {
    const socket = connect(house.port, '127.0.0.1');
    socket.write('GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'data');
    const closed = once(socket.resume(), 'close');
    await operator.stop();
    await closed;
  });

  it('stopping cuts off a request that does not end', async () => {
    const socket = connect(house.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`POST ${ACK} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`);
    socket.write('Content-Length: 100\r\n\r\n{');
    await once(socket, 'connect');
    expect((await house.get('/-/healthy')).status).toBe(200);
    const closed = once(socket.resume(), 'close');
    const stopped = operator.stop();
    await house.clock.advance(2_000);
    await stopped;
    await closed;
  });
});

describe('where it may listen', () => {
  it('not beyond loopback without tokens', async () => {
    const open = createOperator(house.parts);
    const refused = await open.start({ host: '0.0.0.0', port: 0 });
    expect(refused).toEqual({ refused: expect.stringContaining('api: { tokens:') });
    await open.stop();
  });

  it('says that a port is taken', async () => {
    const second = createOperator(house.parts);
    const refused = await second.start({ host: '127.0.0.1', port: house.port });
    expect(refused).toEqual({ refused: expect.stringContaining('is in use') });
    await second.stop();
  });

  it('beyond loopback it stays shut when a reload takes the last token away', async () => {
    house.config = configOf([], { tokens: ['only-token'] });
    const open = createOperator(house.parts);
    const started = await open.start({ host: '0.0.0.0', port: 0 });
    const port = 'port' in started ? started.port : 0;
    house.config = configOf([]);
    expect((await ask(port, 'GET', '/api/v1/checks')).status).toBe(401);
    expect((await ask(port, 'GET', '/metrics')).status).toBe(200);
    await open.stop();
  });
});
