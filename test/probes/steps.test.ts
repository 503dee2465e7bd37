import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { steps } from '../../src/probes/steps.ts';
import { closedPort, httpServer, httpsServer, pem, tcpServer } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const TOKEN = 'eyJhbGciOi.5ecret/+=';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (response: ServerResponse, asked: Asked) => void;

/** A shop by path; what it was asked is kept. */
async function shop(answers: Readonly<Record<string, Answer>>) {
  const asked: Asked[] = [];
  const port = await httpServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const { method, url, headers } = request;
      asked.push({ method, url, headers, body });
      const [path = ''] = (url ?? '').split('?');
      const answer = answers[path];
      if (answer) answer(response, asked.at(-1)!);
      else response.writeHead(404).end();
    });
  });
  return { asked, at: (path: string) => `http://127.0.0.1:${port}${path}` };
}

const says =
  (body: unknown, headers: Record<string, string | string[]> = {}, status = 200): Answer =>
  (response) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));

const login = says({ access_token: TOKEN, expires: 3_600 });
const basket: Answer = (response, { headers }) => {
  const isKnown = headers.authorization === `Bearer ${TOKEN}`;
  response.writeHead(isKnown ? 200 : 401).end('{"items":[]}');
};

describe('log in, then look', () => {
  test('a token is carried from the answer of one step to the request of the next', async () => {
    const { asked, at } = await shop({ '/login': login, '/basket': basket });
    const { unmet, findings } = await look(steps, {
      steps: [
        {
          http: at('/login'),
          json: { user: 'probe', password: 'pw' },
          expect: { status: 200 },
          take: { token: { json: '$.access_token' } },
        },
        {
          http: at('/basket'),
          headers: { authorization: 'Bearer ${take:token}' },
          expect: { json: { '$.items': [] } },
        },
      ],
    });
    expect(unmet).toEqual([]);
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /login',
      'GET /basket',
    ]);
    expect(findings.map(({ expectation, seen }) => `${expectation}: ${seen}`)).toEqual([
      expect.stringMatching(/^step 1 connect: POST \/login: HTTP 1.1 from 127.0.0.1 in \d+ms$/),
      'step 1 status: 200',
      'step 1 take: taken',
      expect.stringMatching(/^step 2 connect: GET \/basket: HTTP 1.1 from /),
      'step 2 status: 200',
      'step 2 json: []',
    ]);
  });

  test('a form with a token of its page, and the cookie of the session', async () => {
    const { asked, at } = await shop({
      '/login': says('<input name="csrf" value="a+b/c=">', {
        'set-cookie': [
          'sid=s3ss10n-id; Path=/; HttpOnly',
          'lang=en; Expires=Wed, 01 Jan 2031 00:00:00 GMT',
        ],
      }),
      '/enter': says('', { location: '/home', 'set-cookie': 'sid=n3w-s3ss10n; Secure' }, 303),
      '/home': says('Welcome, probe'),
    });
    const { unmet } = await look(steps, {
      steps: [
        { http: at('/login'), take: { csrf: { matches: 'name="csrf" value="([^"]+)"' } } },
        {
          http: at('/enter'),
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: 'user=probe&csrf=${take:csrf}',
          expect: { body: { contains: 'Welcome' } },
        },
      ],
    });
    expect(unmet).toEqual([]);
    expect(asked.map(({ url, headers }) => [url, headers.cookie])).toEqual([
      ['/login', undefined],
      ['/enter', 'sid=s3ss10n-id; lang=en'],
      ['/home', 'lang=en; sid=n3w-s3ss10n'],
    ]);
    expect(asked[1]?.body).toBe('user=probe&csrf=a%2Bb%2Fc%3D');
  });

  test.each([
    ['json', { json: '$.id' }, '7'],
    ['header', { header: 'X-Id' }, 'h 8'],
    ['cookie', { cookie: 'id' }, 'c9'],
    ['matches, by its group', { matches: '"id":(\\d+)' }, '7'],
    ['matches, without a group', { matches: '"id":\\d+' }, '"id":7'],
  ])('takes by %s', async (_how, by, value) => {
    const { asked, at } = await shop({
      '/': says('{"id":7}', { 'x-id': 'h 8', 'set-cookie': 'id=c9' }),
      '/order': says('ok'),
    });
    const { unmet } = await look(steps, {
      steps: [
        { http: at('/'), take: { id: by } },
        { http: at('/order?id=${take:id}'), json: { nested: [{ id: '${take:id}!' }] } },
      ],
    });
    expect(unmet).toEqual([]);
    expect(new URL(asked[1]?.url ?? '', 'http://x').searchParams.get('id')).toBe(value);
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({ nested: [{ id: `${value}!` }] });
  });

  test('a token as bearer, and a password as basic, that nothing shows', async () => {
    const { asked, at } = await shop({
      '/login': login,
      '/basket': says('Basic cHJvYmU6aHVzaGh1c2g='),
    });
    const { unmet } = await look(steps, {
      steps: [
        {
          http: at('/login'),
          basic: { user: 'probe', password: 'hushhush' },
          take: { token: { json: '$.access_token' } },
        },
        { http: at('/basket'), bearer: '${take:token}' },
        {
          http: at('/basket'),
          basic: { user: 'probe', password: 'hushhush' },
          expect: { body: { contains: 'x' } },
        },
      ],
    });
    expect(unmet).toMatchObject([{ expectation: 'step 3 body', seen: 'Basic ***' }]);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([
      'Basic cHJvYmU6aHVzaGh1c2g=',
      `Bearer ${TOKEN}`,
      'Basic cHJvYmU6aHVzaGh1c2g=',
    ]);
  });

  test('a value becomes no structure: not in a URL, not in JSON', async () => {
    const { asked, at } = await shop({ '/': says({ id: '../x?a=b#"c' }), '/o': says('ok') });
    await look(steps, {
      steps: [
        { http: at('/'), take: { id: { json: '$.id' } } },
        { http: at('/o?x=${take:id}'), json: { id: '${take:id}' } },
      ],
    });
    expect(asked[1]?.url).toBe('/o?x=..%2Fx%3Fa%3Db%23%22c');
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({ id: '../x?a=b#"c' });
  });
});

describe('a step that is not as expected ends the look', () => {
  const taking = (at: (path: string) => string, more: object = {}) => ({
    steps: [
      { http: at('/login'), method: 'POST', take: { token: { json: '$.access_token' } }, ...more },
      { http: at('/basket'), headers: { authorization: 'Bearer ${take:token}' } },
    ],
  });

  test('and is named, by number, method and path', async () => {
    const { at } = await shop({ '/login': login, '/basket': says('', {}, 503) });
    const { unmet } = await look(steps, taking(at));
    expect(unmet).toMatchObject([
      {
        expectation: 'step 2 status',
        reason: 'status',
        brief: 'step 2, GET /basket: HTTP 503',
      },
    ]);
  });

  test('so that nothing is sent after it', async () => {
    const { asked, at } = await shop({ '/login': says('', {}, 500), '/basket': basket });
    const { unmet } = await look(steps, taking(at));
    expect(unmet[0]).toMatchObject({ brief: 'step 1, POST /login: HTTP 500' });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['HTML instead of JSON', says('<html>Sign in</html>'), '$.access_token is missing'],
    ['no token', says({ error: 'locked' }), '$.access_token is missing'],
    ['an empty one', says({ access_token: '' }), '$.access_token is missing'],
    ['null', says({ access_token: null }), '$.access_token is missing'],
    ['a list', says({ access_token: ['a'] }), '$.access_token is missing'],
    [
      'line breaks in it',
      says({ access_token: 'a\r\nx-admin: 1' }),
      '$.access_token has control characters',
    ],
    [
      'one of 9 KiB',
      says({ access_token: 'x'.repeat(9_000) }),
      '$.access_token is longer than 8 KiB',
    ],
  ])('a login that answers 200 with %s', async (_what, answer, why) => {
    const { asked, at } = await shop({ '/login': answer, '/basket': basket });
    const { unmet } = await look(steps, taking(at));
    expect(unmet).toMatchObject([
      {
        expectation: 'step 1 take',
        reason: 'json',
        expected: 'token from $.access_token',
        brief: `step 1, POST /login: ${why}`,
      },
    ]);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['header', { header: 'x-token' }, 'header', 'x-token is missing'],
    ['cookie', { cookie: 'sid' }, 'header', 'sid is missing'],
    ['match', { matches: 'token=(\\w+)' }, 'body', 'the match is missing'],
  ])('a missing %s', async (_what, by, reason, why) => {
    const { at } = await shop({ '/login': says('') });
    const { unmet } = await look(steps, taking(at, { take: { token: by } }));
    expect(unmet).toMatchObject([{ reason, brief: `step 1, POST /login: ${why}` }]);
  });

  test('a value that no header can hold is sent nowhere', async () => {
    const { asked, at } = await shop({ '/login': says({ access_token: 'tökén→' }) });
    const { unmet } = await look(steps, taking(at));
    expect(unmet).toMatchObject([
      { reason: 'header', seen: 'GET /basket: a taken value cannot stand in a header' },
    ]);
    expect(asked).toHaveLength(1);
  });

  test('a loop of redirects in the second step', async () => {
    const { at } = await shop({
      '/login': login,
      '/basket': says('', { location: '/login2' }, 302),
      '/login2': says('', { location: '/basket' }, 302),
    });
    const { unmet, gauges } = await look(steps, taking(at));
    expect(unmet).toMatchObject([
      { reason: 'redirect', brief: 'step 2, GET /basket: redirect loop' },
    ]);
    expect(gauges).toMatchObject({ probe_http_redirects: 1 });
  });

  test('a port that refuses in the second step', async () => {
    const { at } = await shop({ '/login': login });
    const port = await closedPort();
    const second = { http: `http://127.0.0.1:${port}/basket` };
    const { unmet } = await look(steps, { steps: [{ http: at('/login') }, second] });
    expect(unmet).toMatchObject([
      { reason: 'refused', brief: 'step 2, GET /basket: connection refused' },
    ]);
  });
});

describe('secrets', () => {
  test('what was taken, and cookies, are in no finding and no fact, whatever echoes them', async () => {
    const { at } = await shop({
      '/login': says(
        { access_token: TOKEN },
        { 'set-cookie': 'sid=s3ss10n-id', 'x-t': 'h34der-t' },
      ),
      '/basket': says(
        `no ${TOKEN} s3ss10n-id h34der-t ${JSON.stringify(TOKEN)} ${encodeURIComponent(TOKEN)}`,
        { 'x-echo': `${TOKEN} s3ss10n-id` },
      ),
    });
    const { findings, facts } = await look(steps, {
      steps: [
        {
          http: at('/login'),
          expect: { json: { '$.access_token': TOKEN }, body: { contains: '{' } },
          take: { token: { json: '$.access_token' }, other: { header: 'x-t' } },
        },
        {
          http: at('/basket?token=${take:token}'),
          expect: { body: { contains: 'basket' }, header: { 'x-echo': 'nothing' } },
        },
      ],
    });
    expect(findings.filter(({ met }) => !met)).toHaveLength(2);
    const seen = findings.map((each) => ({ ...each, expected: '' }));
    const told = JSON.stringify([seen, facts]);
    expect(told).not.toMatch(/5ecret|s3ss10n|h34der/);
    expect(told).toContain('***');
  });

  test('cookies go to the origin that set them, and to no other', async () => {
    const other = await shop({ '/': says('ok') });
    const { at } = await shop({
      '/': says(
        '',
        { 'set-cookie': 'sid=s3ss10n-id; Domain=127.0.0.1', location: other.at('/') },
        302,
      ),
    });
    const { unmet } = await look(steps, { steps: [{ http: at('/') }, { http: other.at('/') }] });
    expect(unmet).toEqual([]);
    expect(other.asked.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
  });
});

describe('one deadline for all', () => {
  test('a first step that takes all of it leaves nothing for the second', async () => {
    const clock = new VirtualClock(NOON);
    const opened = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => socket.once('data', () => opened.resolve(socket)));
    const second = await shop({ '/': says('ok') });
    const written = { steps: [{ http: `http://127.0.0.1:${port}/` }, { http: second.at('/') }] };
    const looked = look(steps, written, { clock });
    const socket = await opened.promise;
    clock.hold(5_000);
    socket.end('HTTP/1.1 200 OK\r\n\r\n');
    expect((await looked).unmet).toMatchObject([
      { reason: 'timeout', brief: 'step 2, GET /: no time left: the steps before took 5s' },
    ]);
    expect(second.asked).toEqual([]);
  });

  test('a second step gets what the first has left', async () => {
    const clock = new VirtualClock(NOON);
    const opened: PromiseWithResolvers<Socket>[] = [0, 1].map(() => Promise.withResolvers());
    let count = 0;
    const port = await tcpServer((socket) => {
      socket.once('data', () => opened[count++]?.resolve(socket));
    });
    const http = `http://127.0.0.1:${port}/`;
    const looked = look(steps, { steps: [{ http }, { http }] }, { clock });
    const first = await opened[0]!.promise;
    await clock.advance(3_000);
    first.end('HTTP/1.1 200 OK\r\n\r\n');
    await opened[1]!.promise;
    await clock.advance(2_000);
    expect((await looked).unmet).toMatchObject([
      { reason: 'timeout', brief: 'step 2, GET /: no answer in 2s' },
    ]);
    expect(clock.pending()).toBe(0);
  });

  test('time is of all steps together', async () => {
    const clock = new VirtualClock(NOON);
    const { at } = await shop({
      '/': (response) => {
        clock.hold(600);
        response.end('ok');
      },
    });
    const written = { expect: { time: '3s' }, warn: { time: '1s' } };
    const { unmet, gauges } = await look(
      steps,
      { steps: [{ http: at('/') }, { http: at('/') }], ...written },
      { clock },
    );
    expect(unmet).toMatchObject([{ expectation: 'time', level: 'warn', brief: 'took 1.2s' }]);
    expect(gauges).toMatchObject({ 'probe_http_duration_seconds processing': 1.2 });
  });

  test('the certificate is the one that ends first', async () => {
    const over = async (certificate: 'good' | 'expired') => {
      const port = await httpsServer(certificate, (_request, response) => response.end('ok'));
      return { http: `https://localhost:${port}/`, tls: { ca: pem('ca.pem'), verify: false } };
    };
    const written = {
      steps: [await over('good'), await over('expired'), await over('good')],
      warn: { certificate: '14d' },
    };
    const { unmet, gauges } = await look(steps, written, { clock: new VirtualClock(NOON) });
    expect(unmet).toMatchObject([{ expectation: 'certificate', level: 'warn' }]);
    expect(unmet[0]?.brief).toMatch(/^certificate expired/);
    expect(gauges['probe_ssl_earliest_cert_expiry']).toBeLessThan(NOON / 1_000);
  });
});

test('facts stay small with ten steps that fail to say little', async () => {
  const { at } = await shop({ '/': says('x'.repeat(60_000)) });
  const step = { http: at('/'), expect: { body: { contains: 'x' } } };
  const { facts, unmet } = await look(steps, { steps: Array.from({ length: 10 }, () => step) });
  expect(unmet).toEqual([]);
  expect(JSON.stringify(facts).length).toBeLessThan(8_192);
});
